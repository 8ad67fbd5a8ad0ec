import { type ActorReference, isSameActor } from '../../../../resources/actorReference';
import type { Protection } from '../../protection/protectionRules';
import type { PullRequestObject, ReviewObject } from '../pullObjects';
import { bySubmission } from '../reviewOrder';

/** Where the reviewers of a pull request stand. */
export interface ReviewTally {
  /** Whose approval counts. */
  readonly approvedBy: readonly string[];
  /** The same, as who they are. */
  readonly approvers: readonly ActorReference[];
  /** Agents that approve where agents' approvals do not count. */
  readonly agentApprovals: readonly string[];
  /** Who asked for changes and has not taken it back. */
  readonly changesRequestedBy: readonly string[];
  /** The change as it is now has the approval of somebody who did not bring it, as far as a rule asks for that. */
  readonly lastPushApproved: boolean;
}

/** What the standing of reviews follows from, beside themselves. */
export interface ReviewSituation extends CountedApprovals {
  /** Names of reviews of another change than the present one. */
  readonly outdated: ReadonlySet<string>;
  /** Who brought the present change; undefined where nobody knows. */
  readonly pusher: ActorReference | undefined;
}

/**
 * The standing of each reviewer: their latest review that approves or asks for changes. A comment changes nothing, a dismissed
 * review is as if it were not there.
 */
export function tallyReviews(reviews: readonly ReviewObject[], pullRequest: PullRequestObject, situation: ReviewSituation): ReviewTally {
  const standing = new Map<string, ReviewObject>();
  for (const review of [...reviews].sort(bySubmission)) {
    const author = review.spec.author;
    if (author === undefined || review.spec.state === 'commented' || review.status?.phase === 'Dismissed') continue;
    standing.set(`${author.kind}/${author.name}`, review);
  }
  const others = [...standing.values()].flatMap(({ metadata, spec: { author, state } }) => (author === undefined || isSameActor(author, pullRequest.spec.author) ? [] : [{ author, state, outdated: situation.outdated.has(metadata.name) }]));
  const approvals = others.filter(({ state }) => state === 'approved');
  const counting = approvals.filter(({ author }) => approvalCounts(author, pullRequest, situation));
  // Of the change as it is. When nobody knows who brought it, it was at most one of two.
  const present = counting.filter(({ outdated }) => !outdated);
  return {
    approvedBy: counting.map(({ author }) => author.name),
    approvers: counting.map(({ author }) => author),
    agentApprovals: situation.countAgentApprovals ? [] : approvals.filter(({ author }) => author.kind === 'agent').map(({ author }) => author.name),
    changesRequestedBy: others.filter(({ state }) => state === 'changes_requested').map(({ author }) => author.name),
    lastPushApproved: present.length >= (situation.pusher === undefined ? 2 : 1),
  };
}

/** What branch protection says of approvals that are not another person's. */
export type CountedApprovals = Pick<Protection, 'countRequesterApprovals' | 'countAgentApprovals' | 'requireLastPushApproval'>;

/**
 * Whose approval of a pull request counts: another person's. Not its author's; not that of whoever asked an agent for the work, because
 * they would approve their own; and no agent's, because somebody started it. Branch protection may allow the last two, and may leave out
 * whoever pushed last. To ask for changes anybody may but the author. This is the one place of the rule.
 */
export function approvalCounts(reviewer: ActorReference, pullRequest: PullRequestObject, protection: CountedApprovals & Pick<ReviewSituation, 'pusher'>): boolean {
  if (isSameActor(reviewer, pullRequest.spec.author)) return false;
  if (protection.requireLastPushApproval && isSameActor(reviewer, protection.pusher)) return false;
  if (reviewer.kind === 'agent' && !protection.countAgentApprovals) return false;
  return protection.countRequesterApprovals || !(pullRequest.spec.requesters ?? []).some((each) => isSameActor(each, reviewer));
}

/** Approvals of another change than the present one, which a push takes back. */
export function staleApprovals(reviews: readonly ReviewObject[], outdated: ReadonlySet<string>): ReviewObject[] {
  return reviews.filter((review) => review.spec.state === 'approved' && review.status?.phase !== 'Dismissed' && outdated.has(review.metadata.name));
}
