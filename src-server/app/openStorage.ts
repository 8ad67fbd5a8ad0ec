import { closeSync, existsSync, openSync } from 'node:fs';
import type { ObserveOperation } from '../store/sql/observeOperation';
import type { SqlStorage } from '../store/sql/sqlStorage';
import type { Config } from './config';
import type { DataDir } from './dataDir';
import type { Logger } from './log';

/** Opens the database that the configuration names, and starts the store. Only the program of that database is loaded. */
export async function openStorage(opts: { config: Config; dataDir: DataDir; log: Logger; observe: ObserveOperation }): Promise<SqlStorage> {
  const storage = await open(opts);
  try {
    await storage.store.start();
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function open({ config, dataDir, log, observe }: Parameters<typeof openStorage>[0]): Promise<SqlStorage> {
  if (config.databaseUrl !== undefined) {
    const { openPostgresStore } = await import('../store/sql/postgres/openPostgresStore');
    return openPostgresStore({ url: config.databaseUrl, log, observe });
  }
  // The token is made once the database has something in it. Without the file, somebody wants to begin anew, or comes from Postgres.
  const inUse = existsSync(dataDir.database) && existsSync(dataDir.adminTokenFile);
  // SQLite would make it readable for everybody; its companions take after it.
  closeSync(openSync(dataDir.database, 'a', 0o600));
  const { openSqliteStore } = await import('../store/sql/sqlite/openSqliteStore');
  return openSqliteStore({ path: dataDir.database, log, observe, inUse });
}
