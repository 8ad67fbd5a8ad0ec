import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isStatusError } from '#shared/api/status';
import { Broadcaster, type Subscription } from './broadcaster';
import { LogEntry, type LogRow } from './logEntry';
import { expired, notRunning } from './storeErrors';

/** Rows read at one time: bounds how long the loop stands still. */
const READ_ROWS = 500;
/** What the tail remembers for watchers that come back may have at most so many characters of JSON. */
const RECENT_CHARACTERS = 8 * 1024 * 1024;
/** After a read that failed. */
const RETRY_MS = 1_000;

export interface LogSource {
  logAfter(revision: bigint, limit: number): Promise<{ rows: readonly LogRow[]; more: boolean; head: bigint; floor: bigint }>;
}

/** Changes after some revision: `upTo` is how far they reach, which may be past the last one. */
export interface LogChunk {
  readonly entries: readonly LogEntry[];
  readonly upTo: bigint;
}

/**
 * The one reader of new log rows in a process; every watch hangs off it. A poke says that there may be something new: the tail then
 * reads until there is not, and publishes each page. Nothing is lost when pokes are, only late. What this process has written itself is
 * published without reading it back where it is the next change.
 */
export class LogTail {
  readonly #source: LogSource;
  readonly #log: Logger;
  readonly #broadcaster: Broadcaster<LogEntry>;
  readonly #recentEntries: number;
  readonly #onPublished: ((entries: readonly LogEntry[]) => void) | undefined;
  #recent: LogEntry[] = [];
  #recentCharacters = 0;
  /** `#recent` holds every change above this revision and up to the cursor. */
  #recentAfter = 0n;
  #cursor = 0n;
  #running = false;
  #pumping: Promise<void> | undefined;
  #poked = false;
  #retry: NodeJS.Timeout | undefined;
  /** The source does not answer, and that has been said. */
  #waiting = false;

  /** `onPublished` is told of every change before the watchers are. */
  constructor(source: LogSource, opts: { log: Logger; bufferItems: number; recentEntries: number; onPublished?: (entries: readonly LogEntry[]) => void }) {
    this.#source = source;
    this.#log = opts.log;
    this.#onPublished = opts.onPublished;
    this.#broadcaster = new Broadcaster(opts);
    this.#recentEntries = opts.recentEntries;
  }

  /** Everything up to this revision has been published. */
  get cursor(): bigint {
    return this.#cursor;
  }

  /** Live watches. */
  get subscribers(): number {
    return this.#broadcaster.size;
  }

  start(head: bigint): void {
    this.#forget(head);
    this.#running = true;
  }

  /** Ends every watch. */
  async stop(): Promise<void> {
    this.#running = false;
    clearTimeout(this.#retry);
    this.#broadcaster.end(notRunning());
    await this.#pumping;
  }

  /** A change that this process has committed. Between it and the revision before there is nothing, whoever else writes. */
  publish(entry: LogEntry): void {
    if (!this.#running) return;
    if (entry.revision === this.#cursor + 1n) this.#deliver({ entries: [entry], upTo: entry.revision });
    else if (entry.revision > this.#cursor) this.poke();
  }

  /** There may be new rows. */
  poke(): void {
    if (!this.#running) return;
    this.#poked = true;
    this.#pumping ??= this.#pump();
  }

  /** Resolves when everything that was committed before the call is published. */
  async drain(): Promise<void> {
    this.poke();
    await this.#pumping;
  }

  /**
   * Changes published after this moment. Must be called in the same turn in which the caller saw that it has everything up to the
   * cursor: then nothing falls between. `ServiceUnavailable` when the tail does not run.
   */
  subscribe(accepts: (entry: LogEntry) => boolean): Subscription<LogEntry> {
    if (!this.#running) throw notRunning();
    return this.#broadcaster.subscribe(accepts);
  }

  /** Changes above a revision: from memory when they are recent, else a page of the log. `Expired` below the floor. */
  async after(revision: bigint): Promise<LogChunk> {
    if (revision >= this.#recentAfter && revision <= this.#cursor) {
      return { entries: this.#recent.slice(firstAbove(this.#recent, revision)), upTo: this.#cursor };
    }
    const page = await this.#source.logAfter(revision, READ_ROWS);
    if (revision < page.floor) throw expired();
    return toChunk(page);
  }

  async #pump(): Promise<void> {
    while (this.#poked && this.#running) {
      this.#poked = false;
      try {
        await this.#publishNew();
        if (this.#waiting) this.#log.info({ cursor: this.#cursor.toString() }, 'reading the revision log works again');
        this.#waiting = false;
      } catch (error) {
        this.#fail(error);
        clearTimeout(this.#retry);
        this.#retry = setTimeout(() => this.poke(), RETRY_MS).unref();
      }
    }
    // In the turn that saw no further poke: a later one finds nobody pumping and starts anew.
    this.#pumping = undefined;
  }

  #fail(error: unknown): void {
    if (isStatusError(error, 'ServiceUnavailable')) {
      // A database that is away for a moment: its log will be there when it is back, and the watches go on where they stand.
      if (!this.#waiting) this.#log.warn({ err: error }, 'the revision log cannot be read at present; watches wait');
      this.#waiting = true;
      return;
    }
    // The watchers cannot be told the truth any more: end them, so that they list again.
    this.#log.error({ err: error }, 'reading the revision log failed');
    this.#broadcaster.end(error instanceof Error ? error : new Error(String(error)));
  }

  async #publishNew(): Promise<void> {
    for (;;) {
      // While it reads, the cursor may go on: see `publish`.
      const published = this.#cursor;
      const page = await this.#source.logAfter(published, READ_ROWS);
      if (!this.#running) return;
      if (this.#cursor < page.floor || published > page.head) {
        // Above the head: the database was set back to an earlier state, and what was published since never was.
        if (published > page.head) this.#log.error({ published: published.toString(), head: page.head.toString() }, 'the database went back in time; watches are ended. Restart this server');
        this.#broadcaster.end(expired());
        this.#forget(published > page.head ? page.head : page.floor);
        continue;
      }
      const chunk = toChunk(page);
      if (chunk.upTo > this.#cursor) this.#deliver({ ...chunk, entries: chunk.entries.slice(firstAbove(chunk.entries, this.#cursor)) });
      if (!page.more) return;
      // Lets the subscribers take this page before the next one comes.
      await nextTurn();
    }
  }

  #deliver(chunk: LogChunk): void {
    this.#remember(chunk);
    this.#onPublished?.(chunk.entries);
    this.#broadcaster.publish(chunk.entries);
  }

  #remember(chunk: LogChunk): void {
    this.#cursor = chunk.upTo;
    this.#recent.push(...chunk.entries);
    this.#recentCharacters += sizeOf(chunk.entries);
    if (this.#recent.length <= this.#recentEntries && this.#recentCharacters <= RECENT_CHARACTERS) return;
    // Down to half, so that the cutting is paid for once in many changes.
    let keepFrom = Math.max(0, this.#recent.length - (this.#recentEntries >> 1));
    let kept = sizeOf(this.#recent.slice(keepFrom));
    for (let entry = this.#recent[keepFrom]; entry !== undefined && kept > RECENT_CHARACTERS / 2; entry = this.#recent[keepFrom]) {
      kept -= entry.size;
      keepFrom += 1;
    }
    this.#recentAfter = this.#recent[keepFrom - 1]?.revision ?? this.#recentAfter;
    this.#recent = this.#recent.slice(keepFrom);
    this.#recentCharacters = kept;
  }

  #forget(cursor: bigint): void {
    this.#cursor = cursor;
    this.#recentAfter = cursor;
    this.#recent = [];
    this.#recentCharacters = 0;
  }
}

/** A complete page reaches the head, whether or not the head is a row: gaps are legal. */
function toChunk(page: { rows: readonly LogRow[]; more: boolean; head: bigint }): LogChunk {
  return {
    entries: page.rows.map((row) => new LogEntry(row)),
    upTo: page.more ? (page.rows.at(-1)?.revision ?? page.head) : page.head,
  };
}

function sizeOf(entries: readonly LogEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.size, 0);
}

/** Index of the first entry above a revision, by halving. */
function firstAbove(entries: readonly LogEntry[], revision: bigint): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle];
    if (entry !== undefined && entry.revision <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}
