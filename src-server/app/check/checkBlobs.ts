import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { blobFiles } from '../backup/blobFiles';
import type { ReportProgress } from '../backup/progress';

export interface CheckedBlobs {
  readonly files: number;
  readonly sizeBytes: number;
  readonly problems: readonly { readonly problem: string; readonly count: number; readonly example?: string }[];
}

/** Reads every blob and compares it with the digest in its name; then looks whether each that is `wanted` is there. */
export async function checkBlobs(root: string, opts: { wanted: ReadonlyMap<string, string>; onProgress?: ReportProgress }): Promise<CheckedBlobs> {
  const damaged: string[] = [];
  let [files, sizeBytes] = [0, 0];
  for await (const { hex, path } of blobFiles(root)) {
    const found = await digestOf(path);
    if (found.hex !== hex) damaged.push(`sha256:${hex}`);
    files += 1;
    sizeBytes += found.sizeBytes;
    opts.onProgress?.({ what: 'blobs', done: files });
  }
  const missing: string[] = [];
  for (const [digest, artifact] of opts.wanted) if (!(await exists(root, digest))) missing.push(artifact);
  return {
    files,
    sizeBytes,
    problems: [...problem('a blob is not what its digest says', damaged), ...problem('the content of an artifact is missing', missing)],
  };
}

function problem(words: string, found: readonly string[]): CheckedBlobs['problems'] {
  return found.length === 0 ? [] : [{ problem: words, count: found.length, ...(found[0] === undefined ? {} : { example: found[0] }) }];
}

async function digestOf(path: string): Promise<{ hex: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { hex: hash.digest('hex'), sizeBytes };
}

async function exists(root: string, digest: string): Promise<boolean> {
  const hex = digest.replace(/^sha256:/, '');
  return (await stat(join(root, 'sha256', hex.slice(0, 2), hex)).catch(() => undefined)) !== undefined;
}
