import type { z } from 'zod';
import type { savePendingReviewInput } from '#shared/api/pulls';
import type { PendingReview } from '#shared/api/pullViews';
import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { timestampOf } from '../../../../app/clock';
import { toActorReference } from '../../../../resources/actorReference';
import { requireQuietly } from '../../../../resources/requireAlso';
import type { ResourceClient } from '../../../../resources/resourceClient';
import type { ForgeContext } from '../../forgeContext';
import type { PullRequestObject } from '../pullObjects';
import { originsOf, placesOf } from '../comments/newComments';
import { PendingReviewDraft, personalName } from './personalNotes';
import type { PullRouterDeps } from '../pullRouterDeps';

type Deps = Pick<PullRouterDeps, 'ctx' | 'facts'>;
type Draft = ObjectOf<typeof PendingReviewDraft>;

/** What somebody has written of a review and not submitted: theirs alone, on every machine that they use. */
export async function readPending(deps: Deps, resources: ResourceClient, pullRequest: PullRequestObject): Promise<PendingReview | null> {
  const draft = await findPending(deps.ctx, resources, pullRequest);
  return draft === undefined ? null : toView(deps, pullRequest, draft);
}

export function findPending(ctx: ForgeContext, resources: ResourceClient, pullRequest: PullRequestObject): Promise<Draft | undefined> {
  return ctx.resources.find(PendingReviewDraft, { org: pullRequest.spec.organizationRef, name: personalName(pullRequest, toActorReference(resources.actor)) });
}

/**
 * Keeps it, replacing what was kept. Throws Conflict (PENDING_REVIEW_CHANGED) when another window has saved since `version`, and what
 * {@link originsOf} throws.
 */
export async function savePending(
  deps: Deps, resources: ResourceClient, opts: { pullRequest: PullRequestObject; input: z.output<typeof savePendingReviewInput> },
): Promise<PendingReview> {
  const { ctx } = deps;
  const { pullRequest, input } = opts;
  const { org, state, body, commitSha, version } = input;
  await requireQuietly(resources, 'comment', { kind: PullRequest, org, name: input.pr });
  const owner = toActorReference(resources.actor);
  const name = personalName(pullRequest, owner);
  const more = {
    organizationRef: org, pullRequest: input.pr, owner, updatedAt: timestampOf(ctx.clock),
    ...(state === undefined ? {} : { state }), ...(body === undefined ? {} : { body }), ...(commitSha === undefined ? {} : { commitSha }),
  };
  return ctx.locks.run(`personal/${org}/${name}`, async () => {
    const before = await ctx.resources.find(PendingReviewDraft, { org, name });
    if (version !== undefined && version !== before?.metadata.resourceVersion) {
      throw new StatusError('Conflict', 'Your pending review was saved by another window in the meantime; read it again', { code: 'PENDING_REVIEW_CHANGED' });
    }
    const spec = { ...more, comments: await originsOf(deps, pullRequest, { comments: input.comments, kept: before?.spec.comments ?? [] }) };
    // Without a trail: what nobody has said yet is nobody's business, and the words are not in any log.
    const saved = before === undefined ? await ctx.resources.create(PendingReviewDraft, org, { metadata: { name }, spec }) : await ctx.resources.update(PendingReviewDraft, org, { metadata: { name }, spec });
    return toView(deps, pullRequest, saved);
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

async function toView(deps: Deps, pullRequest: PullRequestObject, { metadata, spec }: Draft): Promise<PendingReview> {
  const { state, body, comments, commitSha, updatedAt } = spec;
  return {
    comments: await placesOf(deps, pullRequest, comments), updatedAt, version: metadata.resourceVersion,
    ...(state === undefined ? {} : { state }), ...(body === undefined ? {} : { body }), ...(commitSha === undefined ? {} : { commitSha }),
  };
}
