import { isStatusError } from '#shared/api/status';
import type { StatusOf } from '#shared/kind/defineKind';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { actingAs, completing } from '../../../../runtime/actingAs';
import { type ForgeContext, repositoryPath } from '../../forgeContext';
import { isAncestor } from '../../git/history/commits';
import { keepDeletedBranches } from '../../git/refs/deletedBranches';
import { deleteBranch } from '../../git/refs/refs';
import type { PullRequestObject } from '../pullObjects';
import { readSource } from '../branches/pullSource';

type PullStatus = StatusOf<typeof PullRequest>;
export type MergeIntent = NonNullable<PullStatus['merging']>;
export type MergeRecord = NonNullable<PullStatus['merge']>;

/** Notes a merge before its branch moves: from here on a crash loses neither who merged nor how. */
export async function noteMergeIntent(ctx: ForgeContext, pullRequest: PullRequestObject, merging: MergeIntent): Promise<void> {
  await ctx.resources.mutateStatus(PullRequest, refOf(pullRequest), (status) => {
    status.merging = merging;
  });
}

/**
 * Ends a merge whose server went away: finished when its commit is in the target branch, forgotten when it never got there. Call it
 * under the pull request's lock, so that no merge is really under way.
 */
export async function settleMergeIntent(ctx: ForgeContext, pullRequest: PullRequestObject): Promise<PullRequestObject> {
  const intent = pullRequest.status?.merging;
  if (intent === undefined) return pullRequest;
  const { organizationRef: org, repository, targetBranch } = pullRequest.spec;
  const git = ctx.git.open(repositoryPath(ctx.repositoriesRoot, org, repository));
  const target = await git.objects.resolve(`refs/heads/${targetBranch}`);
  if (target !== undefined && (await git.objects.info(intent.sha)) !== undefined && (await isAncestor(git, intent.sha, target))) {
    return carryOutIntent(await inNameOfMerger(ctx, pullRequest, intent), pullRequest, intent);
  }
  return ctx.resources.mutateStatus(PullRequest, refOf(pullRequest), (status) => {
    delete status.merging;
  });
}

/** The request is gone, and its record of the merge with it: whoever merged gets it now. */
async function inNameOfMerger(ctx: ForgeContext, { spec, metadata: { name } }: PullRequestObject, { mergedBy, sha }: MergeIntent): Promise<ForgeContext> {
  const { organizationRef: org } = spec;
  const actor = await ctx.actorOf(org, mergedBy);
  const trail = actor?.trail?.group();
  if (actor === undefined || trail === undefined) return ctx;
  await trail.note(actor, { verb: 'merge', kind: PullRequest.names.kind, org, name, outcome: 'allowed', details: { sha, interrupted: true } });
  return actingAs(ctx, 'merge', { trail });
}

/** What follows when the target branch has moved: the source branch goes if it was to, and the status says so, which ends the intent. */
export async function carryOutIntent(ctx: ForgeContext, pullRequest: PullRequestObject, intent: MergeIntent): Promise<PullRequestObject> {
  const { method, sha, mergedBy, startedAt, targetBefore, headSha, auto } = intent;
  if (intent.deleteBranch) {
    await deleteSource(ctx, pullRequest, { sha: headSha, by: mergedBy.name });
  }
  return finishMerge(ctx, pullRequest, { headSha, merge: { method, sha, mergedBy, mergedAt: startedAt, targetBefore, ...(auto === true ? { auto } : {}) } });
}

/** What a crash cuts off is done again, so the branch is kept among the deleted ones before it goes. */
async function deleteSource(ctx: ForgeContext, pullRequest: PullRequestObject, { sha, by }: { sha: string; by: string }): Promise<void> {
  const { organizationRef: org, repository: name, sourceBranch: branch } = pullRequest.spec;
  const object = await ctx.resources.get(Repository, { org, name });
  const { repository, tip } = await readSource(ctx, pullRequest, { object, git: ctx.git.open(repositoryPath(ctx.repositoriesRoot, org, name)) });
  // Somebody pushed more, or deleted it first: then it is theirs. A fork that has gone meanwhile keeps what it has.
  if (repository === undefined || tip !== sha) return;
  const { git } = repository;
  await keepDeletedBranches(git, [{ name: branch, sha }], { by, atMs: ctx.clock.now() });
  await deleteBranch(git, branch, sha).catch((error: unknown) => {
    if (!isStatusError(error)) throw error;
  });
}

/** Writes that a pull request is merged, and with it whose merge it was into the audit log. Final. */
export function finishMerge(ctx: ForgeContext, pullRequest: PullRequestObject, opts: { headSha: string; merge: MergeRecord }): Promise<PullRequestObject> {
  return completing(ctx).resources.mutateStatus(PullRequest, refOf(pullRequest), (status, current) => {
    if (status.phase === 'Merged') return;
    status.phase = 'Merged';
    status.merge = opts.merge;
    status.headSha = opts.headSha;
    status.baseSha = opts.merge.targetBefore;
    status.blockers = [];
    status.observedGeneration = current.metadata.generation;
    delete status.merging;
    delete status.conflictingFiles;
    delete status.autoMerge;
  });
}

function refOf(pullRequest: PullRequestObject): { org: string; name: string } {
  return { org: pullRequest.spec.organizationRef, name: pullRequest.metadata.name };
}
