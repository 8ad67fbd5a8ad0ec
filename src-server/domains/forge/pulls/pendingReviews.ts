import type { z } from 'zod';
import type { savePendingReviewInput } from '#shared/api/pulls';
import type { PendingReview } from '#shared/api/pullViews';
import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { timestampOf } from '../../../app/clock';
import { toActorReference } from '../../../resources/actorReference';
import { requireQuietly } from '../../../resources/requireAlso';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { ForgeContext } from '../forgeContext';
import type { PullRequestObject } from './approvals';
import { PendingReviewDraft, personalName } from './personalNotes';

type Draft = ObjectOf<typeof PendingReviewDraft>;

/** What somebody has written of a review and not submitted: theirs alone, on every machine that they use. */
export async function readPending(ctx: ForgeContext, resources: ResourceClient, pullRequest: PullRequestObject): Promise<PendingReview | null> {
  const draft = await findPending(ctx, resources, pullRequest);
  return draft === undefined ? null : toView(draft);
}

export function findPending(ctx: ForgeContext, resources: ResourceClient, pullRequest: PullRequestObject): Promise<Draft | undefined> {
  return ctx.resources.find(PendingReviewDraft, { org: pullRequest.spec.organizationRef, name: personalName(pullRequest, toActorReference(resources.actor)) });
}

/** Keeps it, replacing what was kept. Throws Conflict (PENDING_REVIEW_CHANGED) when another window has saved since `version`. */
export async function savePending(
  ctx: ForgeContext, resources: ResourceClient, opts: { pullRequest: PullRequestObject; input: z.output<typeof savePendingReviewInput> },
): Promise<PendingReview> {
  const { pullRequest, input } = opts;
  const { org, state, body, comments, commitSha, version } = input;
  await requireQuietly(resources, 'comment', { kind: PullRequest, org, name: input.pr });
  const owner = toActorReference(resources.actor);
  const name = personalName(pullRequest, owner);
  const spec = {
    organizationRef: org, pullRequest: input.pr, owner, comments, updatedAt: timestampOf(ctx.clock),
    ...(state === undefined ? {} : { state }), ...(body === undefined ? {} : { body }), ...(commitSha === undefined ? {} : { commitSha }),
  };
  return ctx.locks.run(`personal/${org}/${name}`, async () => {
    const before = await ctx.resources.find(PendingReviewDraft, { org, name });
    if (version !== undefined && version !== before?.metadata.resourceVersion) {
      throw new StatusError('Conflict', 'Your pending review was saved by another window in the meantime; read it again', { code: 'PENDING_REVIEW_CHANGED' });
    }
    // Without a trail: what nobody has said yet is nobody's business, and the words are not in any log.
    const saved = before === undefined ? await ctx.resources.create(PendingReviewDraft, org, { metadata: { name }, spec }) : await ctx.resources.update(PendingReviewDraft, org, { metadata: { name }, spec });
    return toView(saved);
  });
}

export async function discardPending(ctx: ForgeContext, resources: ResourceClient, pullRequest: PullRequestObject): Promise<boolean> {
  const ref = { org: pullRequest.spec.organizationRef, name: personalName(pullRequest, toActorReference(resources.actor)) };
  try {
    await ctx.resources.delete(PendingReviewDraft, ref);
    return true;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return false;
    throw error;
  }
}

function toView({ metadata, spec }: Draft): PendingReview {
  const { state, body, comments, commitSha, updatedAt } = spec;
  return {
    comments, updatedAt, version: metadata.resourceVersion,
    ...(state === undefined ? {} : { state }), ...(body === undefined ? {} : { body }), ...(commitSha === undefined ? {} : { commitSha }),
  };
}
