import { copyFile, lstat, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isStatusError } from '#shared/api/status';
import type { RepositoryRef } from '../domains/agents/forgePort';
import type { WorktreeRef, Worktrees } from '../domains/agents/worktreePort';
import { readDiffPage } from '../domains/forge/diffPage';
import type { GitRepositories } from '../domains/forge/git/gitRepositories';
import { openWorkspaceRepository, type WorkspaceRepository } from '../domains/forge/git/workspaceRepository';
import { claimWorktree, headOf, prepareWorktree, removeWorktree, unpublishedCommits, worktreeStatus } from '../domains/forge/git/worktrees';

export interface LocalWorktreesOptions {
  readonly git: GitRepositories;
  /** Folder of a forge repository's bytes. */
  readonly repositoryPath: (org: string, repository: string) => string;
  /** Folder for `<org>/<repository>.git`: what worktrees of a repository hang on. */
  readonly workspaceRepositoriesRoot: string;
}

/** The run engine's worktrees, made from the forge's repositories on this machine. */
export function createLocalWorktrees(options: LocalWorktreesOptions): Worktrees {
  const locations = ({ org, repository }: RepositoryRef) => ({
    workspaceRepository: join(options.workspaceRepositoriesRoot, org, `${repository}.git`),
    forgeRepository: options.repositoryPath(org, repository),
  });
  const open = async (ref: RepositoryRef): Promise<WorkspaceRepository> => {
    const { workspaceRepository, forgeRepository } = locations(ref);
    return openWorkspaceRepository(options.git.open(workspaceRepository), options.git.open(forgeRepository));
  };

  return {
    locations,
    async prepare(worktree, sha) {
      const repository = await open(worktree);
      if (await exists(worktree.path)) {
        // Half made by a server that was killed, or standing on an older commit.
        await removeWorktree(repository, worktree.path, { force: true }).catch(() => undefined);
        await rm(worktree.path, { recursive: true, force: true });
      }
      await prepareWorktree(repository, worktree.path, { sha });
    },
    async claim(worktree, { branch, sha, author, baseBranch }) {
      const repository = await open(worktree);
      if ((await worktreeStatus(repository, worktree.path)).branch === branch) return;
      await claimWorktree(repository, worktree.path, { branch, sha, identity: author, clean: true, ...(baseBranch === undefined ? {} : { baseBranch }) });
    },
    async status(worktree) {
      const repository = await open(worktree);
      try {
        const [{ branch, entries }, headSha] = await Promise.all([worktreeStatus(repository, worktree.path), headOf(repository, worktree.path)]);
        return { headSha, branch, dirtyFiles: entries.length, unpushedCommits: (await unpublishedCommits(repository, headSha)).length };
      } catch (error) {
        if (isStatusError(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    async remove(worktree, opts) {
      return (await removeWorktree(await open(worktree), worktree.path, opts)).removed;
    },
    sizeBytes,
    async diff(worktree, { baseSha, headSha, path, after }) {
      const repository = await open(worktree);
      const head = headSha ?? (await treeOfFiles(repository, worktree));
      const view = await readDiffPage(repository.workspace, { base: baseSha, head, path, after });
      return { ...view, baseSha, headSha: headSha ?? '' };
    },
  };
}

/** A tree of the files as they are, through an index of its own: the agent's is not touched. */
async function treeOfFiles({ workspace }: WorkspaceRepository, worktree: WorktreeRef): Promise<string> {
  const gitDir = join(workspace.path, 'worktrees', basename(worktree.path));
  const folder = await mkdtemp(join(tmpdir(), 'kradle-index-'));
  try {
    const index = join(folder, 'index');
    await copyFile(join(gitDir, 'index'), index);
    const inside = { gitDir, workTree: worktree.path, cwd: worktree.path, env: { GIT_INDEX_FILE: index } };
    await workspace.git.run(['add', '--all', '--ignore-errors', '--', '.'], { ...inside, okCodes: [0, 1, 128] });
    return (await workspace.git.run(['write-tree'], inside)).stdout.toString().trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}

async function sizeBytes(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const child = join(path, entry.name);
      if (entry.isDirectory()) return sizeBytes(child);
      return (await lstat(child).catch(() => undefined))?.size ?? 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
