import { isStatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import { controllerActor } from '../resources/actor';
import { ORGANIZATION_FINALIZER } from '../resources/organizationScope';
import { pagesOf, type PageReader } from '../resources/pagesOf';
import type { ObjectRef, ResourceClient } from '../resources/resourceClient';
import type { Controller } from './controller';

const NAME = 'organization-content';
/** How soon an organization whose objects wait for their finalizers is looked at again, in ms. */
const RECHECK_MS = 500;
/** Objects read at a time. */
const PAGE = 200;

/** What has to end before an object of some kind may go. Repeated after a crash, and once more when the object is gone. */
export interface ContentRelease {
  readonly kind: AnyKind;
  readonly release: (ref: ObjectRef) => Promise<void>;
}

/** What else belongs to an organization. Each step may be killed at any point and is run again then. */
export interface OrganizationContentPorts {
  /** Kinds whose objects go before all others: those that work. */
  readonly first?: readonly ContentRelease[];
  /** When nothing works any more, while what refers to things is still there. */
  beforeObjects?(org: string): Promise<void>;
  /** When no object is left. */
  afterObjects?(org: string): Promise<void>;
  /** Told now and then how many objects are left, by kind. */
  report?(org: string, left: ReadonlyMap<string, number>): Promise<void>;
}

/**
 * Empties organizations that are being deleted, then lets them go. Admission lets nothing new into them (ORG_TERMINATING).
 */
export function createOrganizationContentController(opts: { organization: AnyKind; kinds: KindRegistry; resources: ResourceClient; ports?: OrganizationContentPorts }): Controller {
  const { organization, kinds, ports = {} } = opts;
  const resources = opts.resources.as(controllerActor(NAME));
  const own = kinds.all.filter((kind) => kind.placement === 'org');
  // Those that do not name an organization (accounts, sessions) belong to none, even if they are called as it is.
  const platform = kinds.all.filter((kind) => kind.placement === 'platform' && 'organizationRef' in kind.spec.shape);

  // By uid, the organizations that `beforeObjects` has been asked about since the start: it may be costly, and nothing new comes into them.
  const prepared = new Set<string>();

  const listersOf = (org: string): PageReader<KradleObject>[] => [(page) => resources.listOrg({ org, kinds: own, ...page }), ...platform.map((kind): PageReader<KradleObject> => (page) => resources.list(kind, { org, ...page }))];

  async function countObjects(org: string): Promise<Map<string, number>> {
    const left = new Map<string, number>();
    for (const list of listersOf(org)) {
      for await (const { items } of pagesOf(list, PAGE)) for (const { kind } of items) left.set(kind, (left.get(kind) ?? 0) + 1);
    }
    return left;
  }

  /** Deletes what a list answers; says how many objects are still there, held by finalizers. */
  async function deleteAll(org: string, list: PageReader<KradleObject>, gone: (kind: string) => Promise<void>): Promise<number> {
    let remaining = 0;
    for await (const { items } of pagesOf(list, PAGE)) {
      for (const object of items) {
        if (await deleteOne(org, object)) await gone(object.kind);
        else remaining += 1;
      }
    }
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

  /** What works is ended, then deleted, then ended once more: until it is gone, its own controller may start it again. */
  async function deleteWorking(org: string, { kind, release }: ContentRelease, gone: (kind: string) => Promise<void>): Promise<number> {
    let remaining = 0;
    for await (const { items } of pagesOf((at) => resources.list(kind, { org, ...at }), PAGE)) {
      for (const object of items) {
        const ref = { org, name: object.metadata.name };
        await release(ref);
        if (await deleteOne(org, object)) {
          await release(ref);
          await gone(object.kind);
        } else remaining += 1;
      }
    }
    return remaining;
  }

  return {
    name: NAME,
    kind: organization,
    async reconcile(ref, { log }) {
      const found = await resources.find(organization, ref);
      if (found?.metadata.deletionTimestamp === undefined || !found.metadata.finalizers?.includes(ORGANIZATION_FINALIZER)) return;
      const { org } = ref;
      const left = await countObjects(org);
      await ports.report?.(org, left);
      const gone = async (kind: string): Promise<void> => {
        left.set(kind, Math.max(0, (left.get(kind) ?? 0) - 1));
        await ports.report?.(org, left);
      };
      for (const working of ports.first ?? []) {
        if ((await deleteWorking(org, working, gone)) > 0) return { requeueAfterMs: RECHECK_MS };
      }
      const { uid } = found.metadata;
      if (!prepared.has(uid)) await ports.beforeObjects?.(org);
      prepared.add(uid);
      let remaining = 0;
      for (const list of listersOf(org)) remaining += await deleteAll(org, list, gone);
      if (remaining > 0) return { requeueAfterMs: RECHECK_MS };
      await ports.afterObjects?.(org);
      await resources.mutate(organization, ref, (draft) => {
        draft.metadata.finalizers = draft.metadata.finalizers?.filter((finalizer) => finalizer !== ORGANIZATION_FINALIZER);
      });
      prepared.delete(uid);
      log.info({ org }, 'emptied an organization that is being deleted');
    },
  };
}
