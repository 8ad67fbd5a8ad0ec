import { kindCrd } from '#shared/kind/crd';
import { kubernetesSchema } from './kubernetesSchemas';
import { API_VERSION_FIELD, KIND_FIELD, metaReference } from './metaSchemas';
import type { GroupVersionKind, OpenApiSchema } from './openApiSchema';
import type { ServedResource, ServedVersion } from '../servedVersions';

/**
 * The schema of a resource, and that of its list, by name. `base` is where the document keeps its schemas, Kubernetes' own types among
 * them.
 */
export function resourceSchemas(resource: ServedResource, version: ServedVersion, base: string): Record<string, OpenApiSchema> {
  const gvk = gvkOf(resource, version);
  return {
    [schemaName(gvk)]: { ...objectSchema(resource, gvk, base), 'x-kubernetes-group-version-kind': [gvk] },
    ...(resource.verbs.includes('list') ? { [listName(gvk)]: listSchema(gvk, base) } : {}),
  };
}

/** Which objects a resource has. */
export function gvkOf(resource: ServedResource, { group, version }: ServedVersion): GroupVersionKind {
  return { group, version, kind: resource.kindName };
}

/** `ai.a5c.kradle.v1alpha1.AgentStack`; Kubernetes' own kinds have the names that they have there. */
export function schemaName({ group, version, kind }: GroupVersionKind): string {
  if (group === '') return `io.k8s.api.core.${version}.${kind}`;
  if (group.endsWith('.k8s.io')) return `io.k8s.api.${group.slice(0, -'.k8s.io'.length)}.${version}.${kind}`;
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

/** Name of the schema of a list of these objects. */
export function listName(gvk: GroupVersionKind): string {
  return `${schemaName(gvk)}List`;
}

function objectSchema(resource: ServedResource, gvk: GroupVersionKind, base: string): OpenApiSchema {
  if (resource.resource === undefined) return kubernetesSchema(gvk, base);
  const [served] = kindCrd(resource.resource.kind).spec.versions;
  const schema: OpenApiSchema = served?.schema.openAPIV3Schema ?? {};
  const metadata = metaReference(base, 'ObjectMeta', 'Name, namespace, labels, annotations and owners.');
  return { ...schema, properties: { ...schema.properties, ...(schema.properties?.spec === undefined ? {} : { spec: withoutPlaced(schema.properties.spec) }), apiVersion: API_VERSION_FIELD, kind: KIND_FIELD, metadata } };
}

/** Who writes an object need not say whose it is: its namespace does. */
function withoutPlaced(spec: OpenApiSchema): OpenApiSchema {
  const { required = [], ...rest } = spec;
  const left = required.filter((field) => field !== 'organizationRef');
  return left.length === 0 ? rest : { ...rest, required: left };
}

function listSchema(gvk: GroupVersionKind, base: string): OpenApiSchema {
  return {
    type: 'object',
    description: `A list of ${gvk.kind} objects.`,
    required: ['items'],
    properties: {
      apiVersion: API_VERSION_FIELD,
      items: { type: 'array', description: 'The objects.', items: { $ref: base + schemaName(gvk) } },
      kind: KIND_FIELD,
      metadata: metaReference(base, 'ListMeta', 'Version of the list, and how it goes on.'),
    },
    'x-kubernetes-group-version-kind': [{ ...gvk, kind: `${gvk.kind}List` }],
  };
}
