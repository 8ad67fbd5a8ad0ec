import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ForgeContext } from '../forgeContext';
import { type BlobBytes, isBinary, parseLfsPointer } from '../git/objects/blob';
import type { OpenRepository } from '../repositories/openRepository';
import { digestOf, placeOf } from './lfsObjects';

/** No pointer is longer (git-lfs, docs/spec.md). */
const MAX_POINTER_BYTES = 1024;
const PROBE_BYTES = 8000;

/** What a pointer to a large file stands for, where the repository has it; everything else as it is. */
export async function realBytes({ files }: Pick<ForgeContext, 'files'>, repository: Pick<OpenRepository, 'git' | 'object'>, blob: BlobBytes): Promise<BlobBytes> {
  if (blob.sizeBytes > MAX_POINTER_BYTES || blob.isBinary || repository.object.spec.objectStorage?.lfs === false) return blob;
  const pointer = parseLfsPointer((await buffer(await blob.open())).toString('utf8'));
  const place = placeOf(repository);
  const stored = pointer === undefined ? undefined : await files.stat(place, digestOf(pointer.oid));
  if (stored === undefined || pointer === undefined) return blob;
  const open = async (range?: { readonly start: number; readonly end: number }): Promise<Readable> => {
    const opened = await files.open(place, stored.digest, range);
    if (opened === undefined) throw new Error('a large file went while it was read');
    return opened.stream;
  };
  const head = stored.sizeBytes === 0 ? Buffer.alloc(0) : await buffer(await open({ start: 0, end: Math.min(PROBE_BYTES, stored.sizeBytes) - 1 }));
  return { sha: pointer.oid, sizeBytes: stored.sizeBytes, isBinary: isBinary(head), open };
}
