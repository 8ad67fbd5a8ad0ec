import type { z } from 'zod';
import type { reviewerStanding } from '#shared/kinds/forge/pullRequest';
import { type ActorReference, isSameActor } from '../../../../resources/actorReference';
import { bySubmission, submittedAt } from '../reviewOrder';
import type { ReviewTally } from './approvals';
import type { PullRequestObject, ReviewObject } from '../pullObjects';

export type ReviewerStanding = z.output<typeof reviewerStanding>;

/** What the standing of reviewers follows from. */
export interface StandingFacts {
  readonly pullRequest: PullRequestObject;
  readonly reviews: readonly ReviewObject[];
  readonly outdated: ReadonlySet<string>;
  readonly tally: ReviewTally;
  /** Reviewers that CODEOWNERS names for changed files. */
  readonly owners: ReadonlySet<string>;
  /** People of the teams that are asked, by `team/NAME`. */
  readonly teams: ReadonlyMap<string, ReadonlySet<string>>;
  /** The stacks of runs that reviewed, by the run's name. */
  readonly stacks: ReadonlyMap<string, string>;
  readonly now: string;
}

/** As many as a page can show; CODEOWNERS of a large change may name more. */
const MAX_REVIEWERS = 200;

/**
 * Who is asked to review and who did, each with where they stand. Code owners are asked by themselves once the pull request is no draft;
 * one that was taken off is not asked again.
 */
export function standingsOf(facts: StandingFacts): { reviewers: ReviewerStanding[]; ownersAsked: string[] } {
  const { pullRequest, reviews, owners } = facts;
  const { spec, status } = pullRequest;
  const known = new Map((status?.reviewers ?? []).map((each) => [each.reviewer, each]));
  const alreadyAsked = new Set(status?.ownersAsked);
  const newOwners = spec.draft ? [] : [...owners].filter((owner) => !alreadyAsked.has(owner) && !isSameActor(referenceOf(owner), spec.author)).slice(0, MAX_REVIEWERS);
  const entries = new Map<string, ReviewerStanding>();
  for (const reviewer of spec.reviewers ?? []) entries.set(reviewer, { ...asked(known.get(reviewer), facts.now), reviewer });
  for (const [reviewer, before] of known) if (before.codeOwner === true && before.requestedAt !== undefined && owners.has(reviewer)) entries.set(reviewer, { ...before });
  for (const reviewer of newOwners) entries.set(reviewer, { ...asked(entries.get(reviewer) ?? known.get(reviewer), facts.now), reviewer });
  for (const { author } of reviews.map((review) => review.spec)) {
    if (author === undefined || isSameActor(author, spec.author)) continue;
    const reviewer = nameOf(author);
    if (!entries.has(reviewer)) entries.set(reviewer, { reviewer, state: 'Commented' });
  }
  const ordered = [...reviews].sort(bySubmission);
  return {
    reviewers: [...entries.values()].slice(0, MAX_REVIEWERS).map((entry) => judge(entry, ordered, facts)),
    ownersAsked: [...alreadyAsked, ...newOwners].slice(0, 500),
  };
}

/** `ada`, `team/platform` or `agent/reviewer` as who it is; a team is nobody by itself. */
export function referenceOf(reviewer: string): ActorReference | undefined {
  if (reviewer.startsWith('team/')) return undefined;
  return reviewer.startsWith('agent/') ? { kind: 'agent', name: reviewer.slice('agent/'.length) } : { kind: 'user', name: reviewer };
}

export function nameOf({ kind, name }: ActorReference): string {
  return kind === 'agent' ? `agent/${name}` : name;
}

function asked(before: ReviewerStanding | undefined, now: string): Omit<ReviewerStanding, 'reviewer'> {
  return { ...before, state: 'Requested', requestedAt: before?.requestedAt ?? now };
}

/** The latest verdict since they were asked, or the latest comment; what was said before the question is not its answer. */
function judge(entry: ReviewerStanding, ordered: readonly ReviewObject[], facts: StandingFacts): ReviewerStanding {
  const { reviewer, requestedBy, requestedAt } = entry;
  const theirs = ordered.filter(({ spec: { author } }) => author !== undefined && !isSameActor(author, facts.pullRequest.spec.author) && speaksFor(author, reviewer, facts));
  const answers = theirs.filter((review) => requestedAt === undefined || submittedAt(review) >= requestedAt);
  const verdict = answers.findLast((review) => review.spec.state !== 'commented' && review.status?.phase !== 'Dismissed');
  const latest = verdict ?? answers.at(-1);
  const reference = referenceOf(reviewer);
  return {
    reviewer,
    state: latest === undefined ? 'Requested' : stateOf(latest),
    ...(facts.owners.has(reviewer) ? { codeOwner: true } : {}),
    ...(requestedBy === undefined ? {} : { requestedBy }),
    ...(requestedAt === undefined ? {} : { requestedAt }),
    ...(latest === undefined ? {} : { review: latest.metadata.name }),
    ...(verdict !== undefined && facts.outdated.has(verdict.metadata.name) ? { outdated: true } : {}),
    ...(verdict?.spec.state === 'approved' && reference !== undefined ? { counts: facts.tally.approvers.some((each) => isSameActor(each, reference)) } : {}),
  };
}

function speaksFor(author: ActorReference, reviewer: string, { teams, stacks }: StandingFacts): boolean {
  if (nameOf(author) === reviewer) return true;
  if (author.kind === 'agent') return reviewer === `agent/${stacks.get(author.name) ?? ''}`;
  return teams.get(reviewer)?.has(author.name) === true;
}

function stateOf({ spec, status }: ReviewObject): ReviewerStanding['state'] {
  if (spec.state === 'commented') return 'Commented';
  if (status?.phase === 'Dismissed') return 'Dismissed';
  return spec.state === 'approved' ? 'Approved' : 'ChangesRequested';
}
