import { join } from 'node:path';
import { CatFileReader } from '../git/objects/catFileReader';
import type { Git } from '../git/git';
import type { GitRepository } from '../git/gitRepositories';

/** A reader that is asked all the time while a push is looked into ends with it. */
const IDLE_MS = 60_000;

/**
 * The repository as it would be with a push that git holds in quarantine: everything read here sees the new objects, and no reference can
 * be moved (git-receive-pack(1), "Quarantine environment"). Close its `objects` when the push has been looked into.
 */
export function withQuarantine(repository: GitRepository, objectsPath: string): GitRepository {
  const git = objectsPath === '' ? repository.git : withEnvironment(repository.git, {
    GIT_QUARANTINE_PATH: objectsPath,
    GIT_OBJECT_DIRECTORY: objectsPath,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: quotePath(join(repository.path, 'objects')),
  });
  return { ...repository, git, objects: new CatFileReader(git, repository.path, { idleTimeoutMs: IDLE_MS }) };
}

function withEnvironment(git: Git, env: Readonly<Record<string, string>>): Git {
  return {
    ...git,
    run: (args, options = {}) => git.run(args, { ...options, env: { ...env, ...options.env } }),
    start: (args, options = {}) => git.start(args, { ...options, env: { ...env, ...options.env } }),
  };
}

/** The variable is a list with colons between: a path that could be read as more than one is quoted, as git does. */
function quotePath(path: string): string {
  return /[:"\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path;
}
