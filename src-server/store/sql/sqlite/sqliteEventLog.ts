import type { Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import type { ChainDraft } from '../../chain';
import { checkPosition, checkReadOptions, encodeEventData } from '../../eventEntry';
import type { EventFollowers } from '../../eventFollowers';
import type { EventEntry, EventLog, EventPage, StoredEvent } from '../../eventLog';
import { boundedRows } from '../boundedRows';
import type { ObserveOperation } from '../observeOperation';
import { sqliteOperation } from './openSqlite';
import { positionOf, seqOf, toEvent, type EventRow, type StreamRow } from './sqliteStreams';
import type { SqliteWrites } from './sqliteWrites';

/** Entries that a follower gets at one time. */
const FOLLOW_BATCH = 500;

export interface SqliteEventLogOptions {
  /** Of the same file. */
  readonly writes: SqliteWrites;
  readonly followers: EventFollowers;
  readonly log: Logger;
  readonly observe: ObserveOperation;
}

/** Event streams in the same file as the store. Followers hear of an entry when it is on the disk. */
export class SqliteEventLog implements EventLog {
  readonly #opts: SqliteEventLogOptions;
  readonly #statements: ReturnType<typeof prepareStatements>;
  #sweeping: Promise<void> = Promise.resolve();
  #closing = false;

  /** Reads over `db`. */
  constructor(db: Database, opts: SqliteEventLogOptions) {
    this.#opts = opts;
    this.#statements = prepareStatements(db.defaultSafeIntegers(true));
    // What an earlier process dropped and could not finish.
    this.#sweep().catch((error: unknown) => opts.log.error({ err: error }, 'deleting dropped event streams failed'));
  }

  async append(stream: string, entries: readonly EventEntry[]): Promise<{ lastSeq: number; stored: number }> {
    const encoded = entries.map((entry) => ({ ...entry, data: encodeEventData(entry) }));
    const answer = await this.#opts.writes.send({ op: 'appendEvents', stream, entries: encoded });
    if (answer.stored > 0) this.#opts.followers.wake(stream);
    return answer;
  }

  async link(stream: string, drafts: readonly ChainDraft[]): Promise<(StoredEvent | undefined)[]> {
    const linked = await this.#opts.writes.send({ op: 'link', stream, drafts });
    if (linked.some((entry) => entry !== undefined)) this.#opts.followers.wake(stream);
    return [...linked];
  }

  async read(stream: string, opts: { after?: number; before?: number; limit: number }): Promise<EventPage> {
    checkReadOptions(opts);
    return this.#run('readEvents', () => {
      const found = this.#find(stream);
      if (found === undefined) return { items: [], lastSeq: 0 };
      const after = positionOf(found.id, opts.after ?? 0);
      const before = opts.before === undefined ? positionOf(found.id + 1n, 0) : positionOf(found.id, opts.before);
      const rows =
        opts.before === undefined
          ? this.#statements.readUp.all(after, before, opts.limit)
          : this.#statements.readDown.all(after, before, opts.limit).reverse();
      return { items: rows.map(toEvent), lastSeq: Number(found.last_seq) };
    });
  }

  follow(stream: string, opts: { after: number; signal: AbortSignal }): AsyncIterable<StoredEvent[]> {
    checkPosition('after', opts.after);
    return this.#opts.followers.follow(stream, { ...opts, readAfter: (seq) => this.#readBatch(stream, seq) });
  }

  async find(stream: string, id: string): Promise<StoredEvent | undefined> {
    return this.#run('findEvent', () => {
      const row = this.#statements.findEvent.get(stream, id);
      return row === undefined ? undefined : toEvent(row);
    });
  }

  /** Entries are numbered without gaps: from the first to the last, whatever was trimmed before. */
  async count(stream: string): Promise<number> {
    return this.#run('countEvents', () => {
      const found = this.#find(stream);
      const first = found === undefined ? undefined : this.#statements.firstEvent.get(positionOf(found.id, 0), positionOf(found.id + 1n, 0))?.position;
      return found === undefined || first === undefined ? 0 : Number(found.last_seq) - seqOf(first) + 1;
    });
  }

  async trim(stream: string, through: number): Promise<void> {
    checkPosition('through', through);
    while (!this.#closing && (await this.#opts.writes.send({ op: 'trimEvents', stream, through })) > 0);
  }

  /** The stream is gone when this resolves; its rows have been deleted in batches. */
  async drop(stream: string): Promise<void> {
    await this.#opts.writes.send({ op: 'dropStream', stream });
    this.#opts.followers.end(stream);
    await this.#sweep();
  }

  /** Ends the followers and waits for what is running. After that the database may be closed. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#opts.followers.endAll();
    await this.#sweeping.catch(() => undefined);
  }

  #readBatch(stream: string, after: number): StoredEvent[] {
    return this.#run('followEvents', () => {
      const found = this.#find(stream);
      if (found === undefined) return [];
      const range: [bigint, bigint, number] = [positionOf(found.id, after), positionOf(found.id + 1n, 0), FOLLOW_BATCH];
      return boundedRows(this.#statements.readUp, range, { limit: FOLLOW_BATCH, sizeOf: (row) => row.data.length }).rows.map(toEvent);
    });
  }

  /** Deletes the rows of all dropped streams, one sweep after the other. */
  #sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.catch(() => undefined).then(async () => {
      while (!this.#closing && (await this.#opts.writes.send({ op: 'sweepEvents' })));
    });
    return this.#sweeping;
  }

  #find(stream: string): StreamRow | undefined {
    return this.#statements.findStream.get(stream);
  }

  #run<TResult>(operation: string, work: () => TResult): TResult {
    return sqliteOperation(this.#opts.observe, operation, work);
  }
}

function prepareStatements(db: Database) {
  return {
    findStream: db.prepare<[string], StreamRow>('SELECT id, last_seq FROM event_stream WHERE name = ?'),
    readUp: db.prepare<[bigint, bigint, number], EventRow>(
      'SELECT position, id, at, type, data FROM event WHERE position > ? AND position < ? ORDER BY position LIMIT ?',
    ),
    readDown: db.prepare<[bigint, bigint, number], EventRow>(
      'SELECT position, id, at, type, data FROM event WHERE position > ? AND position < ? ORDER BY position DESC LIMIT ?',
    ),
    findEvent: db.prepare<[string, string], EventRow>(
      'SELECT position, event.id, at, type, data FROM event WHERE stream = (SELECT id FROM event_stream WHERE name = ?) AND event.id = ?',
    ),
    firstEvent: db.prepare<[bigint, bigint], { position: bigint }>('SELECT position FROM event WHERE position > ? AND position < ? ORDER BY position LIMIT 1'),
  };
}
