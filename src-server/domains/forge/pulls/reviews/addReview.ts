import type { z } from 'zod';
import type { addReviewInput, resolveThreadInput } from '#shared/api/forge';
import { StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Review } from '#shared/kinds/forge/review';
import { timestampOf } from '../../../../app/clock';
import type { ResourceClient } from '../../../../resources/resourceClient';
import { toActorReference } from '../../../../resources/actorReference';
import { actingAs } from '../../../../runtime/actingAs';
import type { ForgeContext } from '../../forgeContext';
import type { ReviewObject } from '../pullObjects';
import type { PullEvaluator } from '../pullWorld';
import { originsOf } from '../comments/newComments';
import { discardPending, findPending } from './pendingReviews';
import { notePullEvents } from '../pullEvents';
import type { PullRouterDeps } from '../pullRouterDeps';
import { findComment } from './reviewStrategy';
import { collectThreads } from '../comments/threads';

/** Submits a review for whoever `resources` acts for, and lets the pull request's standing follow from it at once. */
export async function addReview(deps: PullRouterDeps, resources: ResourceClient, input: z.output<typeof addReviewInput>): Promise<ReviewObject> {
  const { ctx, evaluator } = deps;
  const { org, pr, state } = input;
  const ref = { org, name: pr };
  await resources.require(state === 'commented' ? 'comment' : 'review', PullRequest, ref);
  const pullRequest = await resources.get(PullRequest, ref);
  const draft = input.pending ? await findPending(ctx, resources, pullRequest) : undefined;
  const body = input.body ?? draft?.spec.body;
  const commitSha = input.commitSha ?? draft?.spec.commitSha;
  const own = actingAs(ctx, 'review', resources.actor);
  // A branch may have moved a moment ago: the review is of what is there now.
  const fresh = (await evaluator.evaluate(ref)) ?? pullRequest;
  const comments = [...(draft?.spec.comments ?? []), ...(await originsOf(deps, fresh, { comments: input.comments }))];
  // Named after what was pending: a server that was killed before it was thrown away submits it once.
  const name = draft === undefined ? undefined : `${pr.slice(0, 200)}-review-${draft.metadata.uid.slice(0, 8)}`;
  const created = await (name === undefined ? undefined : own.resources.find(Review, { org, name })) ?? await own.resources.create(Review, org, {
    // A name that is too long is cut by the prefix's own limit, and stays unique by its ending.
    metadata: name === undefined ? { generateName: `${pr}-review-` } : { name },
    spec: {
      organizationRef: org,
      pullRequest: pr,
      state,
      author: toActorReference(resources.actor),
      ...(body === undefined ? {} : { body }),
      ...(commitSha === undefined ? {} : { commitSha }),
      comments: comments.map((comment, index) => ({ id: `c${index + 1}`, ...comment })),
    },
  });
  const stored = await submit(own, created);
  if (draft !== undefined) await discardPending(ctx, resources, pullRequest);
  await evaluator.evaluate(ref);
  return stored;
}

/** Gives a review its phase. Its controller does the same for reviews that came through another door. */
export function submit(ctx: ForgeContext, review: ReviewObject): Promise<ReviewObject> {
  return ctx.resources.mutateStatus(Review, { org: review.spec.organizationRef, name: review.metadata.name }, (status, current) => {
    status.phase ??= 'Submitted';
    status.submittedAt ??= current.metadata.creationTimestamp;
    status.observedGeneration = current.metadata.generation;
  });
}

/** Marks a conversation as settled, or opens it again. */
export async function resolveThread(ctx: ForgeContext, evaluator: PullEvaluator, opts: { resources: ResourceClient; input: z.output<typeof resolveThreadInput> }): Promise<void> {
  const { resources, input } = opts;
  const { org, pr, thread: id, resolved } = input;
  await resources.require('resolve', PullRequest, { org, name: pr });
  const pullRequest = await resources.get(PullRequest, { org, name: pr });
  const { items } = await ctx.resources.list(Review, { org, fieldSelector: `spec.pullRequest=${pr}` });
  const thread = collectThreads(items).find((each) => each.id === id);
  if (thread === undefined) {
    const hint = (await findComment(ctx.resources, pullRequest, id)) ? 'that comment is an answer; name the first one of its conversation' : 'reload the page';
    throw new StatusError('NotFound', `${pr} has no conversation "${id}": ${hint}`);
  }
  const { review, comment } = thread.root;
  if ((comment.resolved ?? false) === resolved) return;
  // The words are the author's; whether they are settled is everybody's, so the system writes it.
  const written = await actingAs(ctx, 'resolve', resources.actor).resources.mutate(Review, { org, name: review.metadata.name }, (draft) => {
    draft.spec.comments = draft.spec.comments?.map((each) => (each.id === comment.id ? { ...each, resolved } : each));
  });
  const type = resolved ? 'resolved' : 'unresolved';
  await notePullEvents(ctx.eventLog, pullRequest, [
    { id: `${type}/${id}/${written.metadata.generation}`, at: timestampOf(ctx.clock), type, actor: toActorReference(resources.actor), data: { thread: id } },
  ]);
  await evaluator.evaluate({ org, name: pr });
}
