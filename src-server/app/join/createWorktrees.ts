import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isStatusError } from '#shared/api/status';
import type { RepositoryRef } from '../../domains/agents/forgePort';
import type { WorktreeRef, Worktrees } from '../../domains/agents/worktreePort';
import { readDiffPage } from '../../domains/forge/views/diffPage';
import type { GitRepositories } from '../../domains/forge/git/gitRepositories';
import { stageAll } from '../../domains/forge/git/worktrees/stageAll';
import { openWorkspaceRepository, type WorkspaceRepository } from '../../domains/forge/git/worktrees/workspaceRepository';
import { branchOf, claimWorktree, headOf, moveWorktree, prepareWorktree, removeWorktree, unpublishedCommits, worktreeStatus } from '../../domains/forge/git/worktrees/worktrees';

export interface WorktreesOptions {
  readonly git: GitRepositories;
  /** Folder of a forge repository's bytes. */
  readonly repositoryPath: (org: string, name: string) => string;
  /** Folder that holds worktrees at `<org>/<name>`. */
  readonly workspacesRoot: string;
}

/** Folder of the repositories that worktrees hang on. */
export function workspaceRepositoriesRoot(workspacesRoot: string): string {
  return join(workspacesRoot, '.repositories');
}

/** Joins the run engine's worktrees to the forge's git. Workspace repositories lie beside the worktrees; no organization begins with a dot. */
export function createWorktrees(options: WorktreesOptions): Worktrees {
  const locations = ({ org, repository }: RepositoryRef) => ({
    workspaceRepository: join(workspaceRepositoriesRoot(options.workspacesRoot), org, `${repository}.git`),
    forgeRepository: options.repositoryPath(org, repository),
  });
  // The first worktrees of a repository are wanted at the same time, and only one of them may make what they hang on.
  const opening = new Map<string, Promise<WorkspaceRepository>>();
  const open = (ref: RepositoryRef): Promise<WorkspaceRepository> => {
    const { workspaceRepository, forgeRepository } = locations(ref);
    const opened = opening.get(workspaceRepository)
      ?? openWorkspaceRepository(options.git.open(workspaceRepository), options.git.open(forgeRepository)).finally(() => opening.delete(workspaceRepository));
    opening.set(workspaceRepository, opened);
    return opened;
  };

  return {
    locations,
    async prepare(worktree, sha) {
      const repository = await open(worktree);
      if ((await statusOf(repository, worktree)) !== undefined) return moveWorktree(repository, worktree.path, { sha });
      await makeWorktree(repository, worktree, sha);
    },
    async claim(worktree, { branch, sha, author, baseBranch, keepChanges }) {
      const repository = await open(worktree);
      // Deleted by hand, or of a data folder that was restored: no backup has worktrees.
      if (!existsSync(worktree.path)) await makeWorktree(repository, worktree, sha);
      // By a server that was stopped before it could note it.
      if ((await branchOf(repository, worktree.path)) === branch) return;
      await claimWorktree(repository, worktree.path, { sha, branch, identity: author, ...(keepChanges === undefined ? {} : { keepChanges }), ...(baseBranch === undefined ? {} : { baseBranch }) });
    },
    async status(worktree) {
      const repository = await open(worktree);
      const status = await statusOf(repository, worktree);
      if (status === undefined) return undefined;
      const headSha = await headOf(repository, worktree.path);
      const unpublished = await unpublishedCommits(repository, headSha);
      return { headSha, branch: status.branch, dirtyFiles: status.entries.length, unpushedCommits: unpublished.length };
    },
    async remove(worktree, { force }) {
      return (await removeWorktree(await open(worktree), worktree.path, { force })).removed;
    },
    sizeBytes: folderSize,
    async diff(worktree, { baseSha, headSha, path, after }) {
      const { workspace } = await open(worktree);
      const head = headSha ?? (await treeOfFiles(worktree.path, workspace));
      return readDiffPage(workspace, { base: baseSha, head, path, after });
    },
  };
}

async function makeWorktree(repository: WorkspaceRepository, { path }: WorktreeRef, sha: string): Promise<void> {
  // A folder that git does not know is what a killed "worktree add" left.
  await rm(path, { recursive: true, force: true });
  await repository.workspace.git.run(['worktree', 'prune', '--expire=now'], { gitDir: repository.workspace.path });
  await prepareWorktree(repository, path, { sha });
}

async function statusOf(repository: WorkspaceRepository, worktree: WorktreeRef) {
  if ((await stat(worktree.path).catch(() => undefined)) === undefined) return undefined;
  try {
    return await worktreeStatus(repository, worktree.path);
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** The files as they are now, as a tree object. Through an index of our own: the agent's git goes on undisturbed. */
async function treeOfFiles(path: string, { path: workspacePath, git }: WorkspaceRepository['workspace']): Promise<string> {
  const gitDir = join(workspacePath, 'worktrees', basename(path));
  const folder = await mkdtemp(join(tmpdir(), 'kradle-index-'));
  try {
    const index = join(folder, 'index');
    await copyFile(join(gitDir, 'index'), index);
    const inside = { gitDir, workTree: path, cwd: path, env: { GIT_INDEX_FILE: index }, timeoutMs: 60_000 };
    await stageAll(git, inside);
    return (await git.run(['write-tree'], inside)).stdout.toString().trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Bytes of a folder's files. What goes away meanwhile does not count. */
async function folderSize(path: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true }).catch(() => [])) {
    if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
  }
  return total;
}
