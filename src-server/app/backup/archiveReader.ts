import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import type { z } from 'zod';
import { isStatusError, StatusError } from '#shared/api/status';
import {
  archiveHeader, archiveManifest, damagedArchive, entryPreamble, FORMAT_VERSION, HEADER_NAME, MANIFEST_NAME, MAX_ENTRY_IN_MEMORY, partOfEntry, type ArchiveManifest, type ArchivePart,
} from './archiveFormat';

/** An entry as it comes by. */
export interface ArchiveEntry {
  /** One that {@link partOfEntry} knows: it leads nowhere but into the folder of a backup. */
  readonly name: string;
  readonly part: string;
  readonly sizeBytes: number;
  /** To be read to its end before `visit` resolves, or not at all. */
  readonly content: AsyncIterable<Buffer>;
}

export interface ReadArchiveOptions {
  readonly signal?: AbortSignal;
  /** Bytes of the file that have been read, of how many. */
  readonly onProgress?: (progress: { readBytes: number; totalBytes: number }) => void;
}

/**
 * Reads a backup from front to end and hands each entry to `visit`. That everything is there and as it was written is known only when
 * this resolves, with the manifest: until then nothing that `visit` was shown may count.
 *
 * @throws Invalid, in words, for a file that is no backup, is cut short, was changed, or belongs to a newer program.
 */
export async function readArchive(path: string, opts: ReadArchiveOptions, visit: (entry: ArchiveEntry) => Promise<void>): Promise<ArchiveManifest> {
  const { size: totalBytes } = await stat(path).catch((cause: unknown) => {
    throw new StatusError('NotFound', `There is no backup at ${path}`, { cause });
  });
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 });
  let readBytes = 0;
  file.on('data', (chunk) => opts.onProgress?.({ readBytes: (readBytes += chunk.length), totalBytes }));
  const unpacked = extract();
  const pumping = pipeline(file, createGunzip(), unpacked, { signal: opts.signal });
  // The loop below meets the same error.
  pumping.catch(() => undefined);
  try {
    // The types do not say what the chunks of an entry are.
    const manifest = await readEntries(unpacked as AsyncIterable<TarEntry>, visit);
    await pumping;
    return manifest;
  } catch (error) {
    unpacked.destroy();
    await pumping.catch(() => undefined);
    opts.signal?.throwIfAborted();
    throw isStatusError(error) ? error : translateReadError(error);
  }
}

/** The whole content of an entry that is bounded. */
export async function readWhole(entry: Pick<ArchiveEntry, 'name' | 'sizeBytes' | 'content'>): Promise<Buffer> {
  if (entry.sizeBytes > MAX_ENTRY_IN_MEMORY) throw damagedArchive(`${entry.name} is too large to be what its name says`);
  const chunks: Buffer[] = [];
  for await (const chunk of entry.content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

type TarEntry = AsyncIterable<Buffer> & { readonly header: Header };

async function readEntries(entries: AsyncIterable<TarEntry>, visit: (entry: ArchiveEntry) => Promise<void>): Promise<ArchiveManifest> {
  const seen = new SeenParts();
  let manifest: ArchiveManifest | undefined;
  let begun = false;
  for await (const entry of entries) {
    const { name, size: sizeBytes, type } = entry.header;
    if (manifest !== undefined) throw damagedArchive('something follows its manifest');
    if (type !== 'file') throw damagedArchive(`it holds ${JSON.stringify(name)}, which is a ${type} and no file`);
    if (!begun) {
      readHeader(name, await readWhole({ name, sizeBytes, content: entry }));
      begun = true;
    } else if (name === MANIFEST_NAME) {
      manifest = readManifest(await readWhole({ name, sizeBytes, content: entry }));
    } else {
      const part = partOfEntry(name);
      if (part === undefined) throw damagedArchive(`it holds ${JSON.stringify(name)}, which no backup has`);
      const content = seen.through(part, { name, sizeBytes, content: entry });
      await visit({ name, part, sizeBytes, content });
      // One that the visitor did not want counts all the same.
      for await (const chunk of content) void chunk;
    }
  }
  if (!begun) throw damagedArchive('it is empty');
  if (manifest === undefined) throw damagedArchive('it ends before its manifest: it was cut short, or its making was');
  seen.compare(manifest.parts);
  return manifest;
}

/** A part that entries still come to. */
interface OpenPart {
  readonly name: string;
  readonly hash: Hash;
  entries: number;
  sizeBytes: number;
}

/** Digests what comes by, part after part. */
class SeenParts {
  readonly #done: ArchivePart[] = [];
  readonly #names = new Set<string>();
  #current: OpenPart | undefined;

  async *through(part: string, entry: { name: string; sizeBytes: number; content: AsyncIterable<Buffer> }): AsyncGenerator<Buffer> {
    const current = this.#begin(part);
    current.hash.update(entryPreamble(entry.name, entry.sizeBytes));
    current.entries += 1;
    current.sizeBytes += entry.sizeBytes;
    for await (const chunk of entry.content) {
      current.hash.update(chunk);
      yield chunk;
    }
  }

  compare(expected: readonly ArchivePart[]): void {
    this.#end();
    if (this.#done.length !== expected.length) throw damagedArchive(`it has ${this.#done.length} parts, and its manifest names ${expected.length}`);
    for (const [index, part] of expected.entries()) {
      const found = this.#done[index];
      if (found?.name !== part.name) throw damagedArchive(`its manifest names ${part.name}, but ${found?.name ?? 'nothing'} is in its place`);
      if (found.sha256 !== part.sha256 || found.entries !== part.entries || found.sizeBytes !== part.sizeBytes) throw damagedArchive(`${part.name} is not what was put into it`);
    }
  }

  #begin(name: string): OpenPart {
    if (this.#current?.name === name) return this.#current;
    this.#end();
    if (this.#names.has(name)) throw damagedArchive(`the files of ${name} do not lie together`);
    this.#names.add(name);
    this.#current = { name, hash: createHash('sha256'), entries: 0, sizeBytes: 0 };
    return this.#current;
  }

  #end(): void {
    if (this.#current === undefined) return;
    const { hash, ...part } = this.#current;
    this.#done.push({ ...part, sha256: hash.digest('hex') });
    this.#current = undefined;
  }
}

function readHeader(name: string, text: Buffer): void {
  if (name !== HEADER_NAME) throw damagedArchive('it is another archive than one of "kradle backup"');
  const { formatVersion } = parse(archiveHeader, text, 'its first entry says something else than it should');
  if (formatVersion > FORMAT_VERSION) throw new StatusError('Invalid', `This backup has format ${formatVersion}; this Kradle knows up to ${FORMAT_VERSION}. Restore it with the version that made it, or a newer one`);
}

function readManifest(text: Buffer): ArchiveManifest {
  return parse(archiveManifest, text, 'its manifest is not one');
}

function parse<TSchema extends z.ZodType>(schema: TSchema, text: Buffer, fault: string): z.output<TSchema> {
  try {
    return schema.parse(JSON.parse(text.toString('utf8')));
  } catch (cause) {
    throw damagedArchive(fault, cause);
  }
}

/** What zlib, tar and the file system say. */
function translateReadError(cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'Z_BUF_ERROR') return damagedArchive('it was cut short', cause);
  if (code.startsWith('Z_')) return damagedArchive('it is not compressed by gzip, or was changed', cause);
  if (code === '' && cause instanceof Error && /^(Invalid tar header|Unexpected end of data|Invalid header|Header exceeds max size|Invalid pax)/.test(cause.message)) return damagedArchive('it is no tar archive, or was changed', cause);
  return cause;
}
