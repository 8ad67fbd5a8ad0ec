import type { Readable } from 'node:stream';
import { StatusError } from '#shared/api/status';
import { GitError } from '../process/gitError';
import type { GitRepository } from '../gitRepositories';
import { LineReader } from '../process/lineReader';
import { LruCache } from '../lruCache';
import { outputStream } from '../process/outputStream';

export type ArchiveFormat = 'zip' | 'tar.gz';

export const ARCHIVE_CONTENT_TYPES: Readonly<Record<ArchiveFormat, string>> = { zip: 'application/zip', 'tar.gz': 'application/gzip' };

export const ARCHIVE_LIMITS = { files: 1_000_000, bytes: 64 * 1024 ** 3 } as const;

const TIMEOUT_MS = 30 * 60_000;
/** Commits that were found small enough, by repository. */
const archivable = new LruCache<true>(5000);

/**
 * Throws RequestEntityTooLarge when unpacking the archive of a commit would make more files or bytes than {@link ARCHIVE_LIMITS}. A few trees
 * that hold each other many times over are a repository of some kilobytes, and an archive that fills any disk.
 */
export async function requireArchivable(repository: GitRepository, commit: string, options: { limits?: { files: number; bytes: number }; signal?: AbortSignal } = {}): Promise<void> {
  const { limits = ARCHIVE_LIMITS, signal } = options;
  const key = `${repository.path}\0${commit}\0${limits.files}\0${limits.bytes}`;
  if (archivable.get(key) === true) return;
  const child = repository.git.start(['ls-tree', '-r', '-z', '--full-tree', '--format=%(objectsize)', commit], { gitDir: repository.path, signal });
  child.stdin.end();
  let files = 0;
  let bytes = 0;
  try {
    const reader = new LineReader(child.stdout as AsyncIterable<Buffer>);
    for (let size = await reader.readUntil(0); size !== undefined; size = await reader.readUntil(0)) {
      files += 1;
      bytes += Number(size.toString('latin1')) || 0;
      if (files <= limits.files && bytes <= limits.bytes) continue;
      throw new StatusError('RequestEntityTooLarge', `This commit unpacks to more than ${limits.files.toLocaleString('en')} files or ${Math.floor(limits.bytes / 1024 ** 3)} GiB; clone the repository instead`, { code: 'ARCHIVE_TOO_LARGE' });
    }
    const code = await child.ended;
    if (code !== 0) throw new GitError('git ls-tree', { failure: 'failed', exitCode: code, stderr: child.stderrTail() });
  } finally {
    child.kill();
  }
  archivable.set(key, true);
}

/** The same as a plain tar, for who changes something in it. */
export function streamTar(repository: GitRepository, commit: string, options: { prefix: string; signal?: AbortSignal }): Readable {
  return archiveStream(repository, commit, { ...options, format: 'tar' });
}

/** All files of a commit in one archive, inside a folder called `prefix`. */
export function streamArchive(repository: GitRepository, commit: string, options: { format: ArchiveFormat; prefix: string; signal?: AbortSignal }): Readable {
  return archiveStream(repository, commit, options);
}

function archiveStream(repository: GitRepository, commit: string, options: { format: ArchiveFormat | 'tar'; prefix: string; signal?: AbortSignal }): Readable {
  const folder = options.prefix.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '');
  const args = ['archive', `--format=${options.format}`, ...(folder === '' ? [] : [`--prefix=${folder}/`]), commit];
  return outputStream(repository.git.start(args, { gitDir: repository.path, signal: options.signal, timeoutMs: TIMEOUT_MS }), 'git archive');
}
