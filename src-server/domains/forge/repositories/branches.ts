import type { z } from 'zod';
import type { createBranchInput, deleteBranchInput, refsInput } from '#shared/api/forge';
import type { GitBranch, gitTag } from '#shared/api/git';
import { StatusError } from '#shared/api/status';
import type { Actor } from '../../../resources/actor';
import { type ActorReference, toActorReference } from '../../../resources/actorReference';
import { type ForgeContext, moverKey } from '../forgeContext';
import { isAncestor } from '../git/commits';
import { LruCache } from '../git/lruCache';
import { branchRef } from '../git/refName';
import { aheadBehind, createBranch, deleteBranch, listRefs, updateRef } from '../git/refs';
import { requireRevision } from '../git/resolve';
import { listRules, protectionOf } from '../protection/protectionRules';
import { readRefSituation } from '../protection/readRefSituation';
import { type RefChange, refuseRefChange } from '../protection/refChange';
import { noteRefs, requireRefsVerb } from '../refAccess';
import type { RefsMoved } from '../refsMoved';
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
/** Each distance takes git a walk through the history: a list with many branches is not kept waiting for all of them. */
const DISTANCES_BUDGET_MS = 250;
const DISTANCES_AT_ONCE = 4;

/** Branches, the newest first, the default branch before all others. */
export async function listBranches(ctx: ForgeContext, repository: OpenRepository, input: z.output<typeof refsInput>): Promise<{ items: GitBranch[]; total: number }> {
  const { git, object, org, name } = repository;
  const { defaultBranch } = object.spec;
  const [page, rules, base] = await Promise.all([
    listRefs(git, { kind: 'branches', limit: input.limit, ...(input.q === undefined ? {} : { search: input.q }) }),
    listRules(ctx.resources, org, name),
    git.objects.resolve(`refs/heads/${defaultBranch}`),
  ]);
  const distances = base === undefined ? new Map<string, Distance>() : await readDistances(repository, base, page.items.map((ref) => ref.sha));
  const items = page.items.map((ref): GitBranch => ({
    name: ref.name,
    sha: ref.sha,
    subject: ref.subject,
    author: ref.author?.name ?? '',
    committedAt: ref.date ?? '',
    isDefault: ref.name === defaultBranch,
    protected: protectionOf(rules, ref.ref).rules.length > 0,
    ...distances.get(ref.sha),
  }));
  return { items: items.sort((left, right) => Number(right.isDefault) - Number(left.isDefault)), total: page.total };
}

export async function listTags(repository: OpenRepository, input: z.output<typeof refsInput>): Promise<{ items: z.output<typeof gitTag>[]; total: number }> {
  const page = await listRefs(repository.git, { kind: 'tags', limit: input.limit, ...(input.q === undefined ? {} : { search: input.q }) });
  return { items: page.items.map((ref) => ({ name: ref.name, sha: ref.sha, subject: ref.tag?.subject ?? ref.subject, taggedAt: ref.date ?? '' })), total: page.total };
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
  await tell(deps, repository, ref);
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
  await deleteBranch(repository.git, name, sha);
  await noteRefs(repository, { verb: 'delete-branch', actor: opts.actor, rule, moved: [{ ref, oldOid: sha }] });
  await tell(deps, repository, ref);
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
  await tell(deps, repository, ref);
}

async function requireAllowed(ctx: ForgeContext, repository: OpenRepository, opts: { actor: Actor; change: RefChange }): Promise<void> {
  const refusal = refuseRefChange(opts.change, await readRefSituation(ctx, repository, opts.actor));
  if (refusal !== undefined) throw new StatusError('Forbidden', refusal, { code: 'POLICY_DENIED' });
}

async function tell(deps: BranchDeps, repository: OpenRepository, ref: string): Promise<void> {
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
  const deadline = performance.now() + DISTANCES_BUDGET_MS;
  const count = async (): Promise<void> => {
    for (let head = unknown.shift(); head !== undefined && performance.now() < deadline; head = unknown.shift()) {
      const counted = await aheadBehind(repository.git, base, head);
      knownDistances.set(distanceKey(repository, base, head), counted);
      found.set(head, counted);
    }
  };
  await Promise.all(Array.from({ length: DISTANCES_AT_ONCE }, count));
  return found;
}

function distanceKey(repository: OpenRepository, base: string, head: string): string {
  return `${repository.git.path}\0${base}\0${head}`;
}
