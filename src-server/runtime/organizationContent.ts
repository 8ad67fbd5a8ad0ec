import { isStatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import { ORGANIZATION_FINALIZER } from '../resources/organizationScope';
import type { ResourceClient } from '../resources/resourceClient';
import type { Controller } from './controller';

/** How soon an organization whose objects wait for their finalizers is looked at again, in ms. */
const RECHECK_MS = 500;

/**
 * Empties organizations that are being deleted, then lets them go. Admission lets nothing new into them (ORG_TERMINATING).
 */
export function createOrganizationContentController(opts: { organization: AnyKind; kinds: KindRegistry; resources: ResourceClient }): Controller {
  const { organization, resources } = opts;
  const contained = opts.kinds.all.filter((kind) => kind.names.kind !== organization.names.kind);
  return {
    name: 'organization-content',
    kind: organization,
    async reconcile(ref, { log }) {
      const found = await resources.find(organization, ref);
      if (found?.metadata.deletionTimestamp === undefined || !found.metadata.finalizers?.includes(ORGANIZATION_FINALIZER)) return;
      let remaining = 0;
      for (const kind of contained) remaining += await deleteAll(resources, kind, ref.org);
      if (remaining > 0) return { requeueAfterMs: RECHECK_MS };
      await resources.mutate(organization, ref, (draft) => {
        draft.metadata.finalizers = draft.metadata.finalizers?.filter((finalizer) => finalizer !== ORGANIZATION_FINALIZER);
      });
      log.info({ org: ref.org }, 'emptied an organization that is being deleted');
    },
  };
}

/** Deletes an organization's objects of a kind; answers how many are still there, held by finalizers. */
async function deleteAll(resources: ResourceClient, kind: AnyKind, org: string): Promise<number> {
  const { items } = await resources.list(kind, { org });
  for (const { metadata } of items) {
    if (metadata.deletionTimestamp !== undefined) continue;
    await resources.delete(kind, { org, name: metadata.name }, { expectedUid: metadata.uid }).catch((error: unknown) => {
      if (!isStatusError(error, 'NotFound')) throw error;
    });
  }
  return (await resources.list(kind, { org })).items.length;
}
