import type { Readable } from 'node:stream';
import type { GitRepository } from './gitRepositories';
import { outputStream } from './outputStream';

export type ArchiveFormat = 'zip' | 'tar.gz';

export const ARCHIVE_CONTENT_TYPES: Readonly<Record<ArchiveFormat, string>> = { zip: 'application/zip', 'tar.gz': 'application/gzip' };

/** All files of a commit in one archive, inside a folder called `prefix`. */
export function streamArchive(repository: GitRepository, commit: string, options: { format: ArchiveFormat; prefix: string; signal?: AbortSignal }): Readable {
  const folder = options.prefix.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '');
  const args = ['archive', `--format=${options.format}`, ...(folder === '' ? [] : [`--prefix=${folder}/`]), commit];
  return outputStream(repository.git.start(args, { gitDir: repository.path, signal: options.signal, timeoutMs: 30 * 60_000 }), 'git archive');
}
