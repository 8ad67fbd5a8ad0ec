import { isStatusError } from '#shared/api/status';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import type { Controller } from '../../../runtime/controller';
import type { ForgeContext } from '../forgeContext';

/** Says whether a permission holds. */
export function repositoryPermissionController(ctx: ForgeContext): Controller {
  return {
    name: 'repository-permission',
    kind: RepositoryPermission,
    async reconcile(request) {
      try {
        await ctx.resources.mutateStatus(RepositoryPermission, request, (status, current) => {
          status.phase = current.spec.revoked ? 'Revoked' : 'Active';
          status.observedGeneration = current.metadata.generation;
        });
      } catch (error) {
        // Deleted: nothing to say about it.
        if (!isStatusError(error, 'NotFound')) throw error;
      }
    },
  };
}
