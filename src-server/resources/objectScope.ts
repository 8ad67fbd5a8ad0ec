import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { namespaceFor, orgOfNamespace } from '#shared/kind/names';
import { isPlainObject } from '#shared/kind/paths';
import type { ObjectKey } from '../store/store';

/** Where the store keeps the object of this kind and name. */
export function keyOf(kind: AnyKind, org: string, name: string): ObjectKey {
  return { plural: kind.names.plural, namespace: namespaceFor(kind, org), name };
}

/**
 * The organization that an object belongs to. A platform object belongs to the one that its `spec.organizationRef` names; without
 * one it is the organization of its own name.
 */
export function organizationOf(kind: AnyKind, object: Pick<KradleObject, 'metadata' | 'spec'>): string {
  if (kind.placement === 'org') return orgOfNamespace(object.metadata.namespace) ?? '';
  const named = isPlainObject(object.spec) ? object.spec.organizationRef : undefined;
  return typeof named === 'string' && named !== '' ? named : object.metadata.name;
}

/** `Kind/namespace/name`, as errors name an object. */
export function describeObject(kind: AnyKind, key: ObjectKey): string {
  return `${kind.names.kind}/${key.namespace}/${key.name}`;
}
