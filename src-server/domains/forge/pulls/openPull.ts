import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { Review } from '#shared/kinds/forge/review';
import type { ResourceClient } from '../../../resources/resourceClient';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import type { GitRepository } from '../git/gitRepositories';
import { openRepository } from '../repositories/openRepository';
import { bySubmission } from './reviewOrder';
import type { PullRequestObject, ReviewObject } from './pullObjects';
import type { PullEvaluator } from './pullWorld';
import { readSource } from './branches/pullSource';

export interface OpenPullDeps {
  readonly ctx: ForgeContext;
  readonly evaluator: PullEvaluator;
}

/** A pull request as the actor may see it, and the two commits that its change lies between. */
export interface OpenPull {
  readonly pullRequest: PullRequestObject;
  /** Undefined while the repository has no bytes. */
  readonly git: GitRepository | undefined;
  /** Undefined while nothing is known of the change. `base` is undefined where the histories have nothing in common. */
  readonly ends: { readonly base: string | undefined; readonly head: string } | undefined;
}

/** A pull request whose status is as its branches are now. `NotFound` where the actor may not see it. */
export async function freshPull(deps: OpenPullDeps, { resources }: { resources: ResourceClient }, input: { org: string; pr: string }): Promise<PullRequestObject> {
  const ref = { org: input.org, name: input.pr };
  const found = await resources.get(PullRequest, ref);
  const evaluated = (await deps.evaluator.evaluate(ref)) ?? found;
  return evaluated.status?.phase === 'Open' ? evaluated : noteSource(deps.ctx, evaluated);
}

/** Of one that is merged or closed nothing else is looked at any more: whether its branch is there says if it can be restored. */
async function noteSource(ctx: ForgeContext, pullRequest: PullRequestObject): Promise<PullRequestObject> {
  const { organizationRef: org, repository: name } = pullRequest.spec;
  const object = await ctx.resources.find(Repository, { org, name });
  if (object?.status?.phase !== 'Ready') return pullRequest;
  const { state, tip } = await readSource(ctx, pullRequest, { object, git: ctx.git.open(repositoryPath(ctx.repositoriesRoot, org, name)) });
  const { sourceExists, sourceRepository } = pullRequest.status ?? {};
  const isThere = state !== 'gone';
  const exists = isThere && tip !== undefined;
  const same = sourceExists === exists && (sourceRepository === undefined || sourceRepository.exists === isThere);
  if (same || state === 'closed' || pullRequest.metadata.deletionTimestamp !== undefined) return pullRequest;
  return ctx.resources.mutateStatus(PullRequest, { org, name: pullRequest.metadata.name }, (status) => {
    status.sourceExists = exists;
    if (status.sourceRepository !== undefined) status.sourceRepository.exists = isThere;
  });
}

export async function openPull(deps: OpenPullDeps, request: { resources: ResourceClient }, input: { org: string; pr: string }): Promise<OpenPull> {
  const pullRequest = await freshPull(deps, request, input);
  const { headSha, mergeBaseSha } = pullRequest.status ?? {};
  const ref = { org: input.org, name: pullRequest.spec.repository };
  const repository = await request.resources.find(Repository, ref);
  if (repository?.status?.phase !== 'Ready') return { pullRequest, git: undefined, ends: undefined };
  const { git } = await openRepository(deps.ctx, request.resources, ref);
  return { pullRequest, git, ends: headSha === undefined ? undefined : { base: mergeBaseSha, head: headSha } };
}

/** Every review of a pull request, oldest first. */
export async function reviewsOf(ctx: ForgeContext, pullRequest: PullRequestObject): Promise<ReviewObject[]> {
  const { items } = await ctx.resources.list(Review, { org: pullRequest.spec.organizationRef, fieldSelector: `spec.pullRequest=${pullRequest.metadata.name}` });
  return [...items].sort(bySubmission);
}
