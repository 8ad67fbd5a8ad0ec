import type { CodeOwnersView } from '#shared/api/pullViews';
import { tallyReviews } from './approvals';
import type { PullWorld } from '../pullWorld';
import { isOwner } from './resolveOwners';

const MAX_FILES = 1000;

/** Who owns what a pull request changes, and who of them has approved. */
export function viewCodeOwners(world: PullWorld): CodeOwnersView {
  const { ownership, protection, pullRequest, reviews, outdated, lastPush, target } = world;
  const required = protection.requireCodeOwnerReview;
  if (ownership === undefined) return { faults: [], owners: [], files: [], ownedFiles: 0, required };
  const { approvers } = tallyReviews(reviews, pullRequest, { ...protection, outdated, pusher: lastPush?.by });
  const approved = (owner: string): boolean => approvers.some((approver) => isOwner(approver, ownership.owners.get(owner)));
  const { groups, path, faults } = ownership.change;
  const fileCounts = new Map<string, number>();
  for (const { rule, files } of groups) for (const owner of rule.owners) fileCounts.set(owner, (fileCounts.get(owner) ?? 0) + files.length);
  const files = groups.flatMap(({ rule, files: paths }) => {
    const satisfied = rule.owners.some(approved);
    return paths.map((each) => ({ path: each, owners: [...rule.owners], line: rule.line, satisfied }));
  });
  return {
    path,
    ...(target === undefined ? {} : { commitSha: target }),
    faults: [...faults],
    owners: [...fileCounts].map(([owner, count]) => {
      const { reviewer, problem } = ownership.owners.get(owner) ?? {};
      return { owner, ...(reviewer === undefined ? {} : { reviewer }), ...(problem === undefined ? {} : { problem }), files: count, satisfied: approved(owner) };
    }),
    files: files.sort((left, right) => (left.path < right.path ? -1 : 1)).slice(0, MAX_FILES),
    ownedFiles: files.length,
    required,
  };
}
