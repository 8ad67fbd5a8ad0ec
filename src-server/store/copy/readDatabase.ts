import type { DatabaseAddress, DatabaseSnapshot } from './databaseSnapshot';

/**
 * Opens one state of a database, hands it to `work`, and closes it. Nothing is written, and a server that has the database goes on
 * unhindered. Only the program of that database is loaded.
 *
 * @throws NotFound when no Kradle database is there; Invalid when its schema is older or newer than this program's; ServiceUnavailable,
 * in words, when it cannot be used.
 */
export async function readDatabase<TResult>(address: DatabaseAddress, work: (snapshot: DatabaseSnapshot) => Promise<TResult>): Promise<TResult> {
  if (address.engine === 'sqlite') {
    const { readSqlite } = await import('./sqliteSnapshot');
    return readSqlite(address.path, work);
  }
  const { readPostgres } = await import('./postgresSnapshot');
  return readPostgres(address.url, work);
}
