import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Database, Statement } from 'better-sqlite3';
import { isStatusError, StatusError } from '#shared/api/status';
import { translateFileError } from '../storeErrors';
import { openSqlite, translatingSqliteErrors } from '../sql/sqlite/openSqlite';
import { migrateSqlite } from '../sql/sqlite/sqliteMigrations';
import { syncFolder } from '../../disk/syncFolder';
import type { NewDatabase } from './databaseSnapshot';
import { DATABASE_TABLES, type Row, type TableName } from './databaseTables';
import { columnsOf, sqlitePages } from './sqliteRows';
import { readSqlite } from './sqliteSnapshot';

/** Of a stream's id, so that `stream << 32 | seq` is a rowid. */
const MAX_STREAM = 2n ** 31n - 1n;
const MAX_SEQ = 2n ** 32n - 1n;

/**
 * Fills a file beside its place, under a name that no server opens, and renames it when it is whole and on the disk. What a process
 * that was killed left under that name is thrown away by the next.
 */
export async function fillSqlite<TResult>(path: string, work: (database: NewDatabase) => Promise<TResult>): Promise<TResult> {
  await requireUnused(path);
  const incomplete = `${path}.incomplete`;
  await removeDatabase(incomplete);
  try {
    const result = await fill(incomplete, work);
    await syncFile(incomplete);
    // The write-ahead log of an unused file must not meet the new one.
    await removeDatabase(path);
    await rename(incomplete, path);
    await syncFolder(dirname(path));
    return result;
  } catch (error) {
    await removeDatabase(incomplete);
    throw translateFileError(error);
  }
}

async function fill<TResult>(path: string, work: (database: NewDatabase) => Promise<TResult>): Promise<TResult> {
  // Made first, because SQLite would make it readable for everybody.
  await (await open(path, 'w', 0o600)).close();
  const db = openSqlite(path, { synchronous: 'NORMAL', cacheKiB: 65_536 });
  try {
    translatingSqliteErrors(() => migrateSqlite(db));
    return await work({
      movedAside: false,
      pages: (table) => sqlitePages(db, table),
      write: async (table, rows) => translatingSqliteErrors(() => insert(db, table, rows)),
      setRevisions: async ({ head, floor }) => void translatingSqliteErrors(() => db.prepare('UPDATE meta SET revision = ?, floor = ? WHERE id = 1').run(head, floor)),
    });
  } finally {
    // The last to close moves the write-ahead log into the file and removes it.
    db.close();
  }
}

function insert(db: Database, table: TableName, rows: readonly Row[]): void {
  const statement = db.prepare(INSERTS[table]);
  db.transaction(() => {
    for (const row of rows) (table === 'event' ? insertEvent : insertRow)(statement, row);
  })();
}

const INSERTS: Readonly<Record<TableName, string>> = {
  object: insertInto('object'),
  log: insertInto('log'),
  event_stream: insertInto('event_stream'),
  event: 'INSERT INTO event (position, stream, id, at, type, data) VALUES (?, ?, ?, ?, ?, ?)',
};

function insertInto(table: TableName): string {
  return `INSERT INTO ${table} (${columnsOf(table)}) VALUES (${Object.keys(DATABASE_TABLES[table].columns).map(() => '?').join(', ')})`;
}

function insertRow(statement: Statement<unknown[]>, row: Row): void {
  statement.run(...row);
}

function insertEvent(statement: Statement<unknown[]>, [stream, seq, ...rest]: Row): void {
  if (typeof stream !== 'bigint' || typeof seq !== 'bigint' || stream < 0n || stream > MAX_STREAM || seq < 0n || seq > MAX_SEQ) {
    throw new StatusError('Invalid', `Event ${String(seq)} of stream ${String(stream)} cannot be stored in SQLite: it has room for ${MAX_STREAM} streams of ${MAX_SEQ} events`);
  }
  statement.run((stream << 32n) + seq, stream, ...rest);
}

/** A server that was started once and never used leaves a database that may go; any other may not. */
async function requireUnused(path: string): Promise<void> {
  if (!existsSync(path)) return;
  try {
    const unused = await readSqlite(path, async (snapshot) => snapshot.head === 0n && (await snapshot.count('event_stream')) === 0);
    if (unused) return;
  } catch (error) {
    // A file that is there and empty.
    if (isStatusError(error, 'NotFound')) return;
    throw error;
  }
  throw new StatusError('AlreadyExists', `There is a database at ${path} already, and it is not empty`, { code: 'DATABASE_NOT_EMPTY' });
}

async function removeDatabase(path: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(path + suffix, { force: true });
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
