import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { boundedRows } from '../sql/boundedRows';
import { translatingSqliteErrors } from '../sql/sqlite/openSqlite';
import { DATABASE_TABLES, placeBeforeAll, placeOf, sizeOfRow, type Row, type TableName } from './databaseTables';

/** Rows of a page, at most. */
export const PAGE_ROWS = 2_000;

/** The entries of a stream lie at `stream << 32 | seq`; see migration 2. */
const SELECTS: Readonly<Record<TableName, string>> = {
  object: `SELECT ${columnsOf('object')} FROM object WHERE key > ? ORDER BY key`,
  log: `SELECT ${columnsOf('log')} FROM log WHERE revision > ? ORDER BY revision`,
  event_stream: `SELECT ${columnsOf('event_stream')} FROM event_stream WHERE id > ? ORDER BY id`,
  event: `SELECT stream, position & 4294967295 AS seq, id, at, type, data FROM event
    WHERE position > (? << 32) + ? ORDER BY position`,
};

/** Pages of a table of a file that nobody writes to meanwhile; the event loop is free between them. */
export async function* sqlitePages(db: Database, table: TableName): AsyncGenerator<readonly Row[]> {
  const statement = translatingSqliteErrors(() => db.prepare<unknown[], Row>(SELECTS[table]).raw(true).safeIntegers(true));
  let after = placeBeforeAll(table);
  for (;;) {
    const page = translatingSqliteErrors(() => boundedRows(statement, [...after], { limit: PAGE_ROWS, sizeOf: sizeOfRow }));
    const last = page.rows.at(-1);
    if (last === undefined) return;
    yield page.rows;
    if (!page.more) return;
    after = placeOf(table, last);
    await nextTurn();
  }
}

export function columnsOf(table: TableName): string {
  return Object.keys(DATABASE_TABLES[table].columns).join(', ');
}
