import { stat } from 'node:fs/promises';
import { EventFollowers } from '../../eventFollowers';
import type { ObserveOperation } from '../observeOperation';
import type { SqlStorage } from '../sqlStorage';
import { SqlStore, type SqlStoreOptions } from '../sqlStore';
import { checkSqliteFile, explainingDamage } from './checkSqliteFile';
import { openSqlite, translatingSqliteErrors } from './openSqlite';
import { SqliteDialect } from './sqliteDialect';
import { SqliteEventLog } from './sqliteEventLog';
import { migrateSqlite } from './sqliteMigrations';
import { sqliteProblems } from './sqliteProblems';
import { ThreadedWrites } from './threadedWrites';

export interface OpenSqliteStoreOptions extends SqlStoreOptions {
  /** Path of the database file; its folder exists. `-wal` and `-shm` files appear beside it. */
  readonly path: string;
  /** For metrics: every operation, and how many ms it took. */
  readonly observe?: ObserveOperation;
  /** There has been a database with something in it: an empty one is refused. Default false. */
  readonly inUse?: boolean;
}

/** Pages above the leaves, mostly: what lies under them is in the system's file cache as well, and reading it from there takes no longer that can be measured. */
const READ_CACHE_KIB = 4_096;
/** An operation that takes this long is worth a line in the log: a read holds the event loop, and what is written waits for a write. */
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
  const db = explainingDamage(path, () => openSqlite(path, { synchronous: 'FULL', cacheKiB: READ_CACHE_KIB }));
  try {
    translatingSqliteErrors(() => migrateSqlite(db));
    db.pragma('query_only = ON');
    const writes = new ThreadedWrites({ path, log, observe });
    const followers = new EventFollowers();
    const store = new SqlStore(new SqliteDialect(db, { observe, writes, followers }), opts);
    const eventLog = new SqliteEventLog(db, { observe, writes, followers, log });
    return {
      store,
      eventLog,
      sizes: async () => ({
        databaseBytes: await sizeOf(path),
        walBytes: await sizeOf(`${path}-wal`),
        freeBytes: Number(db.pragma('freelist_count', { simple: true })) * Number(db.pragma('page_size', { simple: true })),
      }),
      checkIntegrity: async () => sqliteProblems(db),
      close: async () => {
        await writes.flush();
        await store.stop();
        await eventLog.close();
        await writes.close();
        db.close();
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
