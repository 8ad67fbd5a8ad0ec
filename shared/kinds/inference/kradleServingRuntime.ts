import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectName, organizationRef } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';
import { computeResources, resourcesWithText } from './containerFields';

const keyOf = (what: string) => z.object({ name: objectName.describe(`Name of the ${what}.`), key: z.string().min(1).max(253), optional: z.boolean().optional() });

/** A container, as far as a serving runtime needs it. Source: seeds, 003 section 9.2; field names are Kubernetes' own. */
const container = z.object({
  name: z.string().max(63).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be lower case letters, digits and "-"').optional().describe('Left out, the first one is kserve-container.'),
  image: z.string().min(1).max(1024).describe('Image with its tag or digest: kserve/sklearnserver:v0.15.0.'),
  command: z.array(z.string().max(4096)).max(100).optional(),
  args: z.array(z.string().max(4096)).max(200).optional(),
  workingDir: z.string().max(1024).optional(),
  env: z.array(z.object({
    name: z.string().max(253).regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'must be a name such as MODEL_NAME'),
    value: z.string().max(32_768).optional().describe('The value; what is secret goes into a Secret, by valueFrom.'),
    valueFrom: z.object({ secretKeyRef: keyOf('Secret').optional(), configMapKeyRef: keyOf('ConfigMap').optional() }).optional(),
  })).max(200).optional(),
  ports: z.array(z.object({
    name: z.string().max(63).optional(),
    containerPort: z.number().int().min(1).max(65_535),
    protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
  })).max(50).optional(),
  resources: computeResources.optional(),
});

/** Source: seeds, 003 section 9.2. Rules between fields: `inferenceStrategies.ts`. */
export const KradleServingRuntime = defineKind({
  names: { kind: 'KradleServingRuntime', plural: 'kradleservingruntimes', singular: 'kradleservingruntime', shortNames: ['ksr'], title: 'Serving runtimes' },
  context: 'inference',
  storage: 'config',
  placement: 'org',
  purpose: 'Containers that serve models of given formats, carried out as a KServe ServingRuntime in cluster mode',
  upgrade: (spec) => (Array.isArray(spec.containers) ? { ...spec, containers: spec.containers.map(withTextResources) } : { ...spec }),
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    supportedModelFormats: z.array(z.object({
      name: z.string().min(1).max(63).describe('Model format: sklearn, pytorch, huggingface.'),
      version: z.string().max(63).optional().describe('Version of the format; absent means every version.'),
      autoSelect: z.boolean().optional().describe('Serves models of this format that name no runtime.'),
    })).min(1).max(50).describe('Formats of models that it can serve.'),
    containers: z.array(container).min(1).max(10).describe('The first one answers requests.'),
    multiModel: z.boolean().default(false).describe('One pod serves several models.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Ready', 'Failed']).optional(),
    message: z.string().optional().describe('Why the phase is what it is.'),
  }),
  columns: [
    { name: 'Formats', path: 'spec.supportedModelFormats[].name', type: 'string' },
    { name: 'Image', path: 'spec.containers[].image', type: 'string' },
    { name: 'Multi model', path: 'spec.multiModel', type: 'boolean', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  search: ['spec.displayName'],
});

function withTextResources(value: unknown): unknown {
  return isPlainObject(value) && value.resources !== undefined ? { ...value, resources: resourcesWithText(value.resources) } : value;
}
