import type { z } from 'zod';
import type { createBranchInput, deleteBranchInput, refsInput } from '#shared/api/forge';
import type { GitBranch, gitTag } from '#shared/api/git';
import { StatusError } from '#shared/api/status';
import type { Actor } from '../../../resources/actor';
import { toActorReference } from '../actorReference';
import { type ForgeContext, moverKey } from '../forgeContext';
import { isAncestor } from '../git/commits';
import { LruCache } from '../git/lruCache';
import { branchRef } from '../git/refName';
import { aheadBehind, createBranch, deleteBranch, listRefs, updateRef } from '../git/refs';
import { requireRevision } from '../git/resolve';
import { listRules, protectionOf } from '../protection/protectionRules';
import { readRefSituation } from '../protection/readRefSituation';
import { type RefChange, refuseRefChange } from '../protection/refChange';
import type { RefsMoved } from '../refsMoved';
import type { OpenRepository } from './openRepository';

export interface BranchDeps {
  readonly ctx: ForgeContext;
  readonly refsMoved: RefsMoved;
}

/** By repository and the two commits; what it answers never changes. */
const distances = new LruCache<{ ahead: number; behind: number }>(20_000);

/** Branches, the newest first, the default branch before all others. */
export async function listBranches(ctx: ForgeContext, repository: OpenRepository, input: z.output<typeof refsInput>): Promise<{ items: GitBranch[]; total: number }> {
  const { git, object, org, name } = repository;
  const { defaultBranch } = object.spec;
  const [page, rules, base] = await Promise.all([
    listRefs(git, { kind: 'branches', limit: input.limit, ...(input.q === undefined ? {} : { search: input.q }) }),
    listRules(ctx.resources, org, name),
    git.objects.resolve(`refs/heads/${defaultBranch}`),
  ]);
  const items = await Promise.all(
    page.items.map(async (ref): Promise<GitBranch> => ({
      name: ref.name,
      sha: ref.sha,
      subject: ref.subject,
      author: ref.author?.name ?? '',
      committedAt: ref.date ?? '',
      isDefault: ref.name === defaultBranch,
      protected: protectionOf(rules, ref.ref).rules.length > 0,
      ...(base === undefined ? {} : await distance(repository, base, ref.sha)),
    })),
  );
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
  const { sha } = await requireRevision(repository.git, from);
  await requireAllowed(deps.ctx, repository, { actor: opts.actor, change: { ref, oldSha: undefined, newSha: sha, forced: false } });
  await createBranch(repository.git, name, sha);
  await tell(deps, repository, ref);
  return { name, sha };
}

/** Deletes a branch, as far as the rules of the repository let this actor. */
export async function removeBranch(deps: BranchDeps, repository: OpenRepository, opts: { actor: Actor; input: z.output<typeof deleteBranchInput> }): Promise<{ deleted: true; name: string; sha: string }> {
  const { name } = opts.input;
  const ref = branchRef(name, 'name');
  const sha = await repository.git.objects.resolve(ref);
  if (sha === undefined) throw new StatusError('NotFound', `Repository "${repository.name}" has no branch "${name}"`, { code: 'REVISION_NOT_FOUND' });
  await requireAllowed(deps.ctx, repository, { actor: opts.actor, change: { ref, oldSha: sha, newSha: undefined, forced: false } });
  deps.ctx.movers.set(moverKey(repository.git.path, ref), toActorReference(opts.actor));
  await deleteBranch(repository.git, name, sha);
  await tell(deps, repository, ref);
  return { deleted: true, name, sha };
}

/**
 * Points a branch at a commit that is in the repository already, through the same decision as a push. Does nothing when it is there.
 * `expectedSha` is what the branch has to have now. Throws Forbidden for what the rules refuse, Conflict when it is elsewhere.
 */
export async function moveBranch(
  deps: BranchDeps, repository: OpenRepository, opts: { actor: Actor; branch: string; sha: string; expectedSha: string | undefined; reason: string },
): Promise<void> {
  const { actor, branch, sha, expectedSha } = opts;
  const ref = branchRef(branch);
  const forced = expectedSha !== undefined && !(await isAncestor(repository.git, expectedSha, sha));
  await requireAllowed(deps.ctx, repository, { actor, change: { ref, oldSha: expectedSha, newSha: sha, forced } });
  deps.ctx.movers.set(moverKey(repository.git.path, sha), toActorReference(actor));
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

async function distance(repository: OpenRepository, base: string, head: string): Promise<{ ahead: number; behind: number }> {
  if (base === head) return { ahead: 0, behind: 0 };
  const key = `${repository.git.path}\0${base}\0${head}`;
  const known = distances.get(key);
  if (known !== undefined) return known;
  const counted = await aheadBehind(repository.git, base, head);
  distances.set(key, counted);
  return counted;
}
