import type { WorktreeChanges } from '../../domains/agents/worktreePort';
import { createGit } from '../../domains/forge/git/git';
import { createGitRepositories, type GitRepositories } from '../../domains/forge/git/gitRepositories';
import { diffSummary } from '../../domains/forge/git/history/diff';
import { updateRef } from '../../domains/forge/git/refs/refs';
import { streamPatch, type WorkspaceRepository } from '../../domains/forge/git/worktrees/workspaceRepository';
import { commitAll, headOf } from '../../domains/forge/git/worktrees/worktrees';

/** Folders that a worktree hangs on. */
export interface WorktreeLocation {
  readonly workspacePath: string;
  readonly workspaceRepository: string;
  readonly forgeRepository: string;
}

/** What a runner needs of git, in a process that has no server. */
export function openWorktreeChanges(location: WorktreeLocation, opts: { environment: Readonly<Record<string, string | undefined>>; emptyHome: string }): WorktreeChanges {
  return createWorktreeChanges(createGitRepositories(createGit(opts)), location);
}

export function createWorktreeChanges(repositories: GitRepositories, location: WorktreeLocation): WorktreeChanges {
  const path = location.workspacePath;
  const repository: WorkspaceRepository = { workspace: repositories.open(location.workspaceRepository), forge: repositories.open(location.forgeRepository) };
  return {
    async commitAll({ branch, message, author }) {
      await commitAll(repository, path, { author, message });
      const headSha = await headOf(repository, path);
      // An agent may have left its branch; the run's branch is where its work is looked for.
      await updateRef(repository.workspace, { ref: `refs/heads/${branch}`, newOid: headSha, expectedOid: 'any', reason: 'end of turn' });
      return { headSha };
    },
    async changedFiles({ baseSha, headSha, maxFiles }) {
      const { files, additions, deletions } = await diffSummary(repository.workspace, { base: baseSha, head: headSha });
      return {
        files: files.slice(0, maxFiles).map((file) => ({ path: file.path, status: file.status, additions: file.additions, deletions: file.deletions })),
        totalFiles: files.length,
        additions,
        deletions,
      };
    },
    patch: ({ baseSha, headSha }) => streamPatch(repository, { base: baseSha, head: headSha }),
    close: () => repositories.close(),
  };
}
