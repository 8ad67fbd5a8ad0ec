import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { orgNamespace } from '#shared/kind/names';
import { ORG_LABEL, PLATFORM_NAMESPACE, type ObjectMeta } from '#shared/kind/objectMeta';
import { matchesFields, matchesLabels, parseFieldSelector, parseLabelSelector } from '#shared/kind/selectors';
import type { ResourceClient, TypedEvent } from '../../../resources/resourceClient';
import type { KubeObject, ObjectSource, ObjectView } from './kubeObject';

/** A namespace, derived from the organization that it belongs to. */
export interface KubeNamespaceObject extends KubeObject {
  readonly spec: { readonly finalizers: readonly string[] };
  readonly status: { readonly phase: 'Active' | 'Terminating' };
}

export const NAMESPACE_VIEW: ObjectView = {
  apiVersion: 'v1',
  kindName: 'Namespace',
  columns: [
    { name: 'Status', path: 'status.phase', type: 'phase', description: 'Active, or Terminating while its organization is being deleted.' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
};

/** The namespace of the platform kinds. It is there before any organization, and nothing changes in it. */
const PLATFORM: KubeNamespaceObject = toNamespace(PLATFORM_NAMESPACE, { uid: '00000000-0000-4000-8000-000000000000', resourceVersion: '1', creationTimestamp: '' }, undefined);

/** Every namespace that the client's actor may see: one for each organization, and the platform's, which sorts behind them. */
export function namespaceSource(resources: ResourceClient, organization: AnyKind, selectors: { labelSelector?: string; fieldSelector?: string }): ObjectSource {
  const labels = parseLabelSelector(selectors.labelSelector ?? '');
  const fields = parseFieldSelector(selectors.fieldSelector ?? '');
  const matches = (namespace: KubeNamespaceObject): boolean => matchesLabels(labels, namespace.metadata.labels) && matchesFields(fields, namespace);
  return {
    async page(query) {
      const { items, metadata } = await resources.list(organization, { org: '*', ...query });
      const namespaces = items.map(namespaceOf);
      if (metadata.continue === undefined) namespaces.push(PLATFORM);
      // What is left is counted in organizations, of which the selectors know nothing.
      const { remainingItemCount: _organizations, ...place } = metadata;
      return { items: namespaces.filter(matches), metadata: place };
    },
    watch: (query) => derivedEvents(resources.watch(organization, { org: '*', ...query }), matches),
  };
}

/** The namespace of that name. Undefined when there is none, or when the actor may not see its organization. */
export async function findNamespace(resources: ResourceClient, organization: AnyKind, name: string): Promise<KubeNamespaceObject | undefined> {
  if (name === PLATFORM_NAMESPACE) return PLATFORM;
  const org = name.startsWith(orgNamespace('')) ? name.slice(orgNamespace('').length) : '';
  const found = org === '' ? undefined : await resources.find(organization, { org, name: org });
  return found === undefined ? undefined : namespaceOf(found);
}

async function* derivedEvents(events: AsyncIterable<TypedEvent<KradleObject>>, matches: (namespace: KubeNamespaceObject) => boolean): AsyncGenerator<TypedEvent<KubeObject>> {
  for await (const { type, resourceVersion, object } of events) {
    if (object === undefined) {
      yield { type, resourceVersion };
      continue;
    }
    const namespace = namespaceOf(object);
    if (matches(namespace)) yield { type, resourceVersion, object: namespace };
    // It may have matched before; who never heard of it has nothing to delete.
    else if (type === 'MODIFIED') yield { type: 'DELETED', resourceVersion, object: namespace };
  }
}

function namespaceOf(organization: KradleObject): KubeNamespaceObject {
  const { name } = organization.metadata;
  return toNamespace(orgNamespace(name), organization.metadata, name);
}

function toNamespace(name: string, from: Pick<ObjectMeta, 'uid' | 'resourceVersion' | 'creationTimestamp' | 'deletionTimestamp'>, org: string | undefined): KubeNamespaceObject {
  const { uid, resourceVersion, creationTimestamp, deletionTimestamp } = from;
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name, uid, resourceVersion,
      ...(creationTimestamp === '' ? {} : { creationTimestamp }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      labels: { 'kubernetes.io/metadata.name': name, ...(org === undefined ? {} : { [ORG_LABEL]: org }) },
    },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: deletionTimestamp === undefined ? 'Active' : 'Terminating' },
  };
}
