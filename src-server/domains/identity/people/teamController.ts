import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { controllerActor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';
import { teamsOf } from './userGroups';

/** Counts the people of teams. */
export function createTeamController(opts: { resources: ResourceClient }): Controller {
  const resources = opts.resources.as(controllerActor('team'));
  return {
    name: 'team',
    kind: Team,
    watches: [{ kind: User, map: ({ spec }) => (Array.isArray(spec.teams) ? spec.teams.map((team) => ({ org: String(spec.organizationRef), name: String(team) })) : []) }],
    async reconcile(ref) {
      const team = await resources.find(Team, ref);
      if (team === undefined) return;
      const { items: users } = await resources.list(User, { org: ref.org });
      const memberCount = users.filter((user) => teamsOf(user, [team]).length > 0).length;
      await resources.mutateStatus(Team, ref, (status, { metadata }) => {
        Object.assign(status, { phase: 'Active', memberCount, observedGeneration: metadata.generation });
      });
    },
  };
}
