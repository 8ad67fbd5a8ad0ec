import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isStatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { orgNamespace } from '#shared/kind/names';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Issue } from '#shared/kinds/forge/issue';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import type { RepositoryAddress } from '#shared/kinds/forge/repositoryOrigin';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import { timestampOf } from '../../../app/clock';
import type { Relocation } from '../../../resources/relocation';
import type { ObjectRef } from '../../../resources/resourceClient';
import { findObject } from '../../../runtime/findObject';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import { refreshRepository, setRepositoryPhase } from '../repositories/repositoryStatus';
import { syncFolder } from '../../../disk/syncFolder';
import { type Belonging, belongingsOf, nameAfter } from './belongings';
import { copyStream } from './copyStream';
import { RepositoryMove, type RepositoryMoveObject } from './lifecycleKinds';
import { leaveRedirect } from './redirects';
import { dropReferences, relocateObject, rewriteReferences } from './relocateObject';
import { removeWorkspaces, type RepositoryWorkspaces } from './removeWorkspaces';

export interface AdvanceMoveDeps {
  readonly ctx: ForgeContext;
  readonly workspaces: RepositoryWorkspaces;
  /** Ends what is under way for a repository beside requests: imports, mirrors. */
  readonly settle: (ref: ObjectRef) => Promise<void>;
}

/**
 * Carries a move out from wherever it stands: every step may be repeated, and the note of it goes last. The repository is at both places
 * while its objects follow, closed at both; it opens at the new one when nothing names the old one any more.
 *
 * @throws AlreadyExists when somebody else took the new name first: then the repository stays where it was.
 */
export async function advanceMove(deps: AdvanceMoveDeps, move: RepositoryMoveObject): Promise<void> {
  const { ctx } = deps;
  const { relocation } = ctx;
  const { organizationRef: org, uid } = move.spec;
  const from: ObjectRef = { org, name: move.metadata.name };
  const to: ObjectRef = { org: move.spec.to.organization, name: move.spec.to.repository };
  const old = await relocation.find(Repository, from);
  if (old?.metadata.uid === uid) {
    await closeRepository(deps, from, move);
    try {
      await placeRepository(deps, { from, to, uid });
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists')) throw error;
      await reopen(ctx, from);
      await forgetMove(ctx, from);
      throw error;
    }
    await removeWorkspaces(deps, from);
    await moveBytes(ctx, from, to);
    await moveBelongings(deps, { from, to });
    await rewriteOutside(deps, { from, to });
    await leaveRedirect(ctx, { from: addressOf(from), to: addressOf(to) });
    await takeRepository(relocation, from, uid);
  }
  await reopen(ctx, to);
  await forgetMove(ctx, from);
}

/** From here on nothing new begins; what has begun is waited for. */
async function closeRepository(deps: AdvanceMoveDeps, from: ObjectRef, move: RepositoryMoveObject): Promise<void> {
  const { ctx } = deps;
  const { operation, to } = move.spec;
  const now = timestampOf(ctx.clock);
  await ctx.resources.mutateStatus(Repository, from, (status) => {
    setRepositoryPhase(status, { phase: 'Moving', now });
    status.moving ??= { operation, ...to, startedAt: now };
  });
  await deps.settle(from);
  await ctx.writing.idle(repositoryPath(ctx.repositoriesRoot, from.org, from.name));
}

async function placeRepository({ ctx: { relocation } }: AdvanceMoveDeps, { from, to, uid }: { from: ObjectRef; to: ObjectRef; uid: string }): Promise<void> {
  const old = await relocation.find(Repository, from);
  if (old?.metadata.uid !== uid) return;
  await relocation.place(Repository, to, relocateObject(Repository, old, { to, nameAfter: () => undefined }));
}

async function moveBytes(ctx: ForgeContext, from: ObjectRef, to: ObjectRef): Promise<void> {
  const source = repositoryPath(ctx.repositoriesRoot, from.org, from.name);
  const target = repositoryPath(ctx.repositoriesRoot, to.org, to.name);
  ctx.git.forget(source);
  if ((await stat(source).catch(() => undefined)) === undefined) return;
  await mkdir(dirname(target), { recursive: true });
  await rename(source, target);
  // Both folders are on the disk before the objects say where the bytes are.
  await syncFolder(dirname(target));
  await syncFolder(dirname(source));
}

/**
 * Moves what belongs to the repository, owners before what they own and gone from the old place in the opposite order, so that the
 * garbage collector never sees an object whose owner is missing. Looks again until nothing is left: who had the repository open may
 * have added to it.
 */
async function moveBelongings(deps: AdvanceMoveDeps, { from, to }: { from: ObjectRef; to: ObjectRef }): Promise<void> {
  for (;;) {
    const belongings = (await belongingsOf(deps.ctx.relocation, from, { issues: from.org === to.org ? 'none' : 'own' })).sort((left, right) => left.depth - right.depth);
    const moving = belongings.filter(({ kind, object }) => from.org !== to.org || nameAfter(kind, object.metadata.name, { from: from.name, to: to.name }) !== object.metadata.name);
    if (moving.length === 0) return;
    const names = await namesAfter(deps, moving, { from, to });
    for (const belonging of moving) await placeBelonging(deps, belonging, { from, to, names });
    // What names a pull request by its old name follows before that is gone.
    if (from.org === to.org) await rewriteIn(deps, from.org, names.after);
    for (const belonging of [...moving].reverse()) await takeBelonging(deps, belonging, { from, to, names });
  }
}

interface NewNames {
  readonly after: (kind: string, name: string) => string | undefined;
}

interface Journey {
  readonly from: ObjectRef;
  readonly to: ObjectRef;
  readonly names: NewNames;
}

/** What each object is called at the new place: as it was, after the repository's new name, or with a mark where another has the name. */
async function namesAfter(deps: AdvanceMoveDeps, moving: readonly Belonging[], { from, to }: { from: ObjectRef; to: ObjectRef }): Promise<NewNames> {
  const names = new Map<string, string>([[`${Repository.names.kind}/${from.name}`, to.name]]);
  for (const { kind, object } of moving) {
    const wanted = nameAfter(kind, object.metadata.name, { from: from.name, to: to.name });
    const there = await deps.ctx.relocation.find(kind, { org: to.org, name: wanted });
    const free = there === undefined || there.metadata.uid === object.metadata.uid;
    names.set(`${kind.names.kind}/${object.metadata.name}`, free ? wanted : `${wanted.slice(0, 240)}-${object.metadata.uid.slice(0, 8)}`);
  }
  return { after: (kind, name) => names.get(`${kind}/${name}`) };
}

async function placeBelonging(deps: AdvanceMoveDeps, { kind, object }: Belonging, { from, to, names }: Journey): Promise<void> {
  if (from.org !== to.org && !(await goesAlong(deps, { kind, object }, to.org))) return;
  const name = names.after(kind.names.kind, object.metadata.name) ?? object.metadata.name;
  const there = { org: to.org, name };
  await deps.ctx.relocation.place(kind, there, relocateObject(kind, object, { to: there, nameAfter: names.after }));
  if (from.org !== to.org) await copyStreams(deps.ctx, { kind, object, from, there });
}

/** People and teams who are not there have no role there; worktrees are made anew. */
async function goesAlong({ ctx }: AdvanceMoveDeps, { kind, object }: Pick<Belonging, 'kind' | 'object'>, org: string): Promise<boolean> {
  if (kind.names.kind === KradleWorkspace.names.kind) return false;
  if (kind.names.kind !== RepositoryPermission.names.kind) return true;
  const { subject } = RepositoryPermission.spec.parse(object.spec);
  return subject.kind === 'User' && (await findObject(ctx.resources, User, { org, name: subject.name })) !== undefined;
}

/** The events of a run and of a pull request are kept under their organization. */
async function copyStreams(ctx: ForgeContext, { kind, object, from, there }: { kind: AnyKind; object: KradleObject; from: ObjectRef; there: ObjectRef }): Promise<void> {
  const [before, after] = [orgNamespace(from.org), orgNamespace(there.org)];
  if (kind.names.kind === AgentDispatchRun.names.kind) await copyStream(ctx.eventLog, `run/${before}/${object.metadata.name}`, `run/${after}/${there.name}`);
  if (kind.names.kind === PullRequest.names.kind) await copyStream(ctx.eventLog, `pull/${before}/${object.metadata.uid}`, `pull/${after}/${object.metadata.uid}`);
}

async function takeBelonging(deps: AdvanceMoveDeps, { kind, object }: Belonging, journey: Journey): Promise<void> {
  const { from } = journey;
  const here = { org: from.org, name: object.metadata.name };
  for (let seen: KradleObject | undefined = object; seen !== undefined; seen = await deps.ctx.relocation.find(kind, here)) {
    // Changed since it was copied: the copy is made anew, and then this one goes.
    if (seen !== object) await placeBelonging(deps, { kind, object: seen, depth: 0 }, journey);
    if (await deps.ctx.relocation.take(kind, here, seen)) break;
  }
  if (from.org === journey.to.org) return;
  const before = orgNamespace(from.org);
  if (kind.names.kind === AgentDispatchRun.names.kind) await deps.ctx.eventLog.drop(`run/${before}/${object.metadata.name}`);
  if (kind.names.kind === PullRequest.names.kind) await deps.ctx.eventLog.drop(`pull/${before}/${object.metadata.uid}`);
}

/** What names the repository without belonging to it: its new name where it stays in the organization, its forks wherever they are. */
async function rewriteOutside(deps: AdvanceMoveDeps, { from, to }: { from: ObjectRef; to: ObjectRef }): Promise<void> {
  const after = (kind: string, name: string): string | undefined => (kind === Repository.names.kind && name === from.name ? to.name : undefined);
  if (from.org === to.org) await rewriteIn(deps, from.org, after);
  else await withdrawFrom(deps, from);
  await renameOrigins(deps, from, to);
}

async function rewriteIn({ ctx: { relocation } }: AdvanceMoveDeps, org: string, after: NewNames['after']): Promise<void> {
  for (const kind of relocation.kinds.all) {
    if (kind.placement !== 'org' || kind.appendOnly === true || (kind.refs ?? []).length === 0 || kind.names.kind === Repository.names.kind) continue;
    const stays = (name: string): boolean => (after(kind.names.kind, name) ?? name) === name;
    // One that gets another name itself is looked for by what it says until it has gone.
    const items = await relocation.list(kind, org, (object) => stays(object.metadata.name) && rewriteReferences(kind, object, after) !== undefined);
    for (const { metadata } of items) await relocation.rewrite(kind, { org, name: metadata.name }, (object) => rewriteReferences(kind, object, after));
  }
}

/** Roles that teams of the old organization had, and issues that are about other repositories, too: whoever takes the name there decides anew. */
async function withdrawFrom({ ctx: { relocation } }: AdvanceMoveDeps, from: ObjectRef): Promise<void> {
  const names = (kind: string, name: string): boolean => kind === Repository.names.kind && name === from.name;
  for (const kind of [Team, Issue]) {
    const without = (object: KradleObject): KradleObject | undefined => {
      const next = dropReferences(kind, object, names);
      return next === object ? undefined : { ...next, metadata: { ...next.metadata, generation: next.metadata.generation + 1 } };
    };
    for (const { metadata } of await relocation.list(kind, from.org, (object) => without(object) !== undefined)) await relocation.rewrite(kind, { org: from.org, name: metadata.name }, without);
  }
}

/** Forks and what was made from a template name their origin across organizations. */
async function renameOrigins({ ctx: { relocation } }: AdvanceMoveDeps, from: ObjectRef, to: ObjectRef): Promise<void> {
  const old = addressOf(from);
  const isOld = (address: RepositoryAddress | undefined): boolean => address?.organization === old.organization && address.repository === old.repository;
  const specOf = (object: KradleObject) => object.spec as { forkOf?: RepositoryAddress; generatedFrom?: RepositoryAddress };
  for (const { metadata, spec } of await relocation.list(Repository, '*', (object) => isOld(specOf(object).forkOf) || isOld(specOf(object).generatedFrom))) {
    await relocation.rewrite(Repository, { org: String(spec.organizationRef), name: metadata.name }, (object) => {
      const { forkOf, generatedFrom } = specOf(object);
      if (!isOld(forkOf) && !isOld(generatedFrom)) return undefined;
      const changed = { ...object.spec, ...(isOld(forkOf) ? { forkOf: addressOf(to) } : {}), ...(isOld(generatedFrom) ? { generatedFrom: addressOf(to) } : {}) };
      return { ...object, spec: changed, metadata: { ...object.metadata, generation: object.metadata.generation + 1 } };
    });
  }
}

async function takeRepository(relocation: Relocation, from: ObjectRef, uid: string): Promise<void> {
  for (let seen = await relocation.find(Repository, from); seen?.metadata.uid === uid; seen = await relocation.find(Repository, from)) {
    if (await relocation.take(Repository, from, seen)) return;
  }
}

/** Opens a repository that had been closed for a move. */
async function reopen(ctx: ForgeContext, ref: ObjectRef): Promise<void> {
  if ((await findObject(ctx.resources, Repository, ref))?.status?.phase !== 'Moving') return;
  await ctx.resources.mutateStatus(Repository, ref, (status) => {
    setRepositoryPhase(status, { phase: 'Ready', now: timestampOf(ctx.clock) });
    delete status.moving;
  });
  await refreshRepository(ctx, ref);
}

async function forgetMove(ctx: ForgeContext, { org, name }: ObjectRef): Promise<void> {
  await ctx.resources.delete(RepositoryMove, { org, name }).catch((error: unknown) => {
    if (!isStatusError(error, 'NotFound')) throw error;
  });
}

function addressOf({ org, name }: ObjectRef): RepositoryAddress {
  return { organization: org, repository: name };
}
