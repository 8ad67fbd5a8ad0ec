import type { DatabaseAddress, NewDatabase } from './databaseSnapshot';

/**
 * Makes a database, lets `work` fill it, and puts it in its place when that is done: all of it or, whenever the process ends before,
 * nothing of it. The caller holds the lock of the data folder that a SQLite file is in.
 *
 * `moveAside`: what is there already is kept under another name instead of being in the way (Postgres: as a schema of that name; a
 * file is never in the way of its caller, who has moved it himself).
 *
 * @throws AlreadyExists when there is one that holds something; Conflict when a server has it.
 */
export async function fillDatabase<TResult>(address: DatabaseAddress, opts: { moveAside?: string }, work: (database: NewDatabase) => Promise<TResult>): Promise<TResult> {
  if (address.engine === 'sqlite') {
    const { fillSqlite } = await import('./sqliteTarget');
    return fillSqlite(address.path, work);
  }
  const { fillPostgres } = await import('./postgresTarget');
  return fillPostgres(address.url, opts, work);
}
