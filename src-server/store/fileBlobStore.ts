import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { StatusError } from '#shared/api/status';
import type { BlobRemoval, BlobStore, PutOptions } from './blobStore';
import { translateFileError } from './storeErrors';
import { syncFolder } from '../disk/syncFolder';

const DIGEST_PATTERN = /^sha256:([0-9a-f]{64})$/;

/**
 * Blobs as files under `root`: `sha256/ab/abcdef…`, readable by the owner only. A blob is complete when it has its name: it is written
 * to `tmp/`, synced, and renamed. Creates the folders and removes what an earlier process left half written.
 */
export async function openFileBlobStore(root: string): Promise<BlobStore & BlobRemoval> {
  await rm(join(root, 'tmp'), { recursive: true, force: true });
  await mkdir(join(root, 'tmp'), { recursive: true, mode: 0o700 });
  return new FileBlobStore(root);
}

class FileBlobStore implements BlobStore, BlobRemoval {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async put(content: Readable | Buffer, opts: PutOptions = {}): Promise<{ digest: string; sizeBytes: number }> {
    const temporary = join(this.#root, 'tmp', randomUUID());
    try {
      const written = await this.#write(temporary, content, Math.min(opts.maxBytes ?? Infinity, opts.sizeBytes ?? Infinity));
      checkAnnounced(written, opts);
      await this.#publish(temporary, this.#pathOf(written.digest));
      return written;
    } catch (error) {
      await rm(temporary, { force: true });
      throw translateFileError(error);
    }
  }

  async open(digest: string, range?: { start: number; end?: number }): Promise<{ stream: Readable; sizeBytes: number } | undefined> {
    const handle = await open(this.#pathOf(digest), 'r').catch(unlessMissing);
    if (handle === undefined) return undefined;
    try {
      const sizeBytes = (await handle.stat()).size;
      if (range !== undefined) checkRange(range, sizeBytes);
      return { stream: handle.createReadStream({ start: range?.start, end: range?.end }), sizeBytes };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async has(digest: string): Promise<boolean> {
    return (await this.stat(digest)) !== undefined;
  }

  async stat(digest: string): Promise<{ sizeBytes: number } | undefined> {
    const found = await stat(this.#pathOf(digest)).catch(unlessMissing);
    return found === undefined ? undefined : { sizeBytes: found.size };
  }

  async remove(digest: string, { olderThanMs }: { olderThanMs: number }): Promise<boolean> {
    const path = this.#pathOf(digest);
    const taken = join(this.#root, 'tmp', randomUUID());
    // Taken away before it is looked at: whoever puts it again meanwhile gives the name a new file, which stays.
    if ((await rename(path, taken).then(() => true, unlessMissing)) === undefined) return true;
    if (Date.now() - (await stat(taken)).mtimeMs < olderThanMs) {
      await rename(taken, path);
      return false;
    }
    await rm(taken, { force: true });
    return true;
  }

  async #write(path: string, content: Readable | Buffer, maxBytes: number): Promise<{ digest: string; sizeBytes: number }> {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const chunk of chunksOf(content)) {
        sizeBytes += chunk.length;
        if (sizeBytes > maxBytes) {
          throw new StatusError('RequestEntityTooLarge', `The content is larger than the ${maxBytes} bytes that are allowed here`);
        }
        hash.update(chunk);
        await writeAll(file, chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
  }

  /** The rename is atomic and the same content has the same name, so two that put it at once do not disturb each other. */
  async #publish(temporary: string, path: string): Promise<void> {
    const folder = dirname(path);
    const created = await mkdir(folder, { recursive: true, mode: 0o700 });
    await rename(temporary, path);
    await syncFolder(folder);
    if (created !== undefined) await syncFolder(dirname(folder));
  }

  #pathOf(digest: string): string {
    const hex = DIGEST_PATTERN.exec(digest)?.[1];
    if (hex === undefined) {
      throw new StatusError('BadRequest', 'This is no digest of a blob', {
        causes: [{ code: 'FieldValueInvalid', field: 'digest', message: 'must be sha256: and 64 lower-case hexadecimal digits' }],
      });
    }
    return join(this.#root, 'sha256', hex.slice(0, 2), hex);
  }
}

async function* chunksOf(content: Readable | Buffer): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(content)) {
    yield content;
    return;
  }
  for await (const chunk of content as AsyncIterable<Buffer | string>) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/** A single write may take less than it was given. */
async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let offset = 0; offset < chunk.length; ) {
    offset += (await file.write(chunk, offset)).bytesWritten;
  }
}

/** What arrived is another content than was announced, or not all of it. */
function checkAnnounced(written: { digest: string; sizeBytes: number }, { digest, sizeBytes }: PutOptions): void {
  if (sizeBytes !== undefined && written.sizeBytes !== sizeBytes) {
    throw new StatusError('Invalid', `The content has ${written.sizeBytes} bytes; ${sizeBytes} were announced`, { code: 'SIZE_MISMATCH', causes: [{ code: 'FieldValueInvalid', field: 'size', message: `must be the size of the content, ${written.sizeBytes}` }] });
  }
  if (digest !== undefined && written.digest !== digest) {
    throw new StatusError('Invalid', `The content's digest is ${written.digest}; ${digest} was announced`, { code: 'DIGEST_MISMATCH', causes: [{ code: 'FieldValueInvalid', field: 'digest', message: 'must be the SHA-256 of the content' }] });
  }
}

function checkRange(range: { start: number; end?: number }, sizeBytes: number): void {
  const end = range.end ?? sizeBytes;
  if (Number.isSafeInteger(range.start) && Number.isSafeInteger(end) && range.start >= 0 && range.start <= end && range.start <= sizeBytes) return;
  throw new StatusError('BadRequest', `The content has ${sizeBytes} bytes and not this range`, {
    causes: [{ code: 'FieldValueInvalid', field: 'range', message: 'must begin inside the content and end after it begins' }],
  });
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
