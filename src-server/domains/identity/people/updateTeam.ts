import type { z } from 'zod';
import type { updateTeamInput } from '#shared/api/people';
import type { ObjectOf } from '#shared/kind/defineKind';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { onBehalfOf } from '../../../resources/auditTrail';
import type { ResourceClient } from '../../../resources/resourceClient';
import { removeMember } from './userController';

/**
 * Changes who is in a team, and what it says of itself; never what it may do. `resources` is bound to who asks: an administrator, or a
 * maintainer of the team.
 */
export async function updateTeam(resources: ResourceClient, input: z.output<typeof updateTeamInput>): Promise<ObjectOf<typeof Team>> {
  const { org, team: name, displayName, description, addMembers = [], removeMembers = [], addMaintainers = [], removeMaintainers = [] } = input;
  const team = await resources.mutate(Team, { org, name }, ({ spec }) => {
    if (displayName !== undefined) spec.displayName = displayName;
    if (description !== undefined) spec.description = description;
    for (const user of removeMembers) removeMember(spec, user);
    const demoted = new Set(removeMaintainers);
    const stayed = (spec.maintainers ?? []).filter((user) => demoted.has(user));
    const maintainers = [...new Set([...(spec.maintainers ?? []).filter((user) => !demoted.has(user)), ...addMaintainers])];
    spec.members = [...new Set([...(spec.members ?? []), ...stayed, ...addMembers, ...addMaintainers])];
    if (maintainers.length > 0 || spec.maintainers !== undefined) spec.maintainers = maintainers;
  });
  // What a user's own object says of the team would keep them in it.
  const system = resources.as(onBehalfOf(resources.actor));
  for (const user of removeMembers) {
    const found = await system.find(User, { org, name: user });
    if (found?.spec.teams?.includes(name) !== true) continue;
    await system.mutate(User, { org, name: user }, ({ spec }) => { spec.teams = spec.teams?.filter((each) => each !== name); });
  }
  return team;
}
