import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import type { ForgeContext } from '../../forgeContext';
import type { PullWorld } from '../pullWorld';
import { isOwner, membersOf } from './resolveOwners';
import type { ReviewTally } from './approvals';
import type { StandingFacts } from './reviewerStandings';

/** What has to be looked up to say where reviewers stand: who is in the teams that are asked, and whose runs reviewed. */
export async function readStandingFacts(ctx: ForgeContext, world: PullWorld): Promise<Pick<StandingFacts, 'owners' | 'teams' | 'stacks'>> {
  const { pullRequest, reviews, ownership } = world;
  const org = pullRequest.spec.organizationRef;
  const owners = new Set([...(ownership?.owners.values() ?? [])].flatMap(({ reviewer }) => reviewer ?? []));
  const reviewers = new Set([...(pullRequest.spec.reviewers ?? []), ...(pullRequest.status?.reviewers ?? []).map(({ reviewer }) => reviewer), ...owners]);
  const names = [...reviewers].filter((reviewer) => reviewer.startsWith('team/')).map((reviewer) => reviewer.slice('team/'.length));
  const users = names.length === 0 ? [] : (await ctx.resources.list(User, { org })).items;
  const teams = new Map<string, ReadonlySet<string>>();
  for (const name of names) {
    const team = await ctx.resources.find(Team, { org, name });
    if (team !== undefined) teams.set(`team/${name}`, membersOf(team, users));
  }
  const stacks = new Map<string, string>();
  if ([...reviewers].some((reviewer) => reviewer.startsWith('agent/'))) {
    for (const { author } of reviews.map((review) => review.spec)) {
      if (author?.kind !== 'agent' || stacks.has(author.name)) continue;
      const run = await ctx.resources.find(AgentDispatchRun, { org, name: author.name });
      if (run !== undefined) stacks.set(author.name, run.spec.agentStack);
    }
  }
  return { owners, teams, stacks };
}

/** The owners of changed files none of whom has given an approval that counts, a group for each rule of the file. */
export function missingOwners(world: Pick<PullWorld, 'ownership'>, tally: ReviewTally): string[][] {
  const { ownership } = world;
  if (ownership === undefined) return [];
  return ownership.change.groups.flatMap(({ rule }) => {
    const owners = rule.owners.map((owner) => ownership.owners.get(owner)).filter((owner) => owner?.reviewer !== undefined);
    const satisfied = owners.length === 0 || owners.some((owner) => tally.approvers.some((approver) => isOwner(approver, owner)));
    return satisfied ? [] : [owners.flatMap((owner) => owner?.owner ?? [])];
  });
}
