import type { z } from 'zod';
import type { dismissReviewInput } from '#shared/api/pulls';
import { StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Review } from '#shared/kinds/forge/review';
import { timestampOf } from '../../../../app/clock';
import { toActorReference } from '../../../../resources/actorReference';
import type { ResourceClient } from '../../../../resources/resourceClient';
import { actingAs } from '../../../../runtime/actingAs';
import type { ReviewObject } from '../pullObjects';
import { notePullEvents } from '../pullEvents';
import type { PullRouterDeps } from '../pullRouterDeps';

/**
 * Takes the verdict of a review away, with a reason that everybody reads. Its author may, and whoever maintains the repository.
 *
 * @throws NotFound for a review of another pull request; Conflict for a comment, which has no verdict, and once it is merged.
 */
export async function dismissReview(deps: PullRouterDeps, resources: ResourceClient, input: z.output<typeof dismissReviewInput>): Promise<ReviewObject> {
  const { org, pr, review: name, reason } = input;
  const pullRequest = await resources.get(PullRequest, { org, name: pr });
  const review = await resources.get(Review, { org, name });
  if (review.spec.pullRequest !== pr) throw new StatusError('NotFound', `${pr} has no review "${name}"`);
  await resources.require('dismiss', Review, { org, name });
  if (review.spec.state === 'commented') throw new StatusError('Conflict', `${name} is a comment: it has no verdict that could be dismissed`, { code: 'REVIEW_HAS_NO_VERDICT' });
  if (pullRequest.status?.phase === 'Merged') throw new StatusError('Conflict', `${pr} is merged; what was said before stays`, { code: 'PULL_REQUEST_MERGED' });
  if (review.status?.phase === 'Dismissed') return review;
  const ctx = actingAs(deps.ctx, 'dismiss', resources.actor);
  const at = timestampOf(ctx.clock);
  const actor = toActorReference(resources.actor);
  await notePullEvents(ctx.eventLog, pullRequest, [{ id: `dismissed/${name}`, at, type: 'dismissed', actor, data: { review: name, reason } }]);
  const dismissed = await ctx.resources.mutateStatus(Review, { org, name }, (status) => {
    status.phase = 'Dismissed';
    status.dismissedReason = reason;
    status.dismissedBy = actor;
    status.dismissedAt = at;
  });
  await deps.evaluator.evaluate({ org, name: pr });
  return dismissed;
}
