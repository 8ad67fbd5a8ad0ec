import type { Git, GitProcessOptions } from '../git';
import { GitError } from '../process/gitError';
import { withoutFilters } from '../process/withoutFilters';

export interface StageOptions extends GitProcessOptions {
  /** Where git keeps the worktree's index. */
  readonly gitDir: string;
}

/**
 * Puts the files of a worktree into its index, new ones included, ignored ones not. What cannot be added (a folder that is a repository
 * without a commit, an unreadable file) is left out. Runs no program that an agent configured, in the worktree or in a repository inside it.
 */
export async function stageAll(git: Git, options: StageOptions): Promise<void> {
  const inside = { ...options, config: [...(options.config ?? []), ...(await withoutFilters(git, options.gitDir))] };
  const nested = await nestedRepositories(git, inside);
  const paths = ['.', ...nested.map((path) => `:(exclude,literal,top)${path}`)].join('\0');
  const added = await git.run(['add', '--all', '--ignore-errors', '--pathspec-from-file=-', '--pathspec-file-nul'], { ...inside, input: paths, okCodes: [0, 1, 128] });
  if (added.code !== 0 && !/does not have a commit checked out|adding files failed/.test(added.stderr)) {
    throw new GitError('git add', { failure: 'failed', exitCode: added.code, stderr: added.stderr });
  }
  // For a repository inside, "git add" asks it for its changes, by a git under that repository's own settings. This only reads its HEAD.
  if (nested.length > 0) await git.run(['update-index', '-z', '--add', '--remove', '--stdin'], { ...inside, input: nested.map((path) => `${path}\0`).join('') });
}

/** Paths of the submodules and other repositories that the index names. */
async function nestedRepositories(git: Git, inside: StageOptions): Promise<string[]> {
  const { stdout } = await git.run(['ls-files', '--stage', '-z'], { ...inside, maxBytes: 256 * 1024 * 1024 });
  return stdout.toString('utf8').split('\0').flatMap((line) => /^160000 [^\t]*\t([^]+)$/.exec(line)?.[1] ?? []);
}
