import { isStatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import { controllerActor } from '../resources/actor';
import { ORGANIZATION_FINALIZER } from '../resources/organizationScope';
import type { ResourceClient, TypedList } from '../resources/resourceClient';
import type { Controller } from './controller';

const NAME = 'organization-content';
/** How soon an organization whose objects wait for their finalizers is looked at again, in ms. */
const RECHECK_MS = 500;
/** Objects read at a time. */
const PAGE = 200;

type Lister = (page: { limit: number; continue?: string }) => Promise<TypedList<KradleObject>>;

/**
 * Empties organizations that are being deleted, then lets them go. Admission lets nothing new into them (ORG_TERMINATING).
 */
export function createOrganizationContentController(opts: { organization: AnyKind; kinds: KindRegistry; resources: ResourceClient }): Controller {
  const { organization, kinds } = opts;
  const resources = opts.resources.as(controllerActor(NAME));
  const own = kinds.all.filter((kind) => kind.placement === 'org');
  // Those that do not name an organization (accounts, sessions) belong to none, even if they are called as it is.
  const platform = kinds.all.filter((kind) => kind.placement === 'platform' && 'organizationRef' in kind.spec.shape);

  /** Deletes what a list answers; says how many objects are still there, held by finalizers. */
  async function deleteAll(org: string, list: Lister): Promise<number> {
    let remaining = 0;
    let page: TypedList<KradleObject> | undefined;
    do {
      page = await list({ limit: PAGE, ...(page?.metadata.continue === undefined ? {} : { continue: page.metadata.continue }) });
      for (const object of page.items) if (!(await deleteOne(org, object))) remaining += 1;
    } while (page.metadata.continue !== undefined);
    return remaining;
  }

  /** Whether the object is gone. */
  async function deleteOne(org: string, { kind: name, metadata }: KradleObject): Promise<boolean> {
    const kind = kinds.find(name);
    if (kind === undefined || metadata.deletionTimestamp !== undefined) return false;
    try {
      const { metadata: after } = await resources.delete(kind, { org, name: metadata.name }, { expectedUid: metadata.uid });
      return (after.finalizers ?? []).length === 0;
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return true;
      throw error;
    }
  }

  return {
    name: NAME,
    kind: organization,
    async reconcile(ref, { log }) {
      const found = await resources.find(organization, ref);
      if (found?.metadata.deletionTimestamp === undefined || !found.metadata.finalizers?.includes(ORGANIZATION_FINALIZER)) return;
      const { org } = ref;
      let remaining = await deleteAll(org, (page) => resources.listOrg({ org, kinds: own, ...page }));
      for (const kind of platform) remaining += await deleteAll(org, (page) => resources.list(kind, { org, ...page }));
      if (remaining > 0) return { requeueAfterMs: RECHECK_MS };
      await resources.mutate(organization, ref, (draft) => {
        draft.metadata.finalizers = draft.metadata.finalizers?.filter((finalizer) => finalizer !== ORGANIZATION_FINALIZER);
      });
      log.info({ org }, 'emptied an organization that is being deleted');
    },
  };
}
