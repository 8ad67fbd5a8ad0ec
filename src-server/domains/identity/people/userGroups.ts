import type { ObjectOf } from '#shared/kind/defineKind';
import type { Team } from '#shared/kinds/identity/team';
import type { User } from '#shared/kinds/identity/user';

type TeamObject = ObjectOf<typeof Team>;

/** Names of the teams that a user is in: as the teams say, and as the user says. */
export function teamsOf({ metadata, spec }: ObjectOf<typeof User>, teams: readonly TeamObject[]): string[] {
  const { name } = metadata;
  const named = teams.filter((team) => team.spec.members?.includes(name) === true || team.spec.maintainers?.includes(name) === true || spec.teams?.includes(team.metadata.name) === true);
  return named.map((team) => team.metadata.name);
}

/** All groups that follow from a user. Source: seeds, "Identity": everybody, administrators or developers, one for each team, and its own. */
export function groupsOf(user: ObjectOf<typeof User>, teams: readonly TeamObject[]): string[] {
  const { role, admin, groups = [] } = user.spec;
  const isAdministrator = admin || role === 'admin' || role === 'owner';
  return [...new Set(['kradle:users', isAdministrator ? 'platform-engineers' : 'developers', ...teamsOf(user, teams).map((team) => `team:${team}`).sort(), ...groups])];
}
