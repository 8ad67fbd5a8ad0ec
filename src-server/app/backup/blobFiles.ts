import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface BlobFile {
  /** The digest in its name, without `sha256:`. */
  readonly hex: string;
  readonly path: string;
}

/** The blobs of a folder, as `fileBlobStore.ts` lays them out, in the order of their digests. */
export async function* blobFiles(root: string): AsyncGenerator<BlobFile> {
  for (const folder of await namesIn(join(root, 'sha256'))) {
    for (const hex of await namesIn(join(root, 'sha256', folder))) {
      if (/^[0-9a-f]{64}$/.test(hex) && hex.startsWith(folder)) yield { hex, path: join(root, 'sha256', folder, hex) };
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return names.sort();
}
