import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { extract, pack, type Header, type Pack } from 'tar-stream';
import type { RepositoryFiles } from '../files/repositoryFiles';
import { streamTar } from '../git/archive';
import type { GitRepository } from '../git/gitRepositories';
import { readPointer } from '../git/lfsPointers';

const MAX_POINTER_BYTES = 1024;

/** Whether a repository has large files at all: most have none, and their archives are git's own. */
export async function hasLargeFiles(files: RepositoryFiles, repository: GitRepository): Promise<boolean> {
  for await (const _ of files.list({ repository: repository.path, use: 'lfs' })) return true;
  return false;
}

/**
 * A `.tar.gz` of a commit with large files in place of their pointers, where the repository has them. Streamed: no file is held in memory,
 * as git's own filters would.
 */
export function streamWithLargeFiles(files: RepositoryFiles, repository: GitRepository, opts: { commit: string; prefix: string; signal?: AbortSignal }): Readable {
  const tar = pack();
  const reader = extract();
  const replaced = async (): Promise<void> => {
    for await (const entry of reader) await copy(entry as unknown as Entry, tar, { files, repository });
    tar.finalize();
  };
  const source = streamTar(repository, opts.commit, opts);
  Promise.all([pipeline(source, reader), replaced()]).catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))));
  const zipped = createGzip({ level: 6 });
  // An error reaches the reader; whoever stops reading ends git.
  pipeline(tar, zipped).catch(() => source.destroy());
  return zipped;
}

/** One file as the archive has it; its bytes have to be read before the next comes. */
type Entry = AsyncIterable<Buffer> & { readonly header: Header };

async function copy(entry: Entry, tar: Pack, { files, repository }: { files: RepositoryFiles; repository: GitRepository }): Promise<void> {
  const { header } = entry;
  if (header.type !== 'file' || header.size > MAX_POINTER_BYTES) {
    await pipeline(entry, tar.entry(header));
    return;
  }
  const content = await buffer(entry);
  const pointer = readPointer(content.toString('utf8'));
  const opened = pointer === undefined ? undefined : await files.open({ repository: repository.path, use: 'lfs' }, `sha256:${pointer.oid}`);
  if (opened === undefined) await pipeline(Readable.from([content], { objectMode: false }), tar.entry(header));
  // The size comes before the bytes, and an extension of the format says those beyond 8 GiB.
  else await pipeline(opened.stream, tar.entry({ ...header, size: opened.sizeBytes, pax: null }));
}
