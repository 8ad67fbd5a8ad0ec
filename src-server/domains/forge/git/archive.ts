import type { Readable } from 'node:stream';
import type { GitRepository } from './gitRepositories';

export type ArchiveFormat = 'zip' | 'tar.gz';

export const ARCHIVE_CONTENT_TYPES: Readonly<Record<ArchiveFormat, string>> = { zip: 'application/zip', 'tar.gz': 'application/gzip' };

/**
 * All files of a commit in one archive, inside a folder called `prefix`. The stream errs when git fails or the signal aborts, so that
 * a cut-off archive never looks whole; destroying it ends git.
 */
export function streamArchive(repository: GitRepository, commit: string, options: { format: ArchiveFormat; prefix: string; signal?: AbortSignal }): Readable {
  const folder = options.prefix.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '');
  const child = repository.git.start(['archive', `--format=${options.format}`, ...(folder === '' ? [] : [`--prefix=${folder}/`]), commit], {
    gitDir: repository.path,
    signal: options.signal,
    timeoutMs: 30 * 60_000,
  });
  child.stdin.end();
  child.stdout.once('close', () => child.kill());
  child.ended.then(
    (code) => {
      if (code !== 0) child.stdout.destroy(new Error(`git archive ended with ${String(code)}`));
    },
    (error: unknown) => child.stdout.destroy(error instanceof Error ? error : new Error('git archive was ended')),
  );
  return child.stdout;
}
