import type { Logger } from '../../../app/log';
import type { Clock } from '../../../app/clock';
import type { Runnable } from '../../../runtime/controller';
import type { RepositoryFiles } from '../files/repositoryFiles';
import type { GitRepositories } from '../git/gitRepositories';
import { findPointers } from '../git/objects/lfsPointers';
import { bareRepositoriesUnder } from '../files/bareRepositoriesUnder';

export interface LfsCollectorDeps {
  readonly files: RepositoryFiles;
  readonly git: GitRepositories;
  readonly repositoriesRoot: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Drops large files that no commit points to, and then content that no repository has. */
export interface LfsCollector extends Runnable {
  /** One round, for tests and for who cannot wait. Answers what went. */
  collect(signal?: AbortSignal): Promise<{ dropped: number; removed: number }>;
}

const START_DELAY_MS = 15 * 60_000;
const EVERY_MS = 24 * 3_600_000;
/** A file that came later may be about to be pushed: its pointer comes after it. */
const YOUNG_MS = 14 * 24 * 3_600_000;

export function createLfsCollector({ files, git, repositoriesRoot, clock, log }: LfsCollectorDeps): LfsCollector {
  const abort = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  let cancel: () => void = () => undefined;

  /** What git itself still has, reachable or not, keeps its files: a deleted branch may be restored. */
  async function dropUnused(path: string, signal: AbortSignal): Promise<number> {
    const place = { repository: path, use: 'lfs' } as const;
    const old: string[] = [];
    for await (const { digest, addedAtMs } of files.list(place)) if (clock.now() - addedAtMs > YOUNG_MS) old.push(digest);
    if (old.length === 0) return 0;
    const used = new Set((await findPointers(git.open(path), { signal })).map(({ oid }) => `sha256:${oid}`));
    const unused = old.filter((digest) => !used.has(digest));
    for (const digest of unused) await files.drop(place, digest);
    return unused.length;
  }

  async function collect(signal: AbortSignal = abort.signal): Promise<{ dropped: number; removed: number }> {
    let dropped = 0;
    for await (const path of bareRepositoriesUnder(repositoriesRoot)) {
      signal.throwIfAborted();
      try {
        dropped += await dropUnused(path, signal);
      } catch (error) {
        signal.throwIfAborted();
        // A broken repository keeps what it has; the others go on.
        log.warn({ err: error, path }, 'large files of a repository were not looked through');
      }
    }
    return { dropped, ...(await files.collect({ signal })) };
  }

  function plan(delayMs: number): void {
    cancel = clock.after(delayMs, () => {
      running = collect()
        .then((result) => {
          if (result.dropped + result.removed > 0) log.info(result, 'large files that nothing uses are gone');
        })
        .catch((error: unknown) => {
          if (!abort.signal.aborted) log.warn({ err: error }, 'large files that nothing uses were not collected');
        })
        .finally(() => {
          if (!abort.signal.aborted) plan(EVERY_MS);
        });
    });
  }

  return {
    name: 'lfs-collector',
    collect,
    async start() {
      plan(START_DELAY_MS);
    },
    async stop() {
      abort.abort(new Error('the server stops'));
      cancel();
      await running;
    },
  };
}
