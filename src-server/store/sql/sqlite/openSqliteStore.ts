import { stat } from 'node:fs/promises';
import { EventFollowers } from '../../eventFollowers';
import type { ObserveOperation } from '../observeOperation';
import { checkSqliteFile, explainingDamage } from './checkSqliteFile';
import { moveWalIntoDatabase, openSqlite, translatingSqliteErrors } from './openSqlite';
import { SqliteDialect } from './sqliteDialect';
import { SqliteEventLog } from './sqliteEventLog';
import { migrateSqlite } from './sqliteMigrations';
import { SqlStore, type SqlStoreOptions } from '../sqlStore';
import { sqliteProblems } from './sqliteProblems';
import type { SqlStorage } from '../sqlStorage';
import { StreamEnds } from '../streamEnds';
import { WalSync } from './walSync';

export interface OpenSqliteStoreOptions extends SqlStoreOptions {
  /** Path of the database file; its folder exists. `-wal` and `-shm` files appear beside it. */
  readonly path: string;
  /** For metrics: every operation, and for how many ms the event loop stood still. */
  readonly observe?: ObserveOperation;
  /** There has been a database with something in it: an empty one is refused. Default false. */
  readonly inUse?: boolean;
}

/** An operation that holds the event loop this long is worth a line in the log. */
const SLOW_OPERATION_MS = 100;

/**
 * Opens or creates the database and brings its schema up to date. The caller holds the data folder's lock (`dataDirLock.ts`): two
 * processes must not have the file. Call `store.start()` before the first watch.
 *
 * @throws InternalError, with the code DATABASE_DAMAGED, for a file that is damaged, empty though `inUse`, or another program's.
 */
export async function openSqliteStore(opts: OpenSqliteStoreOptions): Promise<SqlStorage> {
  const { path, log } = opts;
  const observe: ObserveOperation = (operation, durationMs) => {
    if (durationMs >= SLOW_OPERATION_MS) log.warn({ operation, durationMs: Math.round(durationMs) }, 'slow database operation');
    opts.observe?.(operation, durationMs);
  };
  checkSqliteFile(path, { inUse: opts.inUse === true });
  const objects = explainingDamage(path, () => openSqlite(path, { synchronous: 'NORMAL', cacheKiB: 8_192 }));
  try {
    translatingSqliteErrors(() => migrateSqlite(objects));
    const events = openSqlite(path, { synchronous: 'NORMAL', cacheKiB: 4_096 });
    const ends = new StreamEnds();
    const followers = new EventFollowers();
    const sync = new WalSync(path, { recover: () => moveWalIntoDatabase(objects) });
    const dialect = new SqliteDialect(objects, { observe, sync, ends, followers });
    const store = new SqlStore(dialect, opts);
    const eventLog = new SqliteEventLog(events, { sync, log, observe, ends, followers });
    return {
      store,
      eventLog,
      sizes: async () => ({
        databaseBytes: await sizeOf(path),
        walBytes: await sizeOf(`${path}-wal`),
        freeBytes: Number(objects.pragma('freelist_count', { simple: true })) * Number(objects.pragma('page_size', { simple: true })),
      }),
      checkIntegrity: async () => sqliteProblems(objects),
      close: async () => {
        await dialect.flush();
        await store.stop();
        await eventLog.close();
        events.close();
        objects.close();
      },
    };
  } catch (error) {
    objects.close();
    throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
