import { isStatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../../app/clock';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import { repositorySizeBytes } from '../git/bareRepository';
import type { MaintenanceResult } from './maintenance';

/** Writes into a repository's status what maintenance did, and the size that it left. */
export async function noteMaintenance(ctx: ForgeContext, { org, repository, tasks, tookMs, failure }: MaintenanceResult): Promise<void> {
  const sizeBytes = await repositorySizeBytes(repositoryPath(ctx.repositoriesRoot, org, repository));
  try {
    await ctx.resources.mutateStatus(Repository, { org, name: repository }, (status) => {
      status.maintenance = { finishedAt: timestampOf(ctx.clock), tasks: [...tasks], durationMs: Math.round(tookMs), ...(failure === undefined ? {} : { failure: failure.slice(0, 2000) }) };
      if (status.sizeBytes !== undefined) status.sizeBytes = sizeBytes;
    });
  } catch (error) {
    // It was deleted meanwhile.
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
