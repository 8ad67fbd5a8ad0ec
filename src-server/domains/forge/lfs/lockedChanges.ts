import { GitError } from '../git/process/gitError';
import type { GitRepository } from '../git/gitRepositories';
import { LineReader } from '../git/process/lineReader';
import type { PushCommand } from '../git/transport/pushCommands';
import type { LfsLock } from './lfsLocks';

/** Paths that are given to git at a time: an argument list has its limits. */
const PATHS_AT_A_TIME = 200;

/**
 * The locks of others that a push would break: of each reference, those whose files its new commits change. Commits that a reference here
 * has already break nothing: they were let in before. `repository` sees the objects of the push.
 */
export async function findBrokenLocks(repository: GitRepository, commands: readonly PushCommand[], opts: { locks: readonly LfsLock[]; signal?: AbortSignal }): Promise<Map<string, LfsLock[]>> {
  const broken = new Map<string, LfsLock[]>();
  for (const { ref, newOid } of commands) {
    if (newOid === undefined || !ref.startsWith('refs/heads/')) continue;
    const changed = new Set<string>();
    for (let start = 0; start < opts.locks.length; start += PATHS_AT_A_TIME) {
      const paths = opts.locks.slice(start, start + PATHS_AT_A_TIME).map(({ path }) => path);
      for (const path of await changedAmong(repository, newOid, { paths, signal: opts.signal })) changed.add(path);
    }
    const found = opts.locks.filter(({ path }) => changed.has(path));
    if (found.length > 0) broken.set(ref, found);
  }
  return broken;
}

/** Which of these files new commits change; of merges, what they change beyond all of their parents. */
async function changedAmong(repository: GitRepository, commit: string, { paths, signal }: { paths: readonly string[]; signal: AbortSignal | undefined }): Promise<Set<string>> {
  const child = repository.git.start(
    ['--literal-pathspecs', 'log', '-z', '--format=', '--name-only', '--no-renames', '-c', commit, '--not', '--all', '--', ...paths],
    { gitDir: repository.path, signal, timeoutMs: 10 * 60_000 },
  );
  child.stdin.end();
  const changed = new Set<string>();
  const reader = new LineReader(child.stdout as AsyncIterable<Buffer>);
  for (let path = await reader.readUntil(0); path !== undefined; path = await reader.readUntil(0)) if (path.length > 0) changed.add(path.toString('utf8'));
  const code = await child.ended;
  if (code !== 0) throw new GitError('git log', { failure: 'failed', exitCode: code, stderr: child.stderrTail() });
  return changed;
}
