import { namedController } from '../../../runtime/namedController';
import type { ForgeContext } from '../forgeContext';
import type { ForgePart } from '../forgePart';
import { permissionSubjectController, repositoryPermissionController } from './repositoryPermissionController';
import { repositoryPermissionStrategy } from './repositoryPermissionStrategy';

/** Roles in repositories, kept in line with the people, teams and agents that have them. */
export function createPermissions(ctx: ForgeContext): ForgePart {
  return {
    controllers: [
      namedController(ctx, repositoryPermissionController),
      ...(['User', 'Team', 'AgentServiceAccount'] as const).map((subject) => namedController(ctx, (own) => permissionSubjectController(own, subject))),
    ],
    strategies: [repositoryPermissionStrategy],
  };
}
