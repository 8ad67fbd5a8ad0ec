import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { StatusError } from '#shared/api/status';
import type { Revisions } from '../sql/dialect';
import { STORE_INVARIANTS } from '../sql/invariants';
import { requireSchema } from '../sql/migrations';
import { translatingSqliteErrors } from '../sql/openSqlite';
import { sqliteBroken, sqliteDamage } from '../sql/sqliteProblems';
import type { DatabaseProblem, DatabaseSnapshot } from './databaseSnapshot';
import type { TableName } from './databaseTables';
import { sqlitePages } from './sqliteRows';

/** How long to wait for a server that has the file to itself for a moment: as it starts, or closes it. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Reads the file in one read transaction over a connection that cannot write. In WAL mode that hinders no writer, in whatever process;
 * the write-ahead log only grows until the transaction ends, because what it sees must stay.
 */
export async function readSqlite<TResult>(path: string, work: (snapshot: DatabaseSnapshot) => Promise<TResult>): Promise<TResult> {
  if (!existsSync(path)) throw new StatusError('NotFound', `There is no database at ${path}`);
  const db = translatingSqliteErrors(() => open(path));
  try {
    const { schemaVersion, ...revisions } = translatingSqliteErrors(() => begin(db, path));
    return await work({
      engine: 'sqlite',
      where: path,
      schemaVersion,
      ...revisions,
      count: async (table) => Number(db.prepare<[], { total: number }>(COUNTS[table]).get()?.total ?? 0),
      pages: (table) => sqlitePages(db, table),
      problems: async (onStep) => findProblems(db, onStep),
    });
  } finally {
    // Ends the transaction.
    db.close();
  }
}

const COUNTS: Readonly<Record<TableName, string>> = {
  object: 'SELECT count(*) AS total FROM object',
  log: 'SELECT count(*) AS total FROM log',
  event_stream: 'SELECT count(*) AS total FROM event_stream WHERE name IS NOT NULL',
  event: 'SELECT coalesce(sum(last_seq), 0) AS total FROM event_stream WHERE name IS NOT NULL',
};

function open(path: string): Database.Database {
  try {
    return new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  } catch (cause) {
    throw damaged(path, cause);
  }
}

/** The first read is what fixes the state that all others see. */
function begin(db: Database.Database, path: string): Revisions & { schemaVersion: number } {
  try {
    db.exec('BEGIN');
    const schemaVersion = Number(db.pragma('user_version', { simple: true }));
    if (schemaVersion === 0) throw new StatusError('NotFound', `There is no Kradle database at ${path}: no server has ever started on it`);
    requireSchema(schemaVersion);
    const [revisions] = db.prepare<[], Revisions>('SELECT revision AS head, floor FROM meta WHERE id = 1').safeIntegers(true).all();
    return { schemaVersion, ...(revisions ?? { head: 0n, floor: 0n }) };
  } catch (cause) {
    throw damaged(path, cause);
  }
}

function findProblems(db: Database.Database, onStep: (step: string) => void): DatabaseProblem[] {
  onStep('structure of the file');
  const damage = sqliteDamage(db);
  if (damage.length > 0) return [{ problem: 'the file is damaged, says SQLite', count: damage.length, ...(damage[0] === undefined ? {} : { example: damage[0] }) }];
  return STORE_INVARIANTS.flatMap((invariant) => {
    onStep('rules of the store');
    const found = sqliteBroken(db, invariant);
    return found === undefined ? [] : [{ problem: found.broken, count: found.count, example: found.example }];
  });
}

/** SQLite cannot make sense of the file: https://sqlite.org/rescode.html#corrupt */
function damaged(path: string, cause: unknown): unknown {
  if (!(cause instanceof Database.SqliteError) || !/^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(cause.code)) return cause;
  return new StatusError('InternalError', `The database ${path} is damaged, says SQLite: ${cause.message}`, { code: 'DATABASE_DAMAGED', cause });
}
