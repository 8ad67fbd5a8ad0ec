import Database from 'better-sqlite3';
import { isStatusError, StatusError } from '#shared/api/status';
import { storageRefused } from '../../storeErrors';
import type { ObserveOperation } from '../observeOperation';

export interface OpenSqliteOptions {
  /**
   * When a commit is on the disk, in WAL mode. `FULL`: before it returns, and before others see it; survives power loss. `NORMAL`: at the
   * next checkpoint; survives the death of the process.
   */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** Page cache of the connection. */
  readonly cacheKiB: number;
  /** Longer than a moment, for a thread that may wait; default 200. */
  readonly busyTimeoutMs?: number;
}

/**
 * How long a statement waits, its thread standing still, when another program has the file locked. No second Kradle can (see `dataDirLock.ts`),
 * so this is for a backup tool's moment.
 */
const BUSY_TIMEOUT_MS = 200;
/** How SQLite answers that the mode is INCREMENTAL: https://sqlite.org/pragma.html#pragma_auto_vacuum */
const INCREMENTAL_VACUUM = 2;
/** The WAL file is cut back to this after a checkpoint that emptied it. */
const WAL_LIMIT_BYTES = 16 * 1024 * 1024;

/** Opens or creates a database file with the pragmas that the store's guarantees rest on. */
export function openSqlite(path: string, opts: OpenSqliteOptions): Database.Database {
  return translatingSqliteErrors(() => {
    const db = new Database(path, { timeout: opts.busyTimeoutMs ?? BUSY_TIMEOUT_MS });
    try {
      // Only possible before the first page is written, so before journal_mode: pages of compacted history can then be given back.
      // Said to a file that has it already it would write all the same, and a full disk would keep the server from starting.
      if (db.pragma('auto_vacuum', { simple: true }) !== INCREMENTAL_VACUUM) db.pragma('auto_vacuum = INCREMENTAL');
      db.pragma('journal_mode = WAL');
      db.pragma(`synchronous = ${opts.synchronous}`);
      db.pragma(`cache_size = -${opts.cacheKiB}`);
      db.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
      db.pragma('foreign_keys = ON');
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Runs `work`; what SQLite throws leaves as the `StatusError` that it means. A failed write has changed nothing. */
export function translatingSqliteErrors<TResult>(work: () => TResult): TResult {
  try {
    return work();
  } catch (error) {
    throw translateSqliteError(error);
  }
}

/** As {@link translatingSqliteErrors}, and tells how long it took. */
export function sqliteOperation<TResult>(observe: ObserveOperation, operation: string, work: () => TResult): TResult {
  const startedAt = performance.now();
  try {
    return translatingSqliteErrors(work);
  } finally {
    observe(operation, performance.now() - startedAt);
  }
}

function translateSqliteError(cause: unknown): unknown {
  if (isStatusError(cause)) return cause;
  if (cause instanceof TypeError && cause.message === 'The database connection is not open') {
    return new StatusError('ServiceUnavailable', 'The store is not running', { cause });
  }
  if (!(cause instanceof Database.SqliteError)) return cause;
  if (isWriteRefusal(cause.code)) return storageRefused(cause);
  if (cause.code.startsWith('SQLITE_BUSY')) {
    return new StatusError('ServiceUnavailable', 'Another program has the database locked; try again', { cause, retryAfterSeconds: 1 });
  }
  return cause;
}

/** Result codes by which SQLite says that a write did not reach the disk: https://sqlite.org/rescode.html */
function isWriteRefusal(code: string): boolean {
  if (code === 'SQLITE_FULL' || code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) return true;
  return /^SQLITE_IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE|SHMOPEN|SHMSIZE|SHMMAP|BEGIN_ATOMIC|COMMIT_ATOMIC)$/.test(code);
}
