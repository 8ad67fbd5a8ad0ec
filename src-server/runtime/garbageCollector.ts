import { isStatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { OwnerReference } from '#shared/kind/objectMeta';
import type { KindRegistry } from '#shared/kind/registry';
import type { Logger } from '../app/log';
import { controllerActor } from '../resources/actor';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../resources/metadata';
import { pagesOf } from '../resources/pagesOf';
import type { ObjectRef, ResourceClient } from '../resources/resourceClient';
import type { Manager } from './manager';
import { createOwnerGraph } from './ownerGraph';

const NAME = 'garbage-collector';

/**
 * Carries out what becomes of owned objects when their owner is deleted, by Kubernetes' rules:
 *
 * - An object whose owners are all gone is deleted. An owner is gone when no object of its kind and name has its uid; one of a kind that
 *   is not registered counts as there, since nothing can be known of it.
 * - An object that is deleted in the foreground waits until those that it owns and that block its deletion are gone.
 * - An object that is deleted as an orphan's owner waits until nothing names it as an owner any more.
 *
 * It follows all kinds by one list and one watch, and knows only which object owns which.
 */
export function addGarbageCollector(manager: Manager, opts: { kinds: KindRegistry; resources: ResourceClient }): void {
  const { kinds } = opts;
  const resources = opts.resources.as(controllerActor(NAME));
  const { queue } = manager.addRunner({ name: NAME, reconcile: collect });
  const graph = createOwnerGraph({ kinds, enqueue: (key) => queue.add(key) });
  const reflector = manager.addReflector({
    name: 'owner-graph',
    sink: graph,
    size: () => graph.size,
    source: {
      pages: (limit) => pagesOf((at) => resources.listOrg({ org: '*', kinds: kinds.all, ...at }), limit),
      watch: (from) => resources.watchOrg({ org: '*', kinds: kinds.all, ...from }),
    },
  });

  async function collect(key: string, { log, signal }: { log: Logger; signal: AbortSignal }): Promise<void> {
    const found = await load(key);
    if (found === undefined) return;
    const { object } = found;
    const { deletionTimestamp, finalizers = [], ownerReferences = [] } = object.metadata;
    if (deletionTimestamp === undefined) {
      if (ownerReferences.length > 0) await collectDependent(found, log);
      return;
    }
    if (!finalizers.includes(ORPHAN_FINALIZER) && !finalizers.includes(FOREGROUND_FINALIZER)) return;
    // Whatever named it as an owner before it was deleted is in the graph then.
    await reflector.catchUp(object.metadata.resourceVersion, signal);
    if (finalizers.includes(ORPHAN_FINALIZER)) await orphanDependents(found);
    else await awaitDependents(found);
  }

  /** Deletes an object none of whose owners stays; takes the owners away that go when another one stays. */
  async function collectDependent({ kind, ref, object }: Found, log: Logger): Promise<void> {
    const { uid, ownerReferences = [] } = object.metadata;
    const fates = await Promise.all(ownerReferences.map((owner) => fateOf(owner, ref.org)));
    if (fates.includes('stays')) {
      const leaving = ownerReferences.filter((_owner, index) => fates[index] !== 'stays').map((owner) => owner.uid);
      if (leaving.length > 0) await removeOwners({ kind, ref, object }, leaving);
      return;
    }
    const owned = graph.dependentsOf(uid);
    const inForeground = fates.includes('waits') && owned.length > 0;
    if (inForeground && (await isPartOfCircle(owned.map((dependent) => dependent.key)))) await unblockOwners({ kind, ref, object });
    await ignoringNotFound(resources.delete(kind, ref, { expectedUid: uid, ...(inForeground ? { propagation: 'foreground' } : {}) }));
    log.info({ kind: kind.names.kind, ...ref, owners: ownerReferences.map((owner) => `${owner.kind}/${owner.name}`) }, 'deleted an object whose owners are gone');
  }

  async function fateOf(owner: OwnerReference, org: string): Promise<'gone' | 'waits' | 'stays'> {
    const kind = kinds.find(owner.kind);
    if (kind === undefined) return 'stays';
    const found = await ignoringNotFound(resources.find(kind, { org, name: owner.name }));
    if (found?.metadata.uid !== owner.uid) return 'gone';
    return found.metadata.deletionTimestamp !== undefined && found.metadata.finalizers?.includes(FOREGROUND_FINALIZER) === true ? 'waits' : 'stays';
  }

  async function awaitDependents({ kind, ref, object }: Found): Promise<void> {
    const { uid } = object.metadata;
    const dependents = graph.dependentsOf(uid);
    for (const dependent of dependents) queue.add(dependent.key);
    if (!dependents.some(({ owners }) => owners.some((owner) => owner.uid === uid && owner.blocks))) await removeFinalizer({ kind, ref, object }, FOREGROUND_FINALIZER);
  }

  async function orphanDependents({ kind, ref, object }: Found): Promise<void> {
    const { uid } = object.metadata;
    for (const { key } of graph.dependentsOf(uid)) {
      const dependent = await load(key);
      if (dependent !== undefined) await removeOwners(dependent, [uid]);
    }
    await removeFinalizer({ kind, ref, object }, ORPHAN_FINALIZER);
  }

  /** Objects that wait for one another would wait for ever. */
  async function isPartOfCircle(keys: readonly string[]): Promise<boolean> {
    for (const key of keys) {
      const dependent = await load(key);
      if (dependent?.object.metadata.deletionTimestamp !== undefined && dependent.object.metadata.finalizers?.includes(FOREGROUND_FINALIZER) === true) return true;
    }
    return false;
  }

  async function removeOwners({ kind, ref, object }: Found, uids: readonly string[]): Promise<void> {
    await change({ kind, ref, object }, (metadata) => {
      metadata.ownerReferences = metadata.ownerReferences?.filter((owner) => !uids.includes(owner.uid));
    });
  }

  async function unblockOwners(found: Found): Promise<void> {
    await change(found, (metadata) => {
      metadata.ownerReferences = metadata.ownerReferences?.map(({ blockOwnerDeletion: _blocks, ...owner }) => owner);
    });
  }

  async function removeFinalizer(found: Found, finalizer: string): Promise<void> {
    await change(found, (metadata) => {
      metadata.finalizers = metadata.finalizers?.filter((each) => each !== finalizer);
    });
  }

  /** Changes the object that was found, and no other one of its name. */
  async function change({ kind, ref, object }: Found, edit: (metadata: KradleObject['metadata']) => void): Promise<void> {
    await ignoringNotFound(resources.mutate(kind, ref, (draft, current) => {
      if (current.metadata.uid === object.metadata.uid) edit(draft.metadata);
    }));
  }

  async function load(key: string): Promise<Found | undefined> {
    const [plural = '', org = '', name = ''] = key.split('/');
    const kind = kinds.byPlural(plural);
    const ref = { org, name };
    const object = kind && (await ignoringNotFound(resources.find(kind, ref)));
    return kind && object && { kind, ref, object };
  }
}

interface Found {
  readonly kind: AnyKind;
  readonly ref: ObjectRef;
  readonly object: KradleObject;
}

/** An organization that is gone has no objects. */
async function ignoringNotFound<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}
