import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Assignment } from '../domains/agents/runnerProtocol';
import type { WorktreeChanges } from '../domains/agents/worktreePort';
import { diffSummary } from '../domains/forge/git/diff';
import { createGit } from '../domains/forge/git/git';
import { createGitRepositories } from '../domains/forge/git/gitRepositories';
import { branchRef } from '../domains/forge/git/refName';
import { updateRef } from '../domains/forge/git/refs';
import { streamPatch } from '../domains/forge/git/workspaceRepository';
import { commitAll, headOf } from '../domains/forge/git/worktrees';
import { runRunner } from '../runner/runner';

/** `kradle runner` with this machine's git. Answers the exit code. */
export async function startRunner(environment: Readonly<Record<string, string | undefined>>): Promise<number> {
  return runRunner({ environment, openWorktree: (assignment, folder) => openWorktree(assignment, { environment, folder }) });
}

/** The worktree of an assignment, through the repositories on this machine. */
export function openWorktree(assignment: Assignment, opts: { environment: Readonly<Record<string, string | undefined>>; folder: string }): WorktreeChanges {
  const emptyHome = join(opts.folder, 'empty-home');
  mkdirSync(emptyHome, { recursive: true });
  const repositories = createGitRepositories(createGit({ environment: opts.environment, emptyHome }));
  const repository = { workspace: repositories.open(assignment.workspaceRepository), forge: repositories.open(assignment.forgeRepository) };
  const path = assignment.workspacePath;
  return {
    async commitAll({ branch, message, author }) {
      await commitAll(repository, path, { author, message });
      const headSha = await headOf(repository, path);
      await updateRef(repository.workspace, { ref: branchRef(branch), newOid: headSha, expectedOid: 'any', reason: 'end of run' });
      return { headSha };
    },
    async changedFiles({ baseSha, headSha, maxFiles }) {
      const { files, additions, deletions } = await diffSummary(repository.workspace, { base: baseSha, head: headSha });
      const named = files.slice(0, maxFiles).map((file) => ({ path: file.path, status: file.status, additions: file.additions, deletions: file.deletions }));
      return { files: named, totalFiles: files.length, additions, deletions };
    },
    patch: ({ baseSha, headSha }) => streamPatch(repository, { base: baseSha, head: headSha }),
    close: () => repositories.close(),
  };
}
