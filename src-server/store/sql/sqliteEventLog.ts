import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import { BatchPacer } from '../batchPacer';
import { checkPosition, checkReadOptions, encodeEventData, movedOn } from '../eventEntry';
import { EventFollowers } from '../eventFollowers';
import type { AppendOptions, EventEntry, EventLog, EventPage, StoredEvent } from '../eventLog';
import { boundedRows } from './boundedRows';
import type { ObserveOperation } from './observeOperation';
import { translatingSqliteErrors } from './openSqlite';
import type { WalSync } from './walSync';

/** Entries that a follower gets at one time. */
const FOLLOW_BATCH = 500;
/** The position of an entry is `stream << 32 | seq`; see migration 2. */
const SEQ_BITS = 32n;
const MAX_SEQ = 2 ** 32 - 1;

interface StreamRow {
  readonly id: bigint;
  readonly last_seq: bigint;
}

interface EventRow {
  readonly position: bigint;
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly data: string;
}

export interface SqliteEventLogOptions {
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
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #followers = new EventFollowers();
  readonly #pacer = new BatchPacer();
  #sweeping: Promise<void> = Promise.resolve();
  #closing = false;

  constructor(db: Database, opts: SqliteEventLogOptions) {
    this.#db = db.defaultSafeIntegers(true);
    this.#opts = opts;
    this.#statements = prepareStatements(db);
    // What an earlier process dropped and could not finish.
    this.#sweep().catch((error: unknown) => opts.log.error({ err: error }, 'deleting dropped event streams failed'));
  }

  async append(stream: string, entries: readonly EventEntry[], { expectedLastSeq }: AppendOptions = {}): Promise<{ lastSeq: number; stored: number }> {
    checkPosition('expectedLastSeq', expectedLastSeq);
    const rows = entries.map((entry) => ({ ...entry, data: encodeEventData(entry) }));
    const answer = this.#run('appendEvents', () => this.#db.transaction(() => this.#insert(stream, rows, expectedLastSeq)).immediate());
    if (answer.stored > 0) this.#followers.wake(stream);
    // Also when nothing was new: whoever resends has not heard yet that its entries are safe.
    if (entries.length > 0) await this.#opts.sync.flushed();
    return answer;
  }

  async read(stream: string, opts: { after?: number; before?: number; limit: number }): Promise<EventPage> {
    checkReadOptions(opts);
    return this.#run('readEvents', () => {
      const found = this.#statements.findStream.get(stream);
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
    return this.#followers.follow(stream, { ...opts, readAfter: (seq) => this.#readBatch(stream, seq) });
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
      const found = this.#statements.findStream.get(stream);
      const first = found === undefined ? undefined : this.#statements.firstEvent.get(positionOf(found.id, 0), positionOf(found.id + 1n, 0))?.position;
      return found === undefined || first === undefined ? 0 : Number(found.last_seq) - seqOf(first) + 1;
    });
  }

  async trim(stream: string, through: number): Promise<void> {
    checkPosition('through', through);
    const found = this.#run('trimEvents', () => this.#statements.findStream.get(stream));
    if (found === undefined) return;
    const range = { from: positionOf(found.id, 0), before: positionOf(found.id, Math.min(through, Number(found.last_seq)) + 1) };
    while (!this.#closing && (await this.#pacer.pace((rows) => this.#run('trimEvents', () => this.#deleteSome(range, rows)))) > 0) await nextTurn();
  }

  /** The stream is gone when this resolves; its rows have been deleted in batches. */
  async drop(stream: string): Promise<void> {
    this.#run('dropEvents', () => this.#statements.dropStream.run(stream));
    this.#followers.end(stream);
    await this.#sweep();
  }

  /** Ends the followers and waits for what is running. After that the database may be closed. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#followers.endAll();
    await this.#sweeping.catch(() => undefined);
    await this.#opts.sync.close();
  }

  #insert(stream: string, rows: readonly Omit<EventRow, 'position'>[], expectedLastSeq: number | undefined): { lastSeq: number; stored: number } {
    const { findStream, addStream, insertEvent, setLastSeq } = this.#statements;
    const found = findStream.get(stream);
    if (rows.length === 0) return { lastSeq: Number(found?.last_seq ?? 0), stored: 0 };
    const before = Number(found?.last_seq ?? 0);
    if (expectedLastSeq !== undefined && before !== expectedLastSeq) throw movedOn(stream);
    const id = found?.id ?? BigInt(addStream.run(stream).lastInsertRowid);
    let last = before;
    for (const row of rows) {
      last += insertEvent.run(positionOf(id, last + 1), id, row.id, row.at, row.type, row.data).changes;
    }
    if (expectedLastSeq !== undefined && last < before + rows.length) throw movedOn(stream);
    if (last > before) setLastSeq.run(BigInt(last), id);
    return { lastSeq: last, stored: last - before };
  }

  #readBatch(stream: string, after: number): StoredEvent[] {
    return this.#run('followEvents', () => {
      const found = this.#statements.findStream.get(stream);
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
    findStream: db.prepare<[string], StreamRow>('SELECT id, last_seq FROM event_stream WHERE name = ?'),
    addStream: db.prepare<[string]>('INSERT INTO event_stream (name) VALUES (?)'),
    setLastSeq: db.prepare<[bigint, bigint]>('UPDATE event_stream SET last_seq = ? WHERE id = ?'),
    insertEvent: db.prepare<[bigint, bigint, string, string, string, string]>(
      'INSERT INTO event (position, stream, id, at, type, data) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (stream, id) DO NOTHING',
    ),
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

/** A seq beyond what a stream can hold stands for its end. */
function positionOf(stream: bigint, seq: number): bigint {
  return (stream << SEQ_BITS) + BigInt(Math.min(seq, MAX_SEQ));
}

function toEvent(row: EventRow): StoredEvent {
  return { seq: seqOf(row.position), id: row.id, at: row.at, type: row.type, data: JSON.parse(row.data) as unknown };
}

function seqOf(position: bigint): number {
  return Number(BigInt.asUintN(Number(SEQ_BITS), position));
}
