import { readdir, utimes } from 'node:fs/promises';
import { availableParallelism, setPriority } from 'node:os';
import { join } from 'node:path';
import type { GitProcessOptions } from '../git';
import { GitError } from '../process/gitError';
import type { GitRepository } from '../gitRepositories';

/**
 * - `refs`: loose references go into one sorted file.
 * - `objects`: loose objects and small packs become packs in geometric order, with one index over all and one reachability bitmap:
 *   clones need not walk the history. Its cost follows what was pushed, not the whole repository.
 * - `graph`: the commit graph with changed-path filters gets the new commits: the history of one file need not read every tree.
 * - `sweep`: everything is packed anew, what nothing reaches apart from the rest, and what was set apart two weeks ago is dropped.
 */
export type MaintenanceTask = 'refs' | 'objects' | 'graph' | 'sweep';

export interface MaintenanceOptions {
  /** Default: all but `sweep`. They run in the order of {@link MaintenanceTask}. */
  readonly tasks?: readonly MaintenanceTask[];
  /** Sweeping keeps what nothing reaches, however old: another repository borrows objects from this one. */
  readonly keepUnreachable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** How long something must have been unreachable to be dropped. */
const UNREACHABLE_EXPIRY = '2.weeks.ago';

/**
 * Brings a repository into the shape that serves fastest. Safe at any time beside pushes, fetches and merges, and safe to kill: git moves
 * whole files into their place. Nothing is dropped that a reference or a reflog has reached within two weeks.
 */
export async function maintainRepository(repository: GitRepository, options: MaintenanceOptions = {}): Promise<void> {
  const { tasks = ['refs', 'objects', 'graph'] } = options;
  if (tasks.includes('refs')) await runGently(repository, ['pack-refs', '--all', '--prune'], options);
  if (tasks.includes('sweep')) await sweep(repository, options);
  else if (tasks.includes('objects')) await runGently(repository, ['repack', '-q', '-d', '--geometric=2', '--write-midx', '--write-bitmap-index'], options);
  // After a sweep the graph may name commits that are gone.
  if (tasks.includes('graph') || tasks.includes('sweep')) await runGently(repository, ['commit-graph', 'write', '--reachable', '--changed-paths', tasks.includes('sweep') ? '--split=replace' : '--split'], options);
}

/**
 * Git counts two weeks from when an object was written, and a branch that is deleted today may be years old. So everything is made young
 * first: what becomes unreachable is then set apart with today's date, which its pack (gitformat-pack(5), "cruft packs") keeps.
 */
async function sweep(repository: GitRepository, options: MaintenanceOptions): Promise<void> {
  await runGently(repository, ['reflog', 'expire', '--all', '--expire=90.days.ago', '--expire-unreachable=30.days.ago'], options);
  await runGently(repository, ['repack', '-q', '-d', '--geometric=2', '--no-write-bitmap-index'], options);
  await touchPacks(join(repository.path, 'objects/pack'));
  const expiry = options.keepUnreachable === true ? [] : [`--cruft-expiration=${UNREACHABLE_EXPIRY}`];
  await runGently(repository, ['repack', '-q', '-d', '--cruft', ...expiry, '--write-midx', '--write-bitmap-index'], options);
}

async function touchPacks(folder: string): Promise<void> {
  const names = new Set(await readdir(folder));
  const now = new Date();
  for (const name of names) {
    if (name.endsWith('.pack') && !names.has(name.replace(/pack$/, 'mtimes'))) await utimes(join(folder, name), now, now).catch(ignoreMissing);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** Runs git behind everything that people wait for. */
async function runGently(repository: GitRepository, args: readonly string[], options: MaintenanceOptions): Promise<void> {
  const processOptions: GitProcessOptions = { gitDir: repository.path, timeoutMs: 6 * 3_600_000, signal: options.signal, config: GENTLE };
  const child = repository.git.start(args, processOptions);
  child.stdin.end();
  child.stdout.resume();
  if (child.pid !== undefined) lowerPriority(child.pid);
  const exitCode = await child.ended;
  if (exitCode !== 0) throw new GitError(`git ${args[0] ?? ''}`, { failure: 'failed', exitCode, stderr: child.stderrTail() });
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, 10);
  } catch {
    // It has ended already, or the system does not let us: it runs as fast as the rest then.
  }
}

const GENTLE: readonly (readonly [string, string])[] = [
  ['pack.threads', String(Math.max(1, Math.floor(availableParallelism() / 2)))],
  ['pack.windowMemory', '256m'],
  ['pack.writeBitmapHashCache', 'true'],
  ['repack.writeBitmaps', 'true'],
  ['core.packedRefsTimeout', '10000'],
];
