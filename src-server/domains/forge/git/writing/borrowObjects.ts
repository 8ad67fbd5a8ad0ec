import { delimiter, join } from 'node:path';
import { CatFileReader } from '../objects/catFileReader';
import type { Git, GitProcessOptions } from '../git';
import type { GitRepository } from '../gitRepositories';

const IDLE_MS = 10_000;

/**
 * A repository that also has the objects of another one of this machine for as long as `use` runs: for questions about both. Nothing is
 * brought over, and who asks must be allowed to read both.
 */
export async function withBorrowedObjects<T>(repository: GitRepository, from: string, use: (both: GitRepository) => Promise<T>): Promise<T> {
  const git = borrowingGit(repository.git, from);
  const objects = new CatFileReader(git, repository.path, { idleTimeoutMs: IDLE_MS });
  try {
    return await use({ ...repository, git, objects });
  } finally {
    objects.close();
  }
}

/** The environment of a git process that also reads the objects of the repository in this folder. */
export function borrowingEnvironment(from: string, env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const others = env.GIT_ALTERNATE_OBJECT_DIRECTORIES;
  return { ...env, GIT_ALTERNATE_OBJECT_DIRECTORIES: [...(others === undefined ? [] : [others]), quotePath(join(from, 'objects'))].join(delimiter) };
}

function borrowingGit(git: Git, from: string): Git {
  const borrowing = <TOptions extends GitProcessOptions>(options: TOptions): TOptions => ({ ...options, env: borrowingEnvironment(from, options.env) });
  return { ...git, run: (args, options = {}) => git.run(args, borrowing(options)), start: (args, options = {}) => git.start(args, borrowing(options)) };
}

/** A path in a list of paths: quoted, a separator in it separates nothing. */
function quotePath(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&')}"`;
}
