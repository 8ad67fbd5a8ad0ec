import type { z } from 'zod';
import type { removeReviewRequestInput, requestReviewInput } from '#shared/api/pulls';
import { StatusError, type StatusCause } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Team } from '#shared/kinds/identity/team';
import { timestampOf } from '../../../../app/clock';
import { isSameActor, toActorReference } from '../../../../resources/actorReference';
import type { ResourceClient } from '../../../../resources/resourceClient';
import { actingAs } from '../../../../runtime/actingAs';
import type { ForgeContext } from '../../forgeContext';
import { problemOfNamed } from '../namedPeople';
import type { PullRequestObject } from '../pullObjects';
import { notePullEvents } from '../pullEvents';
import type { PullRouterDeps } from '../pullRouterDeps';
import { referenceOf } from './reviewerStandings';

const MAX_REVIEWERS = 100;

/**
 * Asks for reviews. Who reviewed before is asked for another look: until they answer they stand as asked, and what they said before stands for the
 * rules. Throws Invalid with a cause for whoever cannot be asked.
 */
export async function requestReview(deps: PullRouterDeps, resources: ResourceClient, input: z.output<typeof requestReviewInput>): Promise<PullRequestObject> {
  const { org, pr } = input;
  const ref = { org, name: pr };
  await resources.require('request-review', PullRequest, ref);
  const pullRequest = await requireNotEnded(resources, ref);
  const reviewers = [...new Set(input.reviewers)];
  const causes = (await Promise.all(reviewers.map((reviewer, index) => problemOf(deps.ctx, pullRequest, { reviewer, field: `reviewers[${index}]` })))).filter((cause) => cause !== undefined);
  if (causes.length > 0) throw new StatusError('Invalid', `Not everybody can be asked: ${causes.map(({ message }) => message).join('; ')}`, { causes });
  const ctx = actingAs(deps.ctx, 'request-review', resources.actor);
  await ctx.resources.mutate(PullRequest, ref, ({ spec }) => {
    spec.reviewers = [...new Set([...(spec.reviewers ?? []), ...reviewers])];
    if (spec.reviewers.length > MAX_REVIEWERS) throw new StatusError('Invalid', `At most ${MAX_REVIEWERS} can be asked`);
  });
  const at = timestampOf(ctx.clock);
  const requestedBy = toActorReference(resources.actor);
  await ctx.resources.mutateStatus(PullRequest, ref, (status) => {
    const known = new Map((status.reviewers ?? []).map((each) => [each.reviewer, each]));
    for (const reviewer of reviewers) known.set(reviewer, { ...known.get(reviewer), reviewer, state: 'Requested', requestedBy, requestedAt: at });
    status.reviewers = [...known.values()];
  });
  await notePullEvents(ctx.eventLog, pullRequest, [{ id: `review-requested/${at}/${reviewers.join(',')}`.slice(0, 200), at, type: 'review_requested', actor: requestedBy, data: { reviewers } }]);
  return (await deps.evaluator.evaluate(ref)) ?? pullRequest;
}

/** Asks somebody no longer. What they said stays. A code owner who is taken off is not asked again by itself; a rule may still want them. */
export async function removeReviewRequest(deps: PullRouterDeps, resources: ResourceClient, input: z.output<typeof removeReviewRequestInput>): Promise<PullRequestObject> {
  const { org, pr, reviewer } = input;
  const ref = { org, name: pr };
  await resources.require('request-review', PullRequest, ref);
  const pullRequest = await requireNotEnded(resources, ref);
  const isAsked = pullRequest.spec.reviewers?.includes(reviewer) === true || pullRequest.status?.reviewers?.some((each) => each.reviewer === reviewer && each.requestedAt !== undefined) === true;
  if (!isAsked) throw new StatusError('NotFound', `${reviewer} is not asked to review ${pr}`);
  const ctx = actingAs(deps.ctx, 'request-review', resources.actor);
  await ctx.resources.mutate(PullRequest, ref, ({ spec }) => {
    const left = (spec.reviewers ?? []).filter((each) => each !== reviewer);
    if (left.length === 0) delete spec.reviewers;
    else spec.reviewers = left;
  });
  await ctx.resources.mutateStatus(PullRequest, ref, (status) => {
    status.reviewers = (status.reviewers ?? []).filter((each) => each.reviewer !== reviewer);
  });
  const at = timestampOf(ctx.clock);
  await notePullEvents(ctx.eventLog, pullRequest, [{ id: `review-request-removed/${at}/${reviewer}`, at, type: 'review_request_removed', actor: toActorReference(resources.actor), data: { reviewers: [reviewer] } }]);
  return (await deps.evaluator.evaluate(ref)) ?? pullRequest;
}

async function requireNotEnded(resources: ResourceClient, ref: { org: string; name: string }): Promise<PullRequestObject> {
  const pullRequest = await resources.get(PullRequest, ref);
  if (pullRequest.status?.phase === 'Merged') throw new StatusError('Conflict', `${ref.name} is merged already`, { code: 'PULL_REQUEST_MERGED' });
  return pullRequest;
}

async function problemOf(ctx: ForgeContext, pullRequest: PullRequestObject, { reviewer, field }: { reviewer: string; field: string }): Promise<StatusCause | undefined> {
  const { organizationRef: org, author } = pullRequest.spec;
  const missing = (message: string): StatusCause => ({ code: 'FieldValueNotFound', field, message });
  if (isSameActor(referenceOf(reviewer), author)) return { code: 'FieldValueInvalid', field, message: `${reviewer} is its author, who does not review it` };
  if (reviewer.startsWith('team/')) {
    const name = reviewer.slice('team/'.length);
    return (await ctx.resources.find(Team, { org, name })) === undefined ? missing(`there is no team "${name}"`) : undefined;
  }
  return problemOfNamed(ctx, pullRequest, { name: reviewer, field, verb: 'review' });
}
