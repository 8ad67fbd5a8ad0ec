import { isStatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { jsonEqual } from '#shared/kind/equality';
import type { OwnerReference } from '#shared/kind/objectMeta';
import type { KindRegistry } from '#shared/kind/registry';
import { organizationOf } from '../resources/objectScope';
import type { ResourceClient } from '../resources/resourceClient';
import type { Manager } from './manager';

const OWNER_INDEX = 'owner-uid';

/**
 * Deletes objects whose owners are all gone, as Kubernetes' background propagation does. An owner is gone when no object of its kind
 * and name has its uid; one of a kind that is not registered counts as there, since nothing can be known of it.
 */
export function addGarbageCollector(manager: Manager, opts: { kinds: KindRegistry; resources: ResourceClient }): void {
  const { kinds, resources } = opts;
  const { queue } = manager.addRunner({
    name: 'garbage-collector',
    async reconcile(key, { log }) {
      const [plural = '', org = '', name = ''] = key.split('/');
      const kind = kinds.byPlural(plural);
      const object = kind && (await findIn(resources, kind, { org, name }));
      const owners = object?.metadata.ownerReferences ?? [];
      if (kind === undefined || object === undefined || object.metadata.deletionTimestamp !== undefined || owners.length === 0) return;
      for (const owner of owners) if (await exists(owner, org)) return;
      await resources.delete(kind, { org, name }, { expectedUid: object.metadata.uid }).catch(ignoreNotFound);
      log.info({ kind: kind.names.kind, org, name, owners: owners.map((owner) => `${owner.kind}/${owner.name}`) }, 'deleted an object whose owners are gone');
    },
  });

  async function exists(owner: OwnerReference, org: string): Promise<boolean> {
    const kind = kinds.find(owner.kind);
    if (kind === undefined) return true;
    return (await findIn(resources, kind, { org, name: owner.name }))?.metadata.uid === owner.uid;
  }

  const enqueue = (kind: AnyKind, object: KradleObject): void => {
    if (object.metadata.ownerReferences !== undefined) queue.add(`${kind.names.plural}/${organizationOf(kind, object)}/${object.metadata.name}`);
  };
  const enqueueDependents = (uid: string): void => {
    for (const kind of kinds.all) for (const dependent of manager.metadataInformer(kind).byIndex(OWNER_INDEX, uid)) enqueue(kind, dependent);
  };
  for (const kind of kinds.all) {
    manager.metadataInformer(kind).addIndex(OWNER_INDEX, (object) => object.metadata.ownerReferences?.map((owner) => owner.uid) ?? []);
    manager.metadataInformer(kind).onChange(({ type, object, previous }) => {
      if (type === 'DELETED') enqueueDependents(object.metadata.uid);
      else if (!jsonEqual(previous?.metadata.ownerReferences, object.metadata.ownerReferences)) enqueue(kind, object);
    });
  }
}

/** An organization that is gone has no objects. */
async function findIn(resources: ResourceClient, kind: AnyKind, ref: { org: string; name: string }): Promise<KradleObject | undefined> {
  try {
    return await resources.find(kind, ref);
  } catch (error) {
    return ignoreNotFound(error);
  }
}

function ignoreNotFound(error: unknown): undefined {
  if (!isStatusError(error, 'NotFound')) throw error;
}
