import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { StatusError } from '#shared/api/status';
import { checkSqliteFile, explainingDamage } from '../sql/sqlite/checkSqliteFile';
import { STORE_INVARIANTS } from '../sql/invariants';
import { requireSchema } from '../sql/migrations';
import { sqliteBroken, sqliteDamage } from '../sql/sqlite/sqliteProblems';
import type { DatabaseProblem, DatabaseSnapshot } from './databaseSnapshot';
import { SqliteMoment } from './sqliteMoment';

/** How long to wait for a server that has the file to itself for a moment: as it starts, or closes it. */
const BUSY_TIMEOUT_MS = 5_000;

/** Reads the file over a connection that cannot write. In WAL mode that hinders no writer, in whatever process: see `sqliteMoment.ts`. */
export async function readSqlite<TResult>(path: string, work: (snapshot: DatabaseSnapshot) => Promise<TResult>): Promise<TResult> {
  if (!existsSync(path)) throw new StatusError('NotFound', `There is no database at ${path}`);
  checkSqliteFile(path, { inUse: false });
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  try {
    const { schemaVersion, moment } = explainingDamage(path, () => ({ schemaVersion: readSchema(db, path), moment: new SqliteMoment(db) }));
    return await work({
      engine: 'sqlite',
      where: path,
      schemaVersion,
      head: moment.head,
      get floor() {
        return moment.floor;
      },
      count: async (table) => moment.count(table),
      pages: (table) => moment.pages(table),
      problems: async (onStep) => findProblems(db, onStep),
    });
  } finally {
    db.close();
  }
}

function readSchema(db: Database.Database, path: string): number {
  const schemaVersion = Number(db.pragma('user_version', { simple: true }));
  if (schemaVersion === 0) throw new StatusError('NotFound', `There is no Kradle database at ${path}: no server has ever started on it`);
  requireSchema(schemaVersion);
  return schemaVersion;
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
