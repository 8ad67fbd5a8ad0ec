import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { entryPreamble, FORMAT, FORMAT_VERSION, HEADER_NAME, MANIFEST_NAME, partOfEntry, type ArchiveManifest, type ArchivePart } from './archiveFormat';

/** Packs and most blobs are compressed already, and rows shrink well at any level. */
const GZIP_LEVEL = 3;

/** Of the compressed archive. */
export interface ArchiveFacts {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** A part that entries still come to. */
interface OpenPart {
  readonly name: string;
  readonly hash: Hash;
  entries: number;
  sizeBytes: number;
}

/** Writes a backup from front to end, one entry at a time, and holds no more of it than a chunk. After an error nothing can be added. */
export class ArchiveWriter {
  readonly #pack = pack();
  readonly #modified: Date;
  readonly #facts: Promise<ArchiveFacts>;
  readonly #parts: ArchivePart[] = [];
  #current: OpenPart | undefined;

  constructor(destination: Writable, opts: { modified: Date; signal?: AbortSignal }) {
    this.#modified = opts.modified;
    this.#facts = compressTo(destination, this.#pack, opts.signal);
    // Whoever adds or finishes hears of it.
    this.#facts.catch(() => undefined);
  }

  async begin(): Promise<void> {
    await this.#write(HEADER_NAME, jsonEntry({ format: FORMAT, formatVersion: FORMAT_VERSION }));
  }

  /** Adds an entry whose content is at hand. */
  async add(name: string, content: Buffer): Promise<void> {
    await this.addStream(name, { sizeBytes: content.length, content: [content] });
  }

  /** Adds an entry and answers the SHA-256 of its content. The parts follow each other: none goes on after another began. */
  async addStream(name: string, entry: { sizeBytes: number; content: Iterable<Buffer> | AsyncIterable<Buffer> }): Promise<string> {
    const part = this.#partOf(name);
    const hash = createHash('sha256');
    part.hash.update(entryPreamble(name, entry.sizeBytes));
    part.entries += 1;
    part.sizeBytes += entry.sizeBytes;
    await this.#write(name, {
      ...entry,
      onChunk: (chunk) => {
        hash.update(chunk);
        part.hash.update(chunk);
      },
    });
    return hash.digest('hex');
  }

  /** Writes the manifest and answers the facts about the whole when the destination has all of it. */
  async finish(manifest: Omit<ArchiveManifest, 'format' | 'formatVersion' | 'parts'>): Promise<{ manifest: ArchiveManifest; archive: ArchiveFacts }> {
    this.#endPart();
    const whole: ArchiveManifest = { format: FORMAT, formatVersion: FORMAT_VERSION, ...manifest, parts: this.#parts };
    await this.#write(MANIFEST_NAME, jsonEntry(whole));
    this.#pack.finalize();
    return { manifest: whole, archive: await this.#facts };
  }

  /** Gives up; the destination is destroyed. */
  abandon(error: Error): void {
    this.#pack.destroy(error);
  }

  async #write(name: string, entry: { sizeBytes: number; content: Iterable<Buffer> | AsyncIterable<Buffer>; onChunk?: (chunk: Buffer) => void }): Promise<void> {
    let entered: (error?: Error | null) => void = () => undefined;
    const done = new Promise<void>((resolve, reject) => {
      entered = (error) => (error ? reject(error) : resolve());
    });
    done.catch(() => undefined);
    const sink = this.#pack.entry({ name, size: entry.sizeBytes, mode: 0o600, mtime: this.#modified }, entered);
    sink.on('error', () => undefined);
    for await (const chunk of entry.content) {
      entry.onChunk?.(chunk);
      if (!sink.write(chunk)) await this.#unlessFailed(once(sink, 'drain'));
    }
    sink.end(undefined);
    await this.#unlessFailed(done);
  }

  /** What goes wrong behind the pack (a full disk, a closed pipe, an abort) is the reason that counts. */
  async #unlessFailed(step: Promise<unknown>): Promise<void> {
    const failed = this.#facts.then(() => new Promise<never>(() => undefined));
    await Promise.race([failed, step.catch(() => failed)]);
  }

  #partOf(name: string): OpenPart {
    const part = partOfEntry(name);
    if (part === undefined) throw new Error(`A backup has no entry of the name ${name}`);
    if (this.#current?.name === part) return this.#current;
    this.#endPart();
    if (this.#parts.some((each) => each.name === part)) throw new Error(`The part ${part} of the backup had ended already`);
    this.#current = { name: part, hash: createHash('sha256'), entries: 0, sizeBytes: 0 };
    return this.#current;
  }

  #endPart(): void {
    if (this.#current === undefined) return;
    const { hash, ...part } = this.#current;
    this.#parts.push({ ...part, sha256: hash.digest('hex') });
    this.#current = undefined;
  }
}

function jsonEntry(value: unknown): { sizeBytes: number; content: Buffer[] } {
  const content = Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
  return { sizeBytes: content.length, content: [content] };
}

async function compressTo(destination: Writable, source: Pack, signal: AbortSignal | undefined): Promise<ArchiveFacts> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  await pipeline(
    // Not a stream of Node's own, but as an iterable it is as good.
    async function* () {
      yield* source;
    },
    createGzip({ level: GZIP_LEVEL }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        yield chunk;
      }
    },
    destination,
    { signal },
  );
  return { sizeBytes, sha256: hash.digest('hex') };
}
