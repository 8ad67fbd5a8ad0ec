import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database, Statement } from 'better-sqlite3';
import { StatusError } from '#shared/api/status';
import { boundedRows } from '../sql/boundedRows';
import type { Revisions } from '../sql/dialect';
import { translatingSqliteErrors } from '../sql/sqlite/openSqlite';
import { placeBeforeAll, placeOf, sizeOfRow, type Cell, type Row, type TableName } from './databaseTables';
import { columnsOf, PAGE_ROWS } from './sqliteRows';

/**
 * The rows of a file as they were at one moment, however long they are read and whatever a server writes meanwhile. No transaction lasts
 * longer than a page: one that stayed open would keep the server from moving its write-ahead log into the file, and with the end of a long
 * one all that had gathered would be moved at once, on the server's event loop. Instead the log of revisions tells what has changed since:
 *
 * - objects are read as of the moment's revision, as a page of a list is (`statements.ts`, pageAsOf);
 * - the log is read up to that revision. When it is compacted meanwhile, the floor of the moment is that of the end;
 * - event streams are read up to the entry that was their last. Of one that is dropped meanwhile the beginning may be left.
 */
export class SqliteMoment {
  readonly head: bigint;
  readonly #db: Database;
  readonly #streams: ReadonlyMap<bigint, { readonly name: string; readonly lastSeq: bigint }>;
  /** Entries of each stream that have been read. */
  readonly #read = new Map<bigint, bigint>();
  #floor: bigint;

  /** The moment is now. */
  constructor(db: Database) {
    this.#db = db;
    const { revisions, streams } = this.#inTransaction(() => ({
      revisions: this.#revisions(),
      streams: db.prepare<[], [bigint, string, bigint]>('SELECT id, name, last_seq FROM event_stream WHERE name IS NOT NULL ORDER BY id').raw(true).safeIntegers(true).all(),
    }));
    this.head = revisions.head;
    this.#floor = revisions.floor;
    this.#streams = new Map(streams.map(([id, name, lastSeq]) => [id, { name, lastSeq }]));
  }

  /** Final when the log has been read. */
  get floor(): bigint {
    return this.#floor;
  }

  /** Of the objects, as many as there are now. */
  count(table: TableName): number {
    switch (table) {
      case 'object':
        return this.#number('SELECT count(*) FROM object');
      case 'log':
        return this.#number('SELECT count(*) FROM log WHERE revision > (SELECT floor FROM meta)');
      case 'event_stream':
        return this.#streams.size;
      case 'event':
        return Number([...this.#streams.values()].reduce((sum, { lastSeq }) => sum + lastSeq, 0n));
    }
  }

  /** Pages of a table; of event streams only after their events. The event loop is free between them. */
  async *pages(table: TableName): AsyncGenerator<readonly Row[]> {
    if (table === 'event_stream') {
      const rows = this.#streamRows();
      if (rows.length > 0) yield rows;
      return;
    }
    const statement = translatingSqliteErrors(() => this.#db.prepare<unknown[], Row>(SELECTS[table]).raw(true).safeIntegers(true));
    let after = placeBeforeAll(table);
    for (;;) {
      const page = this.#inTransaction(() => this.#page(table, statement, after));
      const last = page.rows.at(-1);
      if (last === undefined) return;
      const rows = table === 'event' ? page.rows.filter((row) => this.#isOfMoment(row)) : page.rows;
      if (rows.length > 0) yield rows;
      if (!page.more) return;
      after = placeOf(table, last);
      await nextTurn();
    }
  }

  #page(table: keyof typeof SELECTS, statement: Statement<unknown[], Row>, after: Row): { rows: Row[]; more: boolean } {
    const { floor } = this.#revisions();
    if (table === 'object' && floor > this.head) {
      throw new StatusError('ServiceUnavailable', 'The database has changed so much since the reading began that its state of then is gone; try again when less is going on, or stop the server for the time');
    }
    if (table === 'log' && floor > this.#floor) this.#floor = floor < this.head ? floor : this.head;
    return boundedRows(statement, parametersOf(table, { after, head: this.head, floor: this.#floor }), { limit: PAGE_ROWS, sizeOf: sizeOfRow });
  }

  /** Entries are numbered without gaps: one that does not follow the one before it is of a stream that is being dropped. */
  #isOfMoment([stream, seq]: Row): boolean {
    if (typeof stream !== 'bigint' || typeof seq !== 'bigint') return false;
    const known = this.#streams.get(stream);
    if (known === undefined || seq > known.lastSeq || seq !== (this.#read.get(stream) ?? 0n) + 1n) return false;
    this.#read.set(stream, seq);
    return true;
  }

  #streamRows(): Row[] {
    return [...this.#streams].flatMap(([id, { name, lastSeq }]) => {
      const read = this.#read.get(id) ?? 0n;
      return read === 0n && lastSeq > 0n ? [] : [[id, name, read]];
    });
  }

  #revisions(): Revisions {
    const revisions = this.#db.prepare<[], Revisions>('SELECT revision AS head, floor FROM meta WHERE id = 1').safeIntegers(true).get();
    return revisions ?? { head: 0n, floor: 0n };
  }

  #number(sql: string): number {
    return translatingSqliteErrors(() => Number(this.#db.prepare(sql).pluck().get()));
  }

  #inTransaction<TResult>(work: () => TResult): TResult {
    return translatingSqliteErrors(() => this.#db.transaction(work)());
  }
}

/** An object that has changed since is what the first change after the moment replaced; beside it the log does not note the uid. */
const SELECTS = {
  object: `SELECT key, uid, revision, value FROM object WHERE key > ? AND revision <= ?
    UNION ALL
    SELECT key, json_extract(prev_value, '$.metadata.uid'), prev_revision, prev_value FROM log WHERE key > ? AND revision > ? AND prev_revision <= ?
    ORDER BY key`,
  log: `SELECT ${columnsOf('log')} FROM log WHERE revision > ? AND revision <= ? ORDER BY revision`,
  // The entries of a stream lie at `stream << 32 | seq`; see migration 2.
  event: `SELECT stream, position & 4294967295 AS seq, id, at, type, data FROM event WHERE position > (? << 32) + ? ORDER BY position`,
} as const satisfies Partial<Record<TableName, string>>;

function parametersOf(table: keyof typeof SELECTS, { after, head, floor }: { after: Row; head: bigint; floor: bigint }): Cell[] {
  const [key = null] = after;
  switch (table) {
    case 'object':
      return [key, head, key, head, head];
    case 'log':
      return [typeof key === 'bigint' && key > floor ? key : floor, head];
    case 'event':
      return [...after];
  }
}
