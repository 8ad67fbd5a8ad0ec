import type { Protection } from '../../protection/protectionRules';
import { countUnresolved } from '../comments/threads';
import type { PullWorld } from '../pullWorld';
import { tallyReviews } from '../reviews/approvals';
import { missingOwners } from '../reviews/reviewersOfPull';
import { type BlockerFacts, checksOf } from './blockers';

/** Everything that the blockers of a pull request follow from, by the rules that bind whoever is asked about. */
export function blockerFactsOf(world: PullWorld, protection: Protection): BlockerFacts {
  const { pullRequest, repository, source, target, head, facts, reviews, outdated, lastPush } = world;
  const tally = tallyReviews(reviews, pullRequest, { ...protection, outdated, pusher: lastPush?.by });
  return {
    pullRequest,
    checks: checksOf(pullRequest, head),
    archived: repository.spec.archived,
    mergeMethods: repository.spec.mergeMethods,
    sourceExists: source !== undefined,
    targetExists: target !== undefined,
    conflictingFiles: facts?.conflictingFiles,
    commits: facts?.commits,
    behind: facts?.behind,
    missingOwners: missingOwners(world, tally),
    pusher: lastPush?.by,
    protection,
    tally,
    unresolvedThreads: countUnresolved(reviews),
  };
}
