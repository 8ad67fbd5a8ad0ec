import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import { BatchPacer } from '../../batchPacer';
import { checkPosition, checkReadOptions, encodeEventData } from '../../eventEntry';
import type { EventFollowers } from '../../eventFollowers';
import type { EventEntry, EventLink, EventLog, EventPage, StoredEvent } from '../../eventLog';
import { boundedRows } from '../boundedRows';
import type { ObserveOperation } from '../observeOperation';
import { translatingSqliteErrors } from './openSqlite';
import { positionOf, seqOf, toEvent, SqliteStreams, type EventRow } from './sqliteStreams';
import type { StreamEnds } from '../streamEnds';
import type { WalSync } from './walSync';

/** Entries that a follower gets at one time. */
const FOLLOW_BATCH = 500;

export interface SqliteEventLogOptions {
  readonly ends: StreamEnds;
  readonly followers: EventFollowers;
  readonly sync: WalSync;
  readonly log: Logger;
  readonly observe: ObserveOperation;
}

/**
 * Event streams in the same file as the store, over a connection of their own with `synchronous = NORMAL`: an append is one
 * transaction, and is acknowledged when the shared sync of the WAL has put it onto the disk, for which the event loop does not wait.
 * Followers see it at commit.
 */
export class SqliteEventLog implements EventLog {
  readonly #db: Database;
  readonly #opts: SqliteEventLogOptions;
  readonly #streams: SqliteStreams;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #pacer = new BatchPacer();
  #sweeping: Promise<void> = Promise.resolve();
  #closing = false;

  constructor(db: Database, opts: SqliteEventLogOptions) {
    this.#db = db.defaultSafeIntegers(true);
    this.#opts = opts;
    this.#streams = new SqliteStreams(db, opts.ends);
    this.#statements = prepareStatements(db);
    // What an earlier process dropped and could not finish.
    this.#sweep().catch((error: unknown) => opts.log.error({ err: error }, 'deleting dropped event streams failed'));
  }

  async append(stream: string, entries: readonly EventEntry[]): Promise<{ lastSeq: number; stored: number }> {
    const rows = entries.map((entry) => ({ ...entry, data: encodeEventData(entry) }));
    const answer = this.#run('appendEvents', () => this.#db.transaction(() => this.#streams.append(stream, rows)).immediate());
    if (answer.stored > 0) this.#opts.followers.wake(stream);
    // Also when nothing was new: whoever resends has not heard yet that its entries are safe.
    if (entries.length > 0) await this.#opts.sync.flushed();
    return answer;
  }

  async link(stream: string, links: readonly EventLink[]): Promise<(StoredEvent | undefined)[]> {
    const { followers, sync } = this.#opts;
    const linked = this.#run('linkEvents', () => {
      try {
        return this.#db.transaction(() => {
          const made = links.map((link) => this.#streams.link(stream, link));
          this.#streams.flush();
          return made;
        }).immediate();
      } catch (error) {
        this.#streams.abandoned();
        throw error;
      }
    });
    for (const longer of this.#streams.committed()) followers.wake(longer);
    await sync.flushed();
    return linked;
  }

  async read(stream: string, opts: { after?: number; before?: number; limit: number }): Promise<EventPage> {
    checkReadOptions(opts);
    return this.#run('readEvents', () => {
      const found = this.#streams.find(stream);
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
      const found = this.#streams.find(stream);
      const first = found === undefined ? undefined : this.#statements.firstEvent.get(positionOf(found.id, 0), positionOf(found.id + 1n, 0))?.position;
      return found === undefined || first === undefined ? 0 : Number(found.last_seq) - seqOf(first) + 1;
    });
  }

  async trim(stream: string, through: number): Promise<void> {
    checkPosition('through', through);
    const found = this.#run('trimEvents', () => this.#streams.find(stream));
    if (found === undefined) return;
    const range = { from: positionOf(found.id, 0), before: positionOf(found.id, Math.min(through, Number(found.last_seq)) + 1) };
    while (!this.#closing && (await this.#pacer.pace((rows) => this.#run('trimEvents', () => this.#deleteSome(range, rows)))) > 0) await nextTurn();
  }

  /** The stream is gone when this resolves; its rows have been deleted in batches. */
  async drop(stream: string): Promise<void> {
    this.#run('dropEvents', () => this.#statements.dropStream.run(stream));
    this.#opts.followers.end(stream);
    await this.#sweep();
  }

  /** Ends the followers and waits for what is running. After that the database may be closed. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#opts.followers.endAll();
    await this.#sweeping.catch(() => undefined);
    await this.#opts.sync.close();
  }

  #readBatch(stream: string, after: number): StoredEvent[] {
    return this.#run('followEvents', () => {
      const found = this.#streams.find(stream);
      if (found === undefined) return [];
      const range: [bigint, bigint, number] = [positionOf(found.id, after), positionOf(found.id + 1n, 0), FOLLOW_BATCH];
      return boundedRows(this.#statements.readUp, range, { limit: FOLLOW_BATCH, sizeOf: (row) => row.data.length }).rows.map(toEvent);
    });
  }

  /** Deletes the rows of all dropped streams, one sweep after the other. */
  #sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.catch(() => undefined).then(async () => {
      for (let dropped = this.#findDropped(); dropped !== undefined && !this.#closing; dropped = this.#findDropped()) {
        const { id } = dropped;
        const range = { from: positionOf(id, 0), before: positionOf(id + 1n, 0) };
        const deleted = await this.#pacer.pace((rows) => this.#run('sweepEvents', () => this.#deleteSome(range, rows)));
        if (deleted === 0) this.#run('sweepEvents', () => this.#statements.forgetStream.run(id));
        await nextTurn();
      }
    });
    return this.#sweeping;
  }

  #findDropped(): { id: bigint } | undefined {
    return this.#run('sweepEvents', () => this.#statements.findDropped.get());
  }

  /** The first rows between two positions, neither of them included. */
  #deleteSome({ from, before }: { from: bigint; before: bigint }, rows: number): number {
    return this.#statements.deleteEvents.run(from, before, rows).changes;
  }

  #run<TResult>(operation: string, work: () => TResult): TResult {
    const startedAt = performance.now();
    try {
      return translatingSqliteErrors(work);
    } finally {
      this.#opts.observe(operation, performance.now() - startedAt);
    }
  }
}

function prepareStatements(db: Database) {
  return {
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
    dropStream: db.prepare<[string]>('UPDATE event_stream SET name = NULL WHERE name = ?'),
    findDropped: db.prepare<[], { id: bigint }>('SELECT id FROM event_stream WHERE name IS NULL LIMIT 1'),
    deleteEvents: db.prepare<[bigint, bigint, number]>(
      'DELETE FROM event WHERE position IN (SELECT position FROM event WHERE position > ? AND position < ? ORDER BY position LIMIT ?)',
    ),
    forgetStream: db.prepare<[bigint]>('DELETE FROM event_stream WHERE id = ?'),
  };
}
