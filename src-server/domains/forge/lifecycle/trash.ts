import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isStatusError, StatusError } from '#shared/api/status';
import type { SpecOf } from '#shared/kind/defineKind';
import { orgNamespace } from '#shared/kind/names';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { Team } from '#shared/kinds/identity/team';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import { timestampOf } from '../../../app/clock';
import type { ObjectRef } from '../../../resources/resourceClient';
import { findObject } from '../../../runtime/findObject';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import { removeGrants } from '../permissions/creatorPermission';
import { claimBytes } from '../repositories/repositoryBytes';
import type { RepositoryObject } from '../repositories/openRepository';
import { refreshRepository, setRepositoryPhase } from '../repositories/repositoryStatus';
import { dropProvenance } from '../pulls/links/provenance';
import type { AdvanceMoveDeps } from './advanceMove';
import { type Belonging, belongingsOf, countKinds, nameAfter } from './belongings';
import { countForks } from './forkRepository';
import { keepObject, listKept, readKept } from './deletedObjects';
import { DeletedObject, DeletedRepository, type DeletedRepositoryObject } from './lifecycleKinds';
import { dropRedirect } from './redirects';
import { relocateObject } from './relocateObject';
import { removeWorkspaces } from './removeWorkspaces';
import { syncFolder } from '../../../disk/syncFolder';

/** How long a deleted repository can be restored, in ms. */
export const RESTORABLE_MS = 14 * 24 * 3_600_000;

export interface TrashDeps extends AdvanceMoveDeps {
  /** Who deleted a repository, as far as this process saw it: by uid. */
  readonly deleters: { get(uid: string): string | undefined };
}

/** Id of a deleted repository: its name and a part of its uid. */
export function deletionId({ metadata }: RepositoryObject): string {
  return `${metadata.name.slice(0, 90).replace(/[^a-z0-9]+$/, '')}-${metadata.uid.slice(0, 8)}`;
}

/** Where the bytes of a deleted repository are. No object's name has a capital, so no repository is ever there. */
export function deletedPath(root: string, org: string, id: string): string {
  return join(root, org, `Deleted-${id}.git`);
}

/**
 * Puts a repository that is being deleted aside, with everything that belongs to it. May be repeated from any point: each object is kept
 * before it goes, what is owned goes before what owns it, and the repository goes last.
 */
export async function putAside(deps: TrashDeps, object: RepositoryObject): Promise<void> {
  const { ctx } = deps;
  const { relocation } = ctx;
  const { organizationRef: org } = object.spec;
  const ref: ObjectRef = { org, name: object.metadata.name };
  const id = deletionId(object);
  await noteDeletion(deps, object, id);
  await deps.settle(ref);
  await ctx.writing.idle(repositoryPath(ctx.repositoriesRoot, org, ref.name));
  await removeWorkspaces(deps, ref);
  await keepTeamGrants(ctx, { org, id, repository: ref.name });
  const kept: Belonging[] = [];
  for (;;) {
    const belongings = (await belongingsOf(relocation, ref, { issues: 'none' })).filter(({ kind }) => kind.names.kind !== KradleWorkspace.names.kind);
    if (belongings.length === 0) break;
    for (const { kind, object: owned, depth } of belongings.sort((left, right) => right.depth - left.depth)) {
      await keepObject(ctx, { org, id }, { kind, depth, object: owned });
      // Changed since: it is kept anew in the next round.
      if (await relocation.take(kind, { org, name: owned.metadata.name }, owned)) kept.push({ kind, object: owned, depth });
    }
  }
  // What is left are roles of teams: they are remembered.
  await removeGrants(ctx, ref);
  await moveFolder(ctx, repositoryPath(ctx.repositoriesRoot, org, ref.name), deletedPath(ctx.repositoriesRoot, org, id));
  for (let seen = await relocation.find(Repository, ref); seen?.metadata.uid === object.metadata.uid; seen = await relocation.find(Repository, ref)) {
    const { deletionTimestamp: _deleted, ...metadata } = seen.metadata;
    await keepObject(ctx, { org, id }, { kind: Repository, depth: 0, object: { ...seen, metadata } });
    if (await relocation.take(Repository, ref, seen)) break;
  }
  if (object.spec.forkOf !== undefined) await countForks(ctx, object.spec.forkOf);
  await settleDeletion(deps, { org, name: id });
  ctx.log.info({ org, repository: ref.name, deletion: id, objects: kept.length }, 'repository deleted; it can be restored');
}

async function noteDeletion({ ctx, deleters }: TrashDeps, object: RepositoryObject, id: string): Promise<void> {
  const { organizationRef: org, visibility, description } = object.spec;
  const { name, uid, deletionTimestamp } = object.metadata;
  const deletedAt = deletionTimestamp ?? timestampOf(ctx.clock);
  const deletedBy = deleters.get(uid);
  const spec: SpecOf<typeof DeletedRepository> = {
    organizationRef: org, repository: name, uid, visibility, deletedAt, purgeAt: new Date(Date.parse(deletedAt) + RESTORABLE_MS).toISOString(),
    ...(description === undefined ? {} : { description }),
    ...(object.status?.sizeBytes === undefined ? {} : { sizeBytes: object.status.sizeBytes }),
    ...(deletedBy === undefined ? {} : { deletedBy }),
  };
  try {
    await ctx.resources.create(DeletedRepository, org, { metadata: { name: id }, spec });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}

async function keepTeamGrants(ctx: ForgeContext, { org, id, repository }: { org: string; id: string; repository: string }): Promise<void> {
  const { items } = await ctx.resources.list(Team, { org });
  const grants = items.flatMap(({ metadata, spec }) => (spec.repositoryGrants ?? []).filter((grant) => grant.repository === repository).map((grant) => ({ team: metadata.name, grant: { ...grant } })));
  if (grants.length === 0) return;
  await ctx.resources.mutate(DeletedRepository, { org, name: id }, (draft) => {
    draft.spec.teamGrants = grants;
  });
}

/** Says that a deletion is complete, once the repository is gone. */
export async function settleDeletion({ ctx }: Pick<TrashDeps, 'ctx'>, ref: ObjectRef): Promise<void> {
  const deletion = await findObject(ctx.resources, DeletedRepository, ref);
  if (deletion === undefined || (deletion.status?.phase ?? 'Deleting') !== 'Deleting') return;
  const live = await findObject(ctx.resources, Repository, { org: ref.org, name: deletion.spec.repository });
  if (live?.metadata.uid === deletion.spec.uid) return;
  const kept = await readKept(ctx, { org: ref.org, id: ref.name });
  const objects = countKinds(kept.filter(({ depth }) => depth > 0).map(({ kind }) => kind));
  await ctx.resources.mutateStatus(DeletedRepository, ref, (status) => {
    status.phase = 'Deleted';
    status.objects = objects;
  });
}

/**
 * Begins to restore a deleted repository, or finds that it has begun: from then on it is finished, whatever happens to the server.
 *
 * @throws AlreadyExists when the name is taken; Conflict when it is being removed for good.
 */
export async function beginRestore({ ctx }: TrashDeps, ref: ObjectRef, name: string): Promise<DeletedRepositoryObject> {
  return ctx.resources.mutateStatus(DeletedRepository, ref, (status) => {
    if (status.phase !== 'Deleted') {
      const message = status.phase === 'Purging' ? 'It is being removed for good' : status.phase === 'Restoring' ? 'It is being restored already' : 'It is still being deleted; try again in a moment';
      throw new StatusError('Conflict', message, { code: 'DELETION_BUSY' });
    }
    status.phase = 'Restoring';
    status.restoreAs = name;
  });
}

/** Restores what {@link beginRestore} noted. May be repeated from any point; the note goes last. */
export async function advanceRestore(deps: TrashDeps, deletion: DeletedRepositoryObject): Promise<void> {
  const { ctx } = deps;
  const { relocation } = ctx;
  const { organizationRef: org, repository, uid } = deletion.spec;
  const id = deletion.metadata.name;
  const to: ObjectRef = { org, name: deletion.status?.restoreAs ?? repository };
  const kept = await readKept(ctx, { org, id });
  const names = new Map<string, string>([[`${Repository.names.kind}/${repository}`, to.name]]);
  for (const { kind: kindName, object, depth } of kept) {
    const kind = relocation.kinds.find(kindName);
    // A kind that this version does not have any more.
    if (kind === undefined) continue;
    const wanted = depth === 0 ? to.name : nameAfter(kind, object.metadata.name, { from: repository, to: to.name });
    const there = await relocation.find(kind, { org, name: wanted });
    const name = there === undefined || there.metadata.uid === object.metadata.uid ? wanted : `${wanted.slice(0, 240)}-${object.metadata.uid.slice(0, 8)}`;
    if (depth === 0 && name !== wanted) return cancelRestore(deps, { org, name: id }, to);
    names.set(`${kindName}/${object.metadata.name}`, name);
    // Placed by an attempt before this one, and perhaps changed since.
    if (there !== undefined && name === wanted) continue;
    const restored = relocateObject(kind, withoutDeletion(object), { to: { org, name }, nameAfter: (of, called) => names.get(`${of}/${called}`) });
    await relocation.place(kind, { org, name }, depth === 0 ? closed(restored) : restored);
  }
  await moveFolder(ctx, deletedPath(ctx.repositoriesRoot, org, id), repositoryPath(ctx.repositoriesRoot, org, to.name));
  if ((await stat(repositoryPath(ctx.repositoriesRoot, org, to.name)).catch(() => undefined)) !== undefined) await claimBytes(repositoryPath(ctx.repositoriesRoot, org, to.name), uid);
  await giveTeamGrants(ctx, deletion, to);
  await dropRedirect(ctx, to);
  await ctx.resources.mutateStatus(Repository, to, (status) => {
    if (status.phase === 'Moving') setRepositoryPhase(status, { phase: 'Ready', now: timestampOf(ctx.clock) });
    delete status.moving;
  });
  const restored = await refreshRepository(ctx, to);
  if (restored?.spec.forkOf !== undefined) await countForks(ctx, restored.spec.forkOf);
  await dropDeletion(ctx, { org, name: id });
  ctx.log.info({ org, repository: to.name, deletion: id }, 'repository restored');
}

/** Somebody took the name between the question and the first step: nothing has been restored yet, because the repository comes first. */
async function cancelRestore({ ctx }: TrashDeps, ref: ObjectRef, to: ObjectRef): Promise<never> {
  await ctx.resources.mutateStatus(DeletedRepository, ref, (status) => {
    status.phase = 'Deleted';
    delete status.restoreAs;
  });
  throw new StatusError('AlreadyExists', `There is a repository "${to.name}" now; restore under another name`);
}

async function giveTeamGrants(ctx: ForgeContext, { spec }: DeletedRepositoryObject, to: ObjectRef): Promise<void> {
  for (const { team, grant } of spec.teamGrants ?? []) {
    if ((await findObject(ctx.resources, Team, { org: to.org, name: team })) === undefined) continue;
    await ctx.resources.mutate(Team, { org: to.org, name: team }, (draft) => {
      const others = (draft.spec.repositoryGrants ?? []).filter(({ repository }) => repository !== to.name);
      // As it was kept: of the same kind.
      draft.spec.repositoryGrants = [...others, { ...(grant as (typeof others)[number]), repository: to.name }];
    });
  }
}

/** Removes a deleted repository for good. May be repeated from any point; the note of it goes last. */
export async function purge({ ctx }: Pick<TrashDeps, 'ctx'>, ref: ObjectRef): Promise<void> {
  const { org, name: id } = ref;
  const deletion = await findObject(ctx.resources, DeletedRepository, ref);
  if (deletion === undefined) return;
  await ctx.resources.mutateStatus(DeletedRepository, ref, (status) => {
    if (status.phase === 'Restoring') throw new StatusError('Conflict', 'It is being restored', { code: 'DELETION_BUSY' });
    status.phase = 'Purging';
  });
  for (const { kind, object } of await readKept(ctx, { org, id })) {
    if (kind === PullRequest.names.kind) await ctx.eventLog.drop(`pull/${orgNamespace(org)}/${object.metadata.uid}`);
    if (kind === AgentDispatchRun.names.kind && (await findObject(ctx.resources, AgentDispatchRun, { org, name: object.metadata.name })) === undefined) {
      await ctx.eventLog.drop(`run/${orgNamespace(org)}/${object.metadata.name}`);
    }
  }
  await dropProvenance(ctx.eventLog, deletion.spec.uid);
  const path = deletedPath(ctx.repositoriesRoot, org, id);
  ctx.git.forget(path);
  await rm(path, { recursive: true, force: true });
  await dropDeletion(ctx, ref);
  ctx.log.info({ org, repository: deletion.spec.repository, deletion: id }, 'deleted repository removed for good');
}

async function dropDeletion(ctx: ForgeContext, { org, name: id }: ObjectRef): Promise<void> {
  for (const { metadata } of await listKept(ctx, { org, id })) await ctx.resources.delete(DeletedObject, { org, name: metadata.name }).catch(ignoreNotFound);
  await ctx.resources.delete(DeletedRepository, { org, name: id }).catch(ignoreNotFound);
}

async function moveFolder(ctx: ForgeContext, from: string, to: string): Promise<void> {
  ctx.git.forget(from);
  ctx.git.forget(to);
  if ((await stat(from).catch(() => undefined)) === undefined) return;
  await rename(from, to);
  await syncFolder(dirname(to));
}

function withoutDeletion(object: Belonging['object']): Belonging['object'] {
  const { deletionTimestamp: _deleted, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** A repository that is there and opens when everything of it is. */
function closed(object: Belonging['object']): Belonging['object'] {
  return { ...object, status: { ...object.status, phase: 'Moving' } };
}

function ignoreNotFound(error: unknown): void {
  if (!isStatusError(error, 'NotFound')) throw error;
}
