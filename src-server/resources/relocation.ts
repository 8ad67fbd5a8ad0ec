import { isStatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import type { Store } from '../store/store';
import type { ObjectRef } from './resourceClient';
import { keyOf } from './objectScope';

/**
 * Moves objects to other names and organizations as they are: with their status, their age and their uid. Names are identity here and
 * fields may not change, so no other write can do it. Nothing is admitted, authorized or recorded: that is the verb's, which asks first.
 *
 * An object is at its new place before it leaves the old one, so that a crash between the two loses nothing; the uid tells that both
 * are one.
 */
export interface Relocation {
  readonly kinds: KindRegistry;
  find(kind: AnyKind, ref: ObjectRef): Promise<KradleObject | undefined>;
  /** The objects of a kind in an organization, `*` for all, that `matches` is true for. */
  list(kind: AnyKind, org: string | '*', matches: (object: KradleObject) => boolean): Promise<readonly KradleObject[]>;
  /**
   * Stores an object at a place, whatever is there of the same uid.
   *
   * @throws AlreadyExists when another object has the name.
   */
  place(kind: AnyKind, ref: ObjectRef, object: KradleObject): Promise<void>;
  /** Reads, changes and writes an object; again when somebody else wrote meanwhile. `change` answers undefined for one that stays. */
  rewrite(kind: AnyKind, ref: ObjectRef, change: (object: KradleObject) => KradleObject | undefined): Promise<void>;
  /**
   * Takes an object away, whatever would hold it, unless it is another one or has changed since: then it answers false, and what is
   * there now has to be looked at again.
   */
  take(kind: AnyKind, ref: ObjectRef, seen: KradleObject): Promise<boolean>;
}

export function createRelocation(deps: { store: Store; kinds: KindRegistry }): Relocation {
  const { store, kinds } = deps;

  async function rewrite(kind: AnyKind, ref: ObjectRef, change: (object: KradleObject) => KradleObject | undefined): Promise<void> {
    const key = keyOf(kind, ref.org, ref.name);
    for (;;) {
      const current = await store.get(key);
      const next = current === undefined ? undefined : change(structuredClone(current));
      if (current === undefined || next === undefined) return;
      try {
        await store.update(key, next, { expectedResourceVersion: current.metadata.resourceVersion });
        return;
      } catch (error) {
        if (isStatusError(error, 'NotFound')) return;
        if (!isStatusError(error, 'Conflict')) throw error;
      }
    }
  }

  return {
    kinds,
    rewrite,
    find: (kind, { org, name }) => store.get(keyOf(kind, org, name)),
    async list(kind, org, matches) {
      const { plural } = kind.names;
      const { items } = await store.list(org === '*' ? { plural, matches } : { plural, namespace: keyOf(kind, org, '').namespace, matches });
      return items;
    },
    async place(kind, ref, object) {
      try {
        await store.create(keyOf(kind, ref.org, ref.name), object);
      } catch (error) {
        if (!isStatusError(error, 'AlreadyExists')) throw error;
        await rewrite(kind, ref, (there) => {
          if (there.metadata.uid !== object.metadata.uid) throw error;
          return { ...object, metadata: { ...object.metadata, resourceVersion: there.metadata.resourceVersion } };
        });
      }
    },
    async take(kind, ref, seen) {
      const { resourceVersion, uid } = seen.metadata;
      try {
        await store.delete(keyOf(kind, ref.org, ref.name), { expectedResourceVersion: resourceVersion, expectedUid: uid });
        return true;
      } catch (error) {
        if (isStatusError(error, 'NotFound')) return true;
        if (isStatusError(error, 'Conflict')) return false;
        throw error;
      }
    },
  };
}
