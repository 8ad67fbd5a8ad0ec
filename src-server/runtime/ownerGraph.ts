import type { KradleObject } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import { isPropagationFinalizer } from '../resources/metadata';
import { organizationOf } from '../resources/objectScope';
import type { ObjectSink } from './reflector';

/** An object that others own, as far as the graph knows it. */
export interface Dependent {
  /** `plural/org/name`. */
  readonly key: string;
  readonly owners: readonly { readonly uid: string; readonly blocks: boolean }[];
}

/**
 * Which object owns which, over all kinds. It holds the objects that have owners, and those whose deletion waits for what they own; of
 * all others nothing, so that its size is that of the relations and not that of the store.
 */
export interface OwnerGraph extends ObjectSink {
  readonly size: number;
  /** The objects that name `uid` as an owner. */
  dependentsOf(uid: string): readonly Dependent[];
}

/** `enqueue` is told the key of each object that may have to go, or may go on. */
export function createOwnerGraph(opts: { kinds: KindRegistry; enqueue: (key: string) => void }): OwnerGraph {
  const { kinds, enqueue } = opts;
  let dependents = new Map<string, Dependent>();
  /** Keys by the uid of their owner. */
  let byOwner = new Map<string, Set<string>>();
  /** Keys of the objects whose deletion waits for what they own, by their uid. */
  let waiting = new Map<string, string>();

  function keyOf(object: KradleObject): string | undefined {
    const kind = kinds.find(object.kind);
    return kind && `${kind.names.plural}/${organizationOf(kind, object)}/${object.metadata.name}`;
  }

  function add(key: string, object: KradleObject): void {
    const { uid, ownerReferences = [] } = object.metadata;
    if (isWaiting(object)) waiting.set(uid, key);
    if (ownerReferences.length === 0) return;
    dependents.set(key, { key, owners: ownerReferences.map((owner) => ({ uid: owner.uid, blocks: owner.blockOwnerDeletion === true })) });
    for (const owner of ownerReferences) {
      const keys = byOwner.get(owner.uid);
      if (keys === undefined) byOwner.set(owner.uid, new Set([key]));
      else keys.add(key);
    }
  }

  function remove(key: string, uid: string): Dependent | undefined {
    waiting.delete(uid);
    const known = dependents.get(key);
    if (known === undefined) return undefined;
    dependents.delete(key);
    for (const owner of known.owners) {
      const keys = byOwner.get(owner.uid);
      keys?.delete(key);
      if (keys?.size === 0) byOwner.delete(owner.uid);
    }
    return known;
  }

  const dependentsOf = (uid: string): Dependent[] => [...(byOwner.get(uid) ?? [])].flatMap((key) => dependents.get(key) ?? []);

  return {
    dependentsOf,
    get size() {
      return dependents.size;
    },
    beginList() {
      const listed: { key: string; object: KradleObject }[] = [];
      return {
        add(object) {
          const key = keyOf(object);
          // The rest of the object is let go at once: a list may be long.
          if (key !== undefined && (object.metadata.ownerReferences !== undefined || isWaiting(object))) listed.push({ key, object: relationsOf(object) });
        },
        done() {
          dependents = new Map();
          byOwner = new Map();
          waiting = new Map();
          for (const { key, object } of listed) add(key, object);
          // Owners may have gone while nobody looked.
          for (const { key } of listed) enqueue(key);
        },
      };
    },
    apply(type, object) {
      const key = keyOf(object);
      if (key === undefined) return;
      const { uid } = object.metadata;
      const before = remove(key, uid);
      if (type !== 'DELETED') add(key, object);
      else for (const dependent of dependentsOf(uid)) enqueue(dependent.key);
      const after = dependents.get(key);
      if (isWaiting(object) || (after !== undefined && !sameOwners(before, after))) enqueue(key);
      // An owner that waits may have waited for this one.
      for (const owner of before?.owners ?? []) {
        const waits = waiting.get(owner.uid);
        if (waits !== undefined) enqueue(waits);
      }
    },
  };
}

function isWaiting({ metadata }: KradleObject): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.some(isPropagationFinalizer) === true;
}

function relationsOf(object: KradleObject): KradleObject {
  const { annotations: _annotations, labels: _labels, managedFields: _managedFields, ...metadata } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, metadata, spec: {} };
}

function sameOwners(a: Dependent | undefined, b: Dependent): boolean {
  return a !== undefined && a.owners.length === b.owners.length && a.owners.every((owner, index) => owner.uid === b.owners[index]?.uid && owner.blocks === b.owners[index].blocks);
}
