import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositoryWorkspaces } from '../../domains/forge/lifecycle/removeWorkspaces';
import type { DataDir } from '../dataDir';

/** The worktrees of repositories on disk, as `createWorktrees` lays them out. */
export function createRepositoryWorkspaces({ workspaces }: Pick<DataDir, 'workspaces'>): RepositoryWorkspaces {
  return {
    async clear({ org, name }, names) {
      for (const workspace of names) await rm(join(workspaces, org, workspace), { recursive: true, force: true });
      await rm(join(workspaces, '.repositories', org, `${name}.git`), { recursive: true, force: true });
    },
  };
}
