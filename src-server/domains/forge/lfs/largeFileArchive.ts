import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { StatusError } from '#shared/api/status';
import type { RepositoryFiles } from '../files/repositoryFiles';
import { ARCHIVE_LIMITS, type ArchiveFormat, streamTar } from '../git/transport/archive';
import type { GitRepository } from '../git/gitRepositories';
import { readPointer } from '../git/objects/lfsPointers';
import { type ArchiveWriter, createArchiveWriter } from './archiveWriter';

const MAX_POINTER_BYTES = 1024;

export interface LargeFileArchiveOptions {
  readonly format: ArchiveFormat;
  readonly commit: string;
  readonly prefix: string;
  readonly signal?: AbortSignal;
  /** Bytes of all files unpacked. Default: those of {@link ARCHIVE_LIMITS}. */
  readonly maxBytes?: number;
}

/** Whether a repository has large files at all: most have none, and their archives are git's own. */
export async function hasLargeFiles(files: RepositoryFiles, repository: GitRepository): Promise<boolean> {
  for await (const _ of files.list({ repository: repository.path, use: 'lfs' })) return true;
  return false;
}

/**
 * An archive of a commit with large files in place of their pointers, where the repository has them. Streamed: no file is held in memory,
 * as git's own filters would. It breaks off when it unpacks to more than `maxBytes`: a thousand pointers may name one file.
 */
export function streamWithLargeFiles(files: RepositoryFiles, repository: GitRepository, opts: LargeFileArchiveOptions): Readable {
  const writer = createArchiveWriter(opts.format, opts.commit);
  const source = streamTar(repository, opts.commit, opts);
  const reader = extract();
  const maxBytes = opts.maxBytes ?? ARCHIVE_LIMITS.bytes;
  let bytes = 0;
  const replaced = async (): Promise<void> => {
    for await (const entry of reader) {
      bytes += await copy(entry as unknown as Entry, writer, { files, repository });
      if (bytes > maxBytes) throw new StatusError('RequestEntityTooLarge', `This commit unpacks to more than ${Math.floor(maxBytes / 1024 ** 3)} GiB with its large files; clone the repository instead`, { code: 'ARCHIVE_TOO_LARGE' });
    }
    writer.finish();
  };
  Promise.all([pipeline(source, reader), replaced()]).catch((error: unknown) => writer.output.destroy(error instanceof Error ? error : new Error(String(error))));
  // Whoever stops reading ends git.
  writer.output.once('close', () => source.destroy());
  return writer.output;
}

/** One file as git has it; its bytes have to be read before the next comes. */
type Entry = AsyncIterable<Buffer> & { readonly header: Header };

/** Answers the bytes that it unpacks to. */
async function copy(entry: Entry, writer: ArchiveWriter, { files, repository }: { files: RepositoryFiles; repository: GitRepository }): Promise<number> {
  const { header } = entry;
  const { size } = header;
  if (header.type !== 'file' || size > MAX_POINTER_BYTES) {
    await writer.add(header, Readable.from(entry, { objectMode: false }));
    return size;
  }
  const content = await buffer(entry);
  const pointer = readPointer(content.toString('utf8'));
  const opened = pointer === undefined ? undefined : await files.open({ repository: repository.path, use: 'lfs' }, `sha256:${pointer.oid}`);
  if (opened === undefined) {
    await writer.add(header, Readable.from(content.length === 0 ? [] : [content], { objectMode: false }));
    return size;
  }
  await writer.add({ ...header, size: opened.sizeBytes }, opened.stream).finally(() => opened.stream.destroy());
  return opened.sizeBytes;
}
