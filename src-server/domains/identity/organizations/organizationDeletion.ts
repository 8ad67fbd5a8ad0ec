import { z } from 'zod';
import type { OrganizationDeletionView } from '#shared/api/organizations';
import { isStatusError, StatusError } from '#shared/api/status';
import { defineKind, type ObjectOf } from '#shared/kind/defineKind';
import { objectName, timestamp } from '#shared/kind/fields';
import { Repository } from '#shared/kinds/forge/repository';
import { Organization } from '#shared/kinds/identity/organization';
import { timestampOf, type Clock } from '../../../app/clock';
import { controllerActor, type Actor } from '../../../resources/actor';
import { maySeeOrganization, organizationNotFound } from '../../../resources/authorize';
import { pagesOf } from '../../../resources/pagesOf';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';

/** How long it can be read that an organization was deleted, in ms. */
const KEPT_MS = 30 * 24 * 3_600_000;
/** Progress is written at most so often, in ms. */
const REPORT_EVERY_MS = 500;
/** Repositories read at a time. */
const PAGE = 500;

/**
 * The deletion of an organization: who asked, and how far it is. Named as the organization is, and there after it is gone. Internal; it
 * does not belong to the organization, or it would go with it.
 */
export const OrganizationDeletion = defineKind({
  names: { kind: 'OrganizationDeletion', plural: 'organizationdeletions', singular: 'organizationdeletion', title: 'Deletions of organizations' },
  context: 'identity',
  storage: 'config',
  placement: 'platform',
  purpose: 'Who deleted an organization, and how far its deletion is',
  spec: () => z.object({
    /** Another organization of the same name has nothing to do with it. */
    uid: z.string(),
    startedAt: timestamp,
    /** Account that asked; absent when it was not deleted by the verb. */
    requestedBy: objectName.optional(),
  }),
  status: () => z.object({
    finishedAt: timestamp.optional(),
    objectsLeft: z.array(z.object({ kind: z.string(), count: z.number().int() })).optional(),
    repositoryBytesLeft: z.number().int().optional(),
  }),
  columns: [],
  authored: false,
});

/** Follows deletions of organizations, for those who wait for them. */
export interface OrganizationDeletions {
  /** Notes who asks, before the organization is deleted. */
  begin(organization: ObjectOf<typeof Organization>, by: Actor): Promise<void>;
  /** How many objects are left, by kind. Written now and then. */
  report(org: string, left: ReadonlyMap<string, number>): Promise<void>;
  /**
   * What is known to the actor. `NotFound` when there is no organization of the name, as far as they can tell, or nobody deletes it; after
   * the organization is gone, only who asked and the installation's administrators are told.
   */
  read(actor: Actor, org: string): Promise<OrganizationDeletionView>;
  /** Forgets deletions that are long over. */
  readonly controller: Controller;
}

export function createOrganizationDeletions(opts: { resources: ResourceClient; clock: Clock }): OrganizationDeletions {
  const { clock } = opts;
  const resources = opts.resources.as(controllerActor('organization-deletions'));
  const reportedMs = new Map<string, number>();
  const refOf = (org: string) => ({ org, name: org });

  /** The record of this organization's deletion; made where it is missing, in place of one of an earlier organization of the name. */
  async function ensure({ metadata }: ObjectOf<typeof Organization>, requestedBy?: string): Promise<void> {
    const org = metadata.name;
    const spec = { uid: metadata.uid, startedAt: metadata.deletionTimestamp ?? timestampOf(clock), ...(requestedBy === undefined ? {} : { requestedBy }) };
    const known = await resources.find(OrganizationDeletion, refOf(org));
    if (known?.spec.uid === metadata.uid) {
      if (requestedBy !== undefined && metadata.deletionTimestamp === undefined) await resources.mutate(OrganizationDeletion, refOf(org), (draft) => Object.assign(draft.spec, spec));
      return;
    }
    try {
      if (known !== undefined) await resources.delete(OrganizationDeletion, refOf(org), { expectedUid: known.metadata.uid });
      await resources.create(OrganizationDeletion, org, { metadata: { name: org }, spec });
    } catch (error) {
      // The verb and the controller may do it at the same time.
      if (!isStatusError(error, 'AlreadyExists', 'NotFound', 'Conflict')) throw error;
    }
  }

  async function repositoryBytes(org: string): Promise<number> {
    let bytes = 0;
    for await (const { items } of pagesOf((at) => resources.list(Repository, { org, ...at }), PAGE)) {
      for (const { status } of items) bytes += status?.sizeBytes ?? 0;
    }
    return bytes;
  }

  async function viewOf({ metadata: { name }, spec, status }: ObjectOf<typeof OrganizationDeletion>): Promise<OrganizationDeletionView> {
    const organization = await resources.find(Organization, refOf(name));
    const isGone = organization?.metadata.uid !== spec.uid;
    return {
      org: name,
      phase: isGone ? 'Deleted' : 'Deleting',
      startedAt: spec.startedAt,
      ...(spec.requestedBy === undefined ? {} : { requestedBy: spec.requestedBy }),
      ...(isGone && status?.finishedAt !== undefined ? { finishedAt: status.finishedAt } : {}),
      objectsLeft: isGone ? [] : (status?.objectsLeft ?? []),
      repositoryBytesLeft: isGone ? 0 : (status?.repositoryBytesLeft ?? 0),
    };
  }

  return {
    begin: (organization, by) => ensure(organization, by.kind === 'user' ? by.name : undefined),
    async report(org, left) {
      const total = [...left.values()].reduce((sum, count) => sum + count, 0);
      const last = reportedMs.get(org);
      if (total > 0 && last !== undefined && Math.abs(clock.now() - last) < REPORT_EVERY_MS) return;
      reportedMs.set(org, clock.now());
      const organization = await resources.find(Organization, refOf(org));
      if (organization === undefined) return;
      await ensure(organization);
      const repositoryBytesLeft = await repositoryBytes(org);
      await resources.mutateStatus(OrganizationDeletion, refOf(org), (status) => {
        status.objectsLeft = [...left].filter(([, count]) => count > 0).map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count || a.kind.localeCompare(b.kind));
        status.repositoryBytesLeft = repositoryBytesLeft;
        if (total === 0) status.finishedAt = timestampOf(clock);
      });
    },
    async read(actor, org) {
      const record = await resources.find(OrganizationDeletion, refOf(org));
      const organization = maySeeOrganization(actor, org) ? await resources.find(Organization, refOf(org)) : undefined;
      const asked = record?.spec.requestedBy !== undefined && actor.kind === 'user' && actor.name === record.spec.requestedBy;
      // One that has the name now and is not being deleted is what the question is about.
      const isLive = organization !== undefined && organization.metadata.deletionTimestamp === undefined;
      if (record !== undefined && !isLive && (asked || actor.orgs === '*' || organization?.metadata.uid === record.spec.uid)) return viewOf(record);
      if (organization === undefined) throw organizationNotFound(org);
      throw new StatusError('NotFound', `Organization "${org}" is not being deleted`, { code: 'DELETION_NOT_FOUND' });
    },
    controller: {
      name: 'organization-deletions',
      kind: OrganizationDeletion,
      async reconcile({ org, name }) {
        const record = await resources.find(OrganizationDeletion, { org, name });
        if (record === undefined) return;
        const leftMs = Date.parse(record.spec.startedAt) + KEPT_MS - clock.now();
        if (leftMs > 0) return { requeueAfterMs: Math.min(leftMs, 24 * 3_600_000) };
        if ((await resources.find(Organization, refOf(name)))?.metadata.uid === record.spec.uid) return { requeueAfterMs: 24 * 3_600_000 };
        await resources.delete(OrganizationDeletion, { org, name });
      },
    },
  };
}
