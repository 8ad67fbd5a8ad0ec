import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Logger } from '../../../../app/log';
import type { GitRepository } from '../gitRepositories';
import { LruCache } from '../lruCache';
import { formatPackAnswer, installPackHook, MEBIBYTE, type PackAnswer, type PackRequest, PackRequestParser } from './packHook';
import { type PackProduction, producePack } from './packProduction';
import { readPackState } from '../objects/packState';

export interface PackCacheOptions {
  /** Folder of its own; what an earlier server left in it is removed. */
  readonly folder: string;
  readonly log: Logger;
  readonly now: () => number;
  /** Bytes of all kept packs. Default 4 GiB. */
  readonly maxBytes?: number;
  /** Milliseconds that a pack is served. Default 10 minutes. */
  readonly maxAgeMs?: number;
  /** Packs that are written at the same time. Default 4. */
  readonly maxWriting?: number;
}

/** Figures since the start, for metrics. */
export interface PackCacheStats {
  /** Packs of which nobody else wanted the same: git made them as if there were no cache. */
  readonly direct: number;
  /** Packs that were written for many. */
  readonly written: number;
  /** Packs that were read instead of made. */
  readonly shared: number;
  /** Bytes that are kept now. */
  readonly keptBytes: number;
}

/**
 * Lets fetches that want the same pack share one, clones most of all. A pack is the same when git would be started with the same arguments
 * and the same input, on the same repository in the same state. The first who wants one gets it straight from git, because mostly nobody
 * else does; from the second on it is written to a file that all read, while it is written.
 * Whoever reads has been let into the repository before git was started for them.
 */
export interface PackCache {
  /** What `git upload-pack` is started with so that it asks here, on the channel. */
  readonly start: { readonly config: readonly (readonly [string, string])[]; readonly env: Readonly<Record<string, string>> };
  /** Answers on the channel of one upload-pack, until it closes. */
  attend(repository: GitRepository, channel: Duplex): void;
  readonly stats: PackCacheStats;
  /** Ends what is being written and removes everything. */
  close(): Promise<void>;
}

interface Kept {
  readonly key: string;
  readonly repository: string;
  readonly expiresAt: number;
  /** Bytes that it will have, as far as one can tell. */
  readonly expectedBytes: number;
  readonly production: PackProduction;
  readers: number;
}

/** Opens the cache. */
export async function openPackCache(options: PackCacheOptions): Promise<PackCache> {
  const { folder } = options;
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
  const start = await installPackHook(join(folder, 'hook'));
  return new FilePackCache(options, start);
}

class FilePackCache implements PackCache {
  readonly start: PackCache['start'];
  readonly #options: Required<PackCacheOptions>;
  /** In order of use. */
  readonly #kept = new Map<string, Kept>();
  /** Those that others still read, though nobody comes to them any more. */
  readonly #retired = new Set<Kept>();
  readonly #opening = new Map<string, Promise<Kept | undefined>>();
  readonly #seen = new LruCache<number>(10_000);
  /** Those that turned out larger than everything that may be kept. */
  readonly #tooLarge = new LruCache<true>(1000);
  readonly #timer: NodeJS.Timeout;
  #files = 0;
  #closed = false;
  #direct = 0;
  #written = 0;
  #shared = 0;

  constructor(options: PackCacheOptions, start: PackCache['start']) {
    this.#options = { maxBytes: 4 * 1024 * MEBIBYTE, maxAgeMs: 10 * 60_000, maxWriting: 4, ...options };
    this.start = start;
    this.#timer = setInterval(() => this.#expire(), Math.max(100, Math.min(30_000, this.#options.maxAgeMs / 4)));
    this.#timer.unref();
  }

  get stats(): PackCacheStats {
    return { direct: this.#direct, written: this.#written, shared: this.#shared, keptBytes: this.#bytes() };
  }

  attend(repository: GitRepository, channel: Duplex): void {
    const parser = new PackRequestParser();
    let leave: (() => void) | undefined;
    const gone = (): void => {
      leave?.();
      leave = undefined;
    };
    const say = (answer: PackAnswer): void => {
      if (channel.writable) channel.write(formatPackAnswer(answer));
    };
    // A hook that is killed takes its end with it.
    channel.on('error', gone);
    channel.on('close', gone);
    channel.on('data', (chunk: Buffer) => {
      let request: PackRequest | undefined;
      try {
        request = parser.push(chunk);
      } catch (error) {
        this.#options.log.warn({ err: error }, 'a request for a pack could not be read');
        channel.destroy();
        return;
      }
      if (request === undefined) return;
      gone();
      void this.#find(repository, request).then((kept) => {
        if (kept === undefined) {
          this.#direct += 1;
          say({ word: 'run' });
        } else if (channel.destroyed) this.#leave(kept);
        else leave = this.#read(kept, say);
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.all(this.#opening.values());
    await Promise.all([...this.#kept.values(), ...this.#retired].map(({ production }) => production.discard()));
    this.#kept.clear();
    this.#retired.clear();
  }

  /** A pack to read, with the reader counted; undefined where git shall make one of its own. Never rejects. */
  async #find(repository: GitRepository, request: PackRequest): Promise<Kept | undefined> {
    try {
      const key = keyOf(repository.path, await readPackState(repository.path), request);
      const known = this.#kept.get(key) ?? (await this.#opening.get(key));
      if (known !== undefined && known.expiresAt > this.#options.now() && known.production.state.phase !== 'failed') {
        this.#kept.delete(key);
        this.#kept.set(key, known);
        known.readers += 1;
        this.#shared += 1;
        return known;
      }
      if (this.#tooLarge.get(key) === true) return undefined;
      const seenAt = this.#seen.get(key);
      this.#seen.set(key, this.#options.now());
      if (seenAt === undefined || seenAt + this.#options.maxAgeMs < this.#options.now()) return undefined;
      const opening = this.#produce(repository, key, request).finally(() => this.#opening.delete(key));
      this.#opening.set(key, opening);
      const kept = await opening;
      if (kept !== undefined) kept.readers += 1;
      return kept;
    } catch (error) {
      this.#options.log.warn({ err: error }, 'a pack is not shared');
      return undefined;
    }
  }

  async #produce(repository: GitRepository, key: string, request: PackRequest): Promise<Kept | undefined> {
    // Only what git itself would start, and nothing else that reached this channel somehow.
    if (this.#closed || request.args[0] !== 'git' || !request.args.includes('pack-objects')) return undefined;
    if ([...this.#kept.values()].filter(({ production }) => production.state.phase === 'writing').length >= this.#options.maxWriting) return undefined;
    const expectedBytes = await packedBytes(repository.path);
    if (!this.#makeRoom(expectedBytes)) return undefined;
    this.#files += 1;
    const production = await producePack(repository.git, { gitDir: repository.path, path: join(this.#options.folder, `${this.#files}.pack`), request });
    const kept: Kept = { key, repository: repository.path, expiresAt: this.#options.now() + this.#options.maxAgeMs, expectedBytes, production, readers: 0 };
    this.#written += 1;
    this.#kept.set(key, kept);
    production.follow(({ phase, sizeBytes }) => {
      if (phase === 'failed') this.#retire(kept);
      if (sizeBytes <= this.#options.maxBytes) return;
      this.#tooLarge.set(key, true);
      this.#discard(kept);
    });
    return kept;
  }

  /** Leads one hook through the file. */
  #read(kept: Kept, say: (answer: PackAnswer) => void): () => void {
    let announced: number | undefined;
    const unfollow = kept.production.follow(({ sizeBytes, phase, summary }) => {
      if (phase === 'failed') {
        say({ word: announced === undefined ? 'run' : 'fail' });
        return;
      }
      const whole = Math.floor(sizeBytes / MEBIBYTE);
      if (announced === undefined && (whole > 0 || phase === 'complete')) {
        say({ word: 'open', path: kept.production.path });
        announced = 0;
      }
      if (announced === undefined) return;
      if (phase === 'complete') {
        for (const text of summary) say({ word: 'say', text });
        say({ word: 'end' });
      } else if (whole > announced) {
        say({ word: 'more', mebibytes: whole - announced });
        announced = whole;
      }
    });
    return () => {
      unfollow();
      this.#leave(kept);
    };
  }

  #leave(kept: Kept): void {
    kept.readers -= 1;
    if (kept.readers > 0) return;
    // Nobody is left to write it for.
    if (kept.production.state.phase === 'writing') this.#retire(kept);
    else if (this.#retired.delete(kept)) this.#discard(kept);
  }

  /** Nobody comes to it any more, and with its last reader it goes. */
  #retire(kept: Kept): void {
    if (this.#kept.get(kept.key) === kept) this.#kept.delete(kept.key);
    if (kept.readers > 0) this.#retired.add(kept);
    else this.#discard(kept);
  }

  #discard(kept: Kept): void {
    kept.production.discard().catch((error: unknown) => this.#options.log.warn({ err: error }, 'a kept pack was not removed'));
  }

  #expire(): void {
    const now = this.#options.now();
    for (const kept of this.#kept.values()) {
      if (kept.expiresAt <= now && kept.production.state.phase !== 'writing') this.#retire(kept);
    }
  }

  /** Drops what was read longest ago until so many bytes fit. */
  #makeRoom(bytes: number): boolean {
    if (bytes > this.#options.maxBytes) return false;
    for (const kept of this.#kept.values()) {
      if (this.#bytes() + bytes <= this.#options.maxBytes) break;
      if (kept.readers === 0) this.#retire(kept);
    }
    return this.#bytes() + bytes <= this.#options.maxBytes;
  }

  #bytes(): number {
    let sum = 0;
    for (const { production, expectedBytes } of [...this.#kept.values(), ...this.#retired]) {
      sum += production.state.phase === 'writing' ? Math.max(expectedBytes, production.state.sizeBytes) : production.state.sizeBytes;
    }
    return sum;
  }
}

function keyOf(path: string, state: string, { args, input }: PackRequest): string {
  const hash = createHash('sha256');
  for (const part of [path, state, String(args.length), ...args]) hash.update(`${part}\0`);
  return hash.update(input).digest('base64');
}

/** No pack of all of a repository is much larger than its own. */
async function packedBytes(path: string): Promise<number> {
  const folder = join(path, 'objects/pack');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.pack'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}
