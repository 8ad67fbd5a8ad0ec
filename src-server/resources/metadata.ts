import type { AnyKind } from '#shared/kind/defineKind';
import { ORG_LABEL, type ObjectMeta, type ObjectMetaInput } from '#shared/kind/objectMeta';
import { ORGANIZATION_FINALIZER } from './organizationScope';
import type { DeleteOptions } from './resourceClient';

/** Holds an object that is being deleted until the objects which block its deletion are gone. Source: Kubernetes. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion';
/** Holds an object that is being deleted until the objects that it owns have it as an owner no more. Source: Kubernetes. */
export const ORPHAN_FINALIZER = 'orphan';

/** Whether a finalizer says what becomes of the objects that a deleted one owns. */
export function isPropagationFinalizer(finalizer: string): boolean {
  return finalizer === FOREGROUND_FINALIZER || finalizer === ORPHAN_FINALIZER;
}

/** What a client may say of an object's metadata; the rest is the server's. */
export type GivenMetadata = Pick<ObjectMetaInput, 'labels' | 'annotations' | 'ownerReferences' | 'finalizers' | 'generateName'> & { name: string; namespace: string };

/** Metadata of a new object. Its resourceVersion is the store's to give. */
export function createdMetadata(kind: AnyKind, org: string, opts: { given: GivenMetadata; uid: string; now: string; organization: AnyKind }): ObjectMeta {
  const { given } = opts;
  const ownFinalizers = kind.names.kind === opts.organization.names.kind ? [ORGANIZATION_FINALIZER] : [];
  return withoutAbsent({
    name: given.name,
    namespace: given.namespace,
    generateName: given.generateName,
    uid: opts.uid,
    resourceVersion: '',
    generation: 1,
    creationTimestamp: opts.now,
    labels: labelsOf(kind, org, given.labels),
    annotations: given.annotations,
    ownerReferences: given.ownerReferences,
    finalizers: given.finalizers === undefined ? ownFinalizers : [...new Set([...given.finalizers, ...ownFinalizers])],
  });
}

/**
 * Metadata after a replacement: labels and annotations are the client's. Finalizers and owners, which belong to controllers, stay
 * unless the client says otherwise. On an object that is being deleted, finalizers may only go.
 */
export function updatedMetadata(kind: AnyKind, org: string, opts: { current: ObjectMeta; given: GivenMetadata }): ObjectMeta {
  const { current, given } = opts;
  const finalizers = given.finalizers ?? current.finalizers;
  return withoutAbsent({
    ...current,
    labels: labelsOf(kind, org, given.labels),
    annotations: given.annotations,
    ownerReferences: given.ownerReferences ?? current.ownerReferences,
    finalizers: current.deletionTimestamp === undefined ? finalizers : finalizers?.filter((finalizer) => current.finalizers?.includes(finalizer)),
  });
}

/** Metadata with the finalizer that makes the garbage collector carry out a propagation policy; what is there stays when none is named. */
export function withPropagation(current: ObjectMeta, propagation: DeleteOptions['propagation']): ObjectMeta {
  if (propagation === undefined) return current;
  const others = (current.finalizers ?? []).filter((finalizer) => !isPropagationFinalizer(finalizer));
  const added = propagation === 'foreground' ? [FOREGROUND_FINALIZER] : propagation === 'orphan' ? [ORPHAN_FINALIZER] : [];
  return withoutAbsent({ ...current, finalizers: [...others, ...added] });
}

function labelsOf(kind: AnyKind, org: string, given: Record<string, string> | undefined): Record<string, string> | undefined {
  if (kind.placement !== 'org') return given;
  // In front, because adding a key to what was spread takes V8 several times as long; and once more, because the client may have said another.
  const labels: Record<string, string> = { [ORG_LABEL]: org, ...given };
  labels[ORG_LABEL] = org;
  return labels;
}

/** An absent key and one that holds undefined are the same object; only one of the two is stored. Empty lists are absent, too. */
function withoutAbsent(metadata: { [K in keyof ObjectMeta]: ObjectMeta[K] | undefined } & ObjectMeta): ObjectMeta {
  const present: Record<string, unknown> = {};
  for (const key in metadata) {
    const value = metadata[key as keyof ObjectMeta];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) present[key] = value;
  }
  return present as ObjectMeta;
}
