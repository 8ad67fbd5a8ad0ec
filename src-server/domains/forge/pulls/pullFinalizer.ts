import { isStatusError } from '#shared/api/status';
import { API_GROUP } from '#shared/kind/objectMeta';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { Review } from '#shared/kinds/forge/review';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import { refTargets, updateRef } from '../git/refs/refs';
import type { PullRequestObject } from './pullObjects';
import { dropPersonalNotes } from './reviews/personalNotes';
import { dropPullEvents } from './pullEvents';
import { pastHeadRefs, pullHeadRef } from './pullRefs';

/** Keeps a deleted pull request until what it has outside of its object is gone. */
export const PULL_FINALIZER = `${API_GROUP}/pull-request-data`;

/** Removes the reference, the reviews and the events of a pull request that is being deleted, then lets the object go. */
export async function finalizePull(ctx: ForgeContext, pullRequest: PullRequestObject): Promise<void> {
  const { organizationRef: org, repository: name, number } = pullRequest.spec;
  const repository = await ctx.resources.find(Repository, { org, name });
  // The bytes of a repository that is going, too, are its own finalizer's work.
  if (repository?.status?.phase === 'Ready' && repository.metadata.deletionTimestamp === undefined && number !== undefined) {
    const git = ctx.git.open(repositoryPath(ctx.repositoriesRoot, org, name));
    const refs = await refTargets(git, [pullHeadRef(number), pastHeadRefs(number)]);
    for (const ref of refs.keys()) await updateRef(git, { ref, newOid: undefined, expectedOid: 'any', reason: 'pull request: deleted' });
  }
  const reviews = await ctx.resources.list(Review, { org, fieldSelector: `spec.pullRequest=${pullRequest.metadata.name}` });
  for (const { metadata } of reviews.items) {
    await ctx.resources.delete(Review, { org, name: metadata.name }).catch((error: unknown) => {
      if (!isStatusError(error, 'NotFound')) throw error;
    });
  }
  await dropPullEvents(ctx.eventLog, pullRequest);
  await dropPersonalNotes(ctx, pullRequest);
  await ctx.resources.mutate(PullRequest, { org, name: pullRequest.metadata.name }, (draft) => {
    draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((finalizer) => finalizer !== PULL_FINALIZER);
  });
}
