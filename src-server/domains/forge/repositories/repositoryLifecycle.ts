import { isStatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { Organization } from '#shared/kinds/identity/organization';
import { timestampOf } from '../../../app/clock';
import type { ObjectRef } from '../../../resources/resourceClient';
import { findObject } from '../../../runtime/findObject';
import { DeletedRepository } from '../lifecycle/lifecycleKinds';
import { dropRedirect } from '../lifecycle/redirects';
import { deletionId } from '../lifecycle/trash';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import { initBareRepository } from '../git/upkeep/bareRepository';
import { grantCreator, removeGrants } from '../permissions/creatorPermission';
import type { OtherHosts } from '../mirrors/otherHosts';
import type { ImportTasks } from './importTasks';
import { createImportRun } from './importRun';
import type { RepositoryObject } from './openRepository';
import { claimBytes, removeBytes, whoseBytes } from './repositoryBytes';
import { refreshRepository, setRepositoryPhase } from './repositoryStatus';
import { REPOSITORY_FINALIZER } from './repositoryStrategy';

/** Brings the bytes of repositories in line with their objects. */
export interface RepositoryLifecycle {
  /**
   * Moves a repository as far as it goes at once: made, its import started, its status read anew, or removed. Safe to call again at
   * any time. `again`: something that is not this repository's has to go first.
   */
  advance(ref: ObjectRef): Promise<'done' | 'again'>;
}

export interface RepositoryLifecycleOptions {
  readonly imports: ImportTasks;
  readonly hosts: OtherHosts;
  /** Fills a fork from its parent. */
  readonly fillFork: (fork: RepositoryObject, path: string) => Promise<void>;
  /** Puts a deleted repository aside with all that belongs to it, until it is restored or purged. */
  readonly putAside: (object: RepositoryObject) => Promise<void>;
}

export function createRepositoryLifecycle(ctx: ForgeContext, opts: RepositoryLifecycleOptions): RepositoryLifecycle {
  const { imports } = opts;
  const runImport = createImportRun(ctx, { ...opts.hosts, markReady: (ref) => markReady(ctx, ref) });

  async function advanceLocked(ref: ObjectRef): Promise<'done' | 'again'> {
    const object = await findObject(ctx.resources, Repository, ref);
    if (object === undefined) return 'done';
    if (object.metadata.deletionTimestamp !== undefined) return remove(object);
    if (!(object.metadata.finalizers ?? []).includes(REPOSITORY_FINALIZER)) await addFinalizer(ctx, ref);
    switch (object.status?.phase) {
      case 'Failed':
      case 'Moving':
        return 'done';
      case 'Ready':
        await refreshReady(ctx, object);
        return 'done';
      default:
        await setUp(object);
        return 'done';
    }
  }

  async function setUp(object: RepositoryObject): Promise<void> {
    const ref = refOf(object);
    const { uid } = object.metadata;
    const path = repositoryPath(ctx.repositoriesRoot, ref.org, ref.name);
    const bytes = await whoseBytes(path, uid);
    if (bytes === 'foreign' && object.status?.phase !== 'Importing') await removeBytes(ctx, path);
    await grantCreator(ctx, object);
    if (object.spec.importFrom !== undefined && bytes !== 'own') {
      await markImporting(ctx, object);
      imports.ensure(keyOf(ref), (signal) => runImport(object, signal));
      return;
    }
    if (bytes !== 'own') {
      try {
        if (object.spec.forkOf === undefined) await initBareRepository(ctx.git.git, path, { defaultBranch: object.spec.defaultBranch });
        else await opts.fillFork(object, path);
      } catch (error) {
        if (object.spec.forkOf === undefined || !isStatusError(error, 'Conflict')) throw error;
        await markFailed(ctx, ref, error.message);
        return;
      }
      await claimBytes(path, uid);
    }
    await dropRedirect(ctx, ref);
    await markReady(ctx, ref);
  }

  /** Kept for a while, unless there is nothing to keep, or nobody who could ask for it. */
  async function remove(object: RepositoryObject): Promise<'done' | 'again'> {
    const ref = refOf(object);
    const organization = await findObject(ctx.resources, Organization, { org: ref.org, name: ref.org });
    const wasReady = (await whoseBytes(repositoryPath(ctx.repositoriesRoot, ref.org, ref.name), object.metadata.uid)) === 'own' || object.status?.defaultBranchHead !== undefined;
    const begun = (await findObject(ctx.resources, DeletedRepository, { org: ref.org, name: deletionId(object) })) !== undefined;
    if (organization === undefined || organization.metadata.deletionTimestamp !== undefined || (!wasReady && !begun)) return removeForGood(ctx, imports, object);
    await markTerminating(ctx, object);
    await opts.putAside(object);
    return 'done';
  }

  return { advance: (ref) => ctx.locks.run(`repository/${keyOf(ref)}`, () => advanceLocked(ref)) };
}

async function markFailed(ctx: ForgeContext, ref: ObjectRef, message: string): Promise<void> {
  await ctx.resources.mutateStatus(Repository, ref, (status) => {
    setRepositoryPhase(status, { phase: 'Failed', now: timestampOf(ctx.clock), message });
  });
}

async function markTerminating(ctx: ForgeContext, object: RepositoryObject): Promise<void> {
  if (object.status?.phase === 'Terminating') return;
  await ctx.resources.mutateStatus(Repository, refOf(object), (status) => {
    setRepositoryPhase(status, { phase: 'Terminating', now: timestampOf(ctx.clock) });
  });
}

/** Ready, and everything that can be read from the bytes. */
async function markReady(ctx: ForgeContext, ref: ObjectRef): Promise<void> {
  const now = timestampOf(ctx.clock);
  const { spec } = await ctx.resources.mutateStatus(Repository, ref, (status) => {
    setRepositoryPhase(status, { phase: 'Ready', now });
    if (status.import !== undefined) status.import = { ...status.import, percent: 100, finishedAt: status.import.finishedAt ?? now };
  });
  await refreshRepository(ctx, ref, { pushed: spec.importFrom !== undefined });
}

async function markImporting(ctx: ForgeContext, object: RepositoryObject): Promise<void> {
  if (object.status?.phase === 'Importing') return;
  const now = timestampOf(ctx.clock);
  await ctx.resources.mutateStatus(Repository, refOf(object), (status) => {
    setRepositoryPhase(status, { phase: 'Importing', now });
    status.import = { stage: 'Waiting', startedAt: now };
  });
}

async function refreshReady(ctx: ForgeContext, object: RepositoryObject): Promise<void> {
  const ref = refOf(object);
  if ((await whoseBytes(repositoryPath(ctx.repositoriesRoot, ref.org, ref.name), object.metadata.uid)) !== 'none') {
    await refreshRepository(ctx, ref);
    return;
  }
  // Never made anew in silence: an empty repository in the place of a lost one looks as if all were well.
  const message = 'Its folder is missing from the server\'s disk. Restore it from a backup and restart, or delete the repository and create it again.';
  await ctx.resources.mutateStatus(Repository, ref, (status) => {
    setRepositoryPhase(status, { phase: 'Failed', now: timestampOf(ctx.clock), message });
  });
}

/**
 * Deletes what is not to be restored, in this order: what belongs to it, its bytes, the object. The name is free only after the last step, so that a repository
 * which takes it finds nothing of this one.
 */
async function removeForGood(ctx: ForgeContext, imports: ImportTasks, object: RepositoryObject): Promise<'done' | 'again'> {
  const ref = refOf(object);
  await markTerminating(ctx, object);
  await imports.cancel(keyOf(ref));
  const { items } = await ctx.resources.list(PullRequest, { org: ref.org, fieldSelector: `spec.repository=${ref.name}` });
  for (const { metadata } of items) {
    if (metadata.deletionTimestamp === undefined) await ctx.resources.delete(PullRequest, { org: ref.org, name: metadata.name }).catch(ignoreNotFound);
  }
  if (items.length > 0) return 'again';
  await removeGrants(ctx, ref);
  await removeBytes(ctx, repositoryPath(ctx.repositoriesRoot, ref.org, ref.name));
  await ctx.resources.mutate(Repository, ref, (draft) => {
    draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((finalizer) => finalizer !== REPOSITORY_FINALIZER);
  });
  return 'done';
}

async function addFinalizer(ctx: ForgeContext, ref: ObjectRef): Promise<void> {
  await ctx.resources.mutate(Repository, ref, (draft) => {
    draft.metadata.finalizers = [...new Set([...(draft.metadata.finalizers ?? []), REPOSITORY_FINALIZER])];
  });
}

function refOf(object: RepositoryObject): ObjectRef {
  return { org: object.spec.organizationRef, name: object.metadata.name };
}

function keyOf(ref: ObjectRef): string {
  return `${ref.org}/${ref.name}`;
}

function ignoreNotFound(error: unknown): void {
  if (!isStatusError(error, 'NotFound')) throw error;
}
