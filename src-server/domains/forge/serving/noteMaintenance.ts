import { isStatusError } from '#shared/api/status';
import type { StatusOf } from '#shared/kind/defineKind';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../../app/clock';
import type { ObjectRef } from '../../../resources/resourceClient';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import { repositorySizeBytes } from '../git/upkeep/bareRepository';
import type { MaintenanceResult } from './maintenance';

/** Writes into a repository's status what maintenance did, and the size that it left. */
export async function noteMaintenance(ctx: ForgeContext, { org, repository, tasks, tookMs, failure }: MaintenanceResult): Promise<void> {
  await noteSize(ctx, { org, name: repository }, (status) => {
    status.maintenance = { finishedAt: timestampOf(ctx.clock), tasks: [...tasks], durationMs: Math.round(tookMs), ...(failure === undefined ? {} : { failure: failure.slice(0, 2000) }) };
  });
}

/** Writes a repository's size on the disk into its status: after pushes have come to rest, because every file of it is looked at. */
export async function noteSize(ctx: ForgeContext, ref: ObjectRef, also: (status: StatusOf<typeof Repository>) => void = () => undefined): Promise<void> {
  const sizeBytes = await repositorySizeBytes(repositoryPath(ctx.repositoriesRoot, ref.org, ref.name));
  try {
    await ctx.resources.mutateStatus(Repository, ref, (status) => {
      also(status);
      if (status.sizeBytes !== undefined) status.sizeBytes = sizeBytes;
    });
  } catch (error) {
    // It was deleted meanwhile.
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
