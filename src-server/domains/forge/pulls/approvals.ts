import type { ObjectOf } from '#shared/kind/defineKind';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { Review } from '#shared/kinds/forge/review';
import { type ActorReference, isSameActor } from '../../../resources/actorReference';

export type PullRequestObject = ObjectOf<typeof PullRequest>;
export type ReviewObject = ObjectOf<typeof Review>;

/** Where the reviewers of a pull request stand. */
export interface ReviewTally {
  /** Whose approval counts. */
  readonly approvedBy: readonly string[];
  /** Who asked for changes and has not taken it back. */
  readonly changesRequestedBy: readonly string[];
}

/**
 * The standing of each reviewer: their latest review that approves or asks for changes. A comment changes nothing, a dismissed
 * review is as if it were not there.
 */
export function tallyReviews(reviews: readonly ReviewObject[], pullRequest: PullRequestObject): ReviewTally {
  const standing = new Map<string, ReviewObject>();
  for (const review of [...reviews].sort(bySubmission)) {
    const author = review.spec.author;
    if (author === undefined || review.spec.state === 'commented' || review.status?.phase === 'Dismissed') continue;
    standing.set(`${author.kind}/${author.name}`, review);
  }
  const latest = [...standing.values()];
  const named = (state: ReviewObject['spec']['state']): string[] =>
    latest.filter((review) => review.spec.state === state && countsFor(review.spec.author, pullRequest)).map((review) => review.spec.author?.name ?? '');
  return { approvedBy: named('approved'), changesRequestedBy: named('changes_requested') };
}

/**
 * Whose judgement of a pull request counts: everyone's but its author's. The person who asked an agent for the work is not its
 * author and counts. This is the one place of the rule.
 */
export function countsFor(reviewer: ActorReference | undefined, pullRequest: PullRequestObject): boolean {
  return reviewer !== undefined && !isSameActor(reviewer, pullRequest.spec.author);
}

/** Approvals of an older head that a new push takes back. */
export function staleApprovals(reviews: readonly ReviewObject[], headSha: string): ReviewObject[] {
  return reviews.filter((review) => review.spec.state === 'approved' && review.status?.phase !== 'Dismissed' && review.spec.commitSha !== headSha);
}

/** Oldest first; the name decides between equals, so that the order is the same on every reading. */
export function bySubmission(left: ReviewObject, right: ReviewObject): number {
  const [leftAt, rightAt] = [submittedAt(left), submittedAt(right)];
  return leftAt === rightAt ? left.metadata.name.localeCompare(right.metadata.name) : leftAt.localeCompare(rightAt);
}

export function submittedAt(review: ReviewObject): string {
  return review.status?.submittedAt ?? review.metadata.creationTimestamp;
}
