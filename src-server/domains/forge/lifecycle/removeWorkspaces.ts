import { isStatusError } from '#shared/api/status';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import type { ObjectRef } from '../../../resources/resourceClient';
import type { ForgeContext } from '../forgeContext';

/** Worktrees that agents work in, as a repository's moves need them: they hang on its folder, and are made anew where it goes. */
export interface RepositoryWorkspaces {
  /** Removes these worktrees of a repository, and what they hang on. May be repeated. The objects are the caller's. */
  clear(repository: ObjectRef, workspaces: readonly string[]): Promise<void>;
}

/** Removes the worktrees of a repository in which nobody works, with their objects. */
export async function removeWorkspaces({ ctx, workspaces }: { ctx: ForgeContext; workspaces: RepositoryWorkspaces }, repository: ObjectRef): Promise<void> {
  const { org } = repository;
  const { items } = await ctx.resources.list(KradleWorkspace, { org, fieldSelector: `spec.repository=${repository.name}` });
  await workspaces.clear(repository, items.map(({ metadata }) => metadata.name));
  for (const { metadata } of items) {
    await ctx.resources.delete(KradleWorkspace, { org, name: metadata.name }).catch((error: unknown) => {
      if (!isStatusError(error, 'NotFound')) throw error;
    });
  }
}
