import type { z } from 'zod';
import type { branchesInput, createBranchInput, deleteBranchInput, restoreBranchInput } from '#shared/api/code';
import type { GitBranch } from '#shared/api/git';
import { StatusError } from '#shared/api/status';
import type { Actor } from '../../../resources/actor';
import { type ActorReference, toActorReference } from '../../../resources/actorReference';
import { commitIdentityOf } from './commitIdentity';
import { type ForgeContext, moverKey } from '../forgeContext';
import { relate } from '../git/history/ancestry';
import { isAncestor } from '../git/history/commits';
import { DELETED_BRANCH_DAYS, type DeletedBranch, forgetDeletedBranch, keepDeletedBranches, listDeletedBranches } from '../git/refs/deletedBranches';
import { LruCache } from '../git/lruCache';
import { branchRef } from '../git/refs/refName';
import { aheadBehind, createBranch, deleteBranch, listRefs, readRef, refTargets, type RefView, updateRef } from '../git/refs/refs';
import { requireRevision } from '../git/objects/resolve';
import { refuseContent } from '../policies/refuseContent';
import { listRules, protectionOf } from '../protection/protectionRules';
import { readRefSituation } from '../protection/readRefSituation';
import { type RefChange, refuseRefChange } from '../protection/refChange';
import { noteRefs, requireRefsVerb } from '../push/refAccess';
import type { RefsMoved } from '../push/refsMoved';
import type { OpenRepository } from './openRepository';

export interface BranchDeps {
  readonly ctx: ForgeContext;
  readonly refsMoved: RefsMoved;
}

interface Distance {
  readonly ahead: number;
  readonly behind: number;
}

/** By repository and the two commits; what it answers never changes. */
const knownDistances = new LruCache<Distance>(20_000);
/** Without a commit graph, each distance takes git a walk through the history: a list with many branches is not kept waiting for all of them. */
const DISTANCES_BUDGET_MS = 250;
const DISTANCES_AT_ONCE = 4;

/** After this long without a commit a branch is stale. */
const STALE_MS = 90 * 86_400_000;

/** Branches, the newest first unless asked otherwise; the default branch before all others where it is among them. */
export async function listBranches(ctx: ForgeContext, repository: OpenRepository, opts: { actor: Actor; input: z.output<typeof branchesInput> }): Promise<{ items: GitBranch[]; total: number; continue?: string }> {
  const { git, object, org, name } = repository;
  const { q, limit, show, sort } = opts.input;
  const offset = readContinue(opts.input.continue);
  const { defaultBranch } = object.spec;
  const stale = Math.floor((ctx.clock.now() - STALE_MS) / 1000);
  const [page, rules, base] = await Promise.all([
    listRefs(git, {
      kind: 'branches', sort, limit, offset,
      ...(q === undefined ? {} : { search: q }),
      ...(show === 'active' ? { after: stale } : {}),
      ...(show === 'stale' ? { before: stale } : {}),
      ...(show === 'mine' ? { authorEmails: await emailsOf(ctx, org, opts.actor) } : {}),
    }),
    listRules(ctx.resources, org, name),
    git.objects.resolve(`refs/heads/${defaultBranch}`),
  ]);
  const refs = offset === 0 && base !== undefined ? await withDefaultFirst(repository, page.items, { q, show }) : page.items.filter((ref) => ref.name !== defaultBranch || show !== 'all');
  const distances = base === undefined ? new Map<string, Distance>() : await readDistances(repository, base, refs.map((ref) => ref.sha));
  const items = refs.map((ref): GitBranch => ({
    name: ref.name,
    sha: ref.sha,
    subject: ref.subject,
    author: ref.author?.name ?? '',
    authorEmail: ref.author?.email ?? '',
    committedAt: ref.date ?? '',
    isDefault: ref.name === defaultBranch,
    protected: protectionOf(rules, ref.ref).rules.length > 0,
    ...distances.get(ref.sha),
  }));
  return { items, total: page.total, ...(page.nextOffset === undefined ? {} : { continue: String(page.nextOffset) }) };
}

/** The first page shows the default branch at its top, wherever it stands in the order; further pages leave it out. */
async function withDefaultFirst(repository: OpenRepository, refs: readonly RefView[], shown: { q: string | undefined; show: string }): Promise<readonly RefView[]> {
  const { defaultBranch } = repository.object.spec;
  const others = refs.filter((ref) => ref.name !== defaultBranch);
  const found = refs.find((ref) => ref.name === defaultBranch);
  if (found !== undefined) return [found, ...others];
  if (shown.show !== 'all' || !defaultBranch.toLowerCase().includes((shown.q ?? '').toLowerCase())) return others;
  const own = await readRef(repository.git, `refs/heads/${defaultBranch}`);
  return own === undefined ? others : [own, ...others];
}

/** The addresses that an actor's commits carry. */
async function emailsOf(ctx: ForgeContext, org: string, actor: Actor): Promise<string[]> {
  return [(await commitIdentityOf(ctx.resources, org, actor)).email, ...(actor.email === undefined ? [] : [actor.email])];
}

/** Branches that can be brought back, the last deleted first, without those that are there again. */
export async function listDeleted(repository: OpenRepository): Promise<{ items: DeletedBranch[] }> {
  const [deleted, heads] = await Promise.all([listDeletedBranches(repository.git), refTargets(repository.git, ['refs/heads/'])]);
  return { items: deleted.filter(({ name }) => !heads.has(`refs/heads/${name}`)) };
}

/** Makes a deleted branch again, where it was. Throws NotFound when it was not deleted or is forgotten, and what making a branch throws. */
export async function restoreBranch(deps: BranchDeps, repository: OpenRepository, opts: { actor: Actor; input: z.output<typeof restoreBranchInput> }): Promise<{ name: string; sha: string }> {
  const { name } = opts.input;
  const deleted = (await listDeletedBranches(repository.git)).find((branch) => branch.name === name);
  if (deleted === undefined) throw new StatusError('NotFound', `No branch "${name}" was deleted in the last ${DELETED_BRANCH_DAYS} days`, { code: 'REVISION_NOT_FOUND' });
  const restored = await addBranch(deps, repository, { actor: opts.actor, input: { org: repository.org, repository: repository.name, name, from: deleted.sha } });
  await forgetDeletedBranch(repository.git, name);
  return restored;
}

/** Where a page begins. Throws BadRequest for a token that is none. */
export function readContinue(token: string | undefined): number {
  if (token === undefined) return 0;
  if (!/^\d{1,9}$/.test(token)) throw new StatusError('BadRequest', 'The continue token is not one of this list; start again without it');
  return Number(token);
}

/** Makes a branch at a commit, as far as the rules of the repository let this actor. */
export async function addBranch(deps: BranchDeps, repository: OpenRepository, opts: { actor: Actor; input: z.output<typeof createBranchInput> }): Promise<{ name: string; sha: string }> {
  const { name, from } = opts.input;
  const ref = branchRef(name, 'name');
  const rule = await requireRefsVerb(deps.ctx, repository, { verb: 'create-branch', actor: opts.actor });
  const { sha } = await requireRevision(repository.git, from);
  await requireAllowed(deps.ctx, repository, { actor: opts.actor, change: { ref, oldSha: undefined, newSha: sha, forced: false } });
  await createBranch(repository.git, name, sha);
  await noteRefs(repository, { verb: 'create-branch', actor: opts.actor, rule, moved: [{ ref, newOid: sha }] });
  await tellRefs(deps, repository, ref);
  return { name, sha };
}

/** Deletes a branch, as far as the rules of the repository let this actor. */
export async function removeBranch(deps: BranchDeps, repository: OpenRepository, opts: { actor: Actor; input: z.output<typeof deleteBranchInput> }): Promise<{ deleted: true; name: string; sha: string }> {
  const { name } = opts.input;
  const ref = branchRef(name, 'name');
  const rule = await requireRefsVerb(deps.ctx, repository, { verb: 'delete-branch', actor: opts.actor });
  const sha = await repository.git.objects.resolve(ref);
  if (sha === undefined) throw new StatusError('NotFound', `Repository "${repository.name}" has no branch "${name}"`, { code: 'REVISION_NOT_FOUND' });
  await requireAllowed(deps.ctx, repository, { actor: opts.actor, change: { ref, oldSha: sha, newSha: undefined, forced: false } });
  deps.ctx.movers.set(moverKey(repository.git.path, ref), toActorReference(opts.actor));
  if (opts.input.expectedSha !== undefined && opts.input.expectedSha !== sha) throw new StatusError('Conflict', `${name} was changed by somebody else in the meantime; look at it again and retry`, { code: 'REF_CHANGED' });
  // Kept first: a server that is killed in between leaves a branch that can be brought back, or one that is there.
  await keepDeletedBranches(repository.git, [{ name, sha }], { by: opts.actor.name, atMs: deps.ctx.clock.now() });
  await deleteBranch(repository.git, name, sha);
  await noteRefs(repository, { verb: 'delete-branch', actor: opts.actor, rule, moved: [{ ref, oldOid: sha }] });
  await tellRefs(deps, repository, ref);
  return { deleted: true, name, sha };
}

/**
 * Points a branch at a commit that is in the repository already, through the same decision as a push. Does nothing when it is there.
 * `expectedSha` is what the branch has to have now. Throws Forbidden for what the rules refuse, Conflict when it is elsewhere.
 */
export async function moveBranch(
  deps: BranchDeps, repository: OpenRepository, opts: { actor: Actor; branch: string; sha: string; expectedSha: string | undefined; reason: string; movedBy?: ActorReference },
): Promise<void> {
  const { actor, branch, sha, expectedSha } = opts;
  const ref = branchRef(branch);
  const forced = expectedSha !== undefined && !(await isAncestor(repository.git, expectedSha, sha));
  await requireAllowed(deps.ctx, repository, { actor, change: { ref, oldSha: expectedSha, newSha: sha, forced } });
  deps.ctx.movers.set(moverKey(repository.git.path, sha), opts.movedBy ?? toActorReference(actor));
  await updateRef(repository.git, { ref, newOid: sha, expectedOid: expectedSha, reason: opts.reason });
  await tellRefs(deps, repository, ref);
}

/** Throws Forbidden (POLICY_DENIED) with the rule when the actor may not make this change. */
export async function requireAllowed(ctx: ForgeContext, repository: OpenRepository, opts: { actor: Actor; change: RefChange }): Promise<void> {
  const situation = await readRefSituation(ctx, repository, opts.actor);
  const refusal = refuseRefChange(opts.change, situation) ?? (await refuseContent(ctx, repository.git, { situation, change: opts.change }));
  if (refusal !== undefined) throw new StatusError('Forbidden', refusal, { code: 'POLICY_DENIED' });
}

/** Tells the forge that a reference moved. */
export async function tellRefs(deps: BranchDeps, repository: OpenRepository, ref: string): Promise<void> {
  await deps.refsMoved({ org: repository.org, repository: repository.name, refs: [ref] });
}

/** How far commits are from the base, by commit. Those that are not known when the time is over are left out; the next call knows more. */
async function readDistances(repository: OpenRepository, base: string, heads: readonly string[]): Promise<Map<string, Distance>> {
  const found = new Map<string, Distance>();
  const unknown: string[] = [];
  for (const head of new Set(heads)) {
    const known = head === base ? { ahead: 0, behind: 0 } : knownDistances.get(distanceKey(repository, base, head));
    if (known === undefined) unknown.push(head);
    else found.set(head, known);
  }
  const note = (head: string, { ahead, behind }: Distance): void => {
    knownDistances.set(distanceKey(repository, base, head), { ahead, behind });
    found.set(head, { ahead, behind });
  };
  const related = await relate(repository.git, base, unknown);
  if (related !== undefined) {
    for (const [head, relation] of related) note(head, relation);
    return found;
  }
  const deadline = performance.now() + DISTANCES_BUDGET_MS;
  const count = async (): Promise<void> => {
    for (let head = unknown.shift(); head !== undefined && performance.now() < deadline; head = unknown.shift()) note(head, await aheadBehind(repository.git, base, head));
  };
  await Promise.all(Array.from({ length: DISTANCES_AT_ONCE }, count));
  return found;
}

function distanceKey(repository: OpenRepository, base: string, head: string): string {
  return `${repository.git.path}\0${base}\0${head}`;
}
