import { z } from 'zod';
import { defineKind } from '#shared/kind/defineKind';
import { organizationRef } from '#shared/kind/fields';

/**
 * Settings of an organization that are no secrets. Internal only in that the kinds of Kubernetes' core group have a form of their own,
 * without a spec: the verbs of this domain and the Kubernetes door serve it.
 */
export const ConfigMap = defineKind({
  names: { kind: 'ConfigMap', plural: 'configmaps', singular: 'configmap', shortNames: ['cm'], title: 'Config maps' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Settings that are no secret',
  spec: () => z.object({
    organizationRef,
    data: z.record(z.string(), z.string()).default({}),
    /** Values that are no text, in base64. */
    binaryData: z.record(z.string(), z.string()).default({}),
    immutable: z.boolean().default(false),
  }),
  status: () => z.object({}),
  columns: [{ name: 'Age', path: 'metadata.creationTimestamp', type: 'age' }],
  authored: false,
});
