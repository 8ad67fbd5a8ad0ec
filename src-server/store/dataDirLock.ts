import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { StatusError } from '#shared/api/status';

export interface DataDirLock {
  release(): Promise<void>;
}

/** Held by the operating system for as long as the process lives; its content means nothing. */
const LOCK_FILE = 'kradle.lock';
/** Who holds it, for people. A separate file: opening and closing the lock file itself would drop a POSIX lock on it. */
const PID_FILE = 'kradle.pid';
/** A holder that has just begun writes its pid within this. */
const PID_RETRIES = 10;
const PID_RETRY_MS = 20;

/**
 * Makes this process the one owner of a data folder. `Conflict`, naming the holder's pid, when another has it.
 *
 * The lock is an EXCLUSIVE transaction on an empty SQLite file: SQLite then holds an operating-system lock (fcntl on POSIX,
 * LockFileEx on Windows), which ends with the process however it ends, is not inherited by children, and cannot go stale. Node offers
 * no such lock itself, and a pid file alone is a guess: pids are used again. Network file systems that do not lock do not guard.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const pidFile = join(dataDir, PID_FILE);
  const db = new Database(join(dataDir, LOCK_FILE), { timeout: 0 });
  try {
    // Nothing is ever written, so nothing needs a journal: its file would keep a server from starting on a full disk.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) throw await heldBy(pidFile);
    throw error;
  }
  // The pid is a courtesy: a full disk must not keep a server from serving reads, but a wrong pid must not stay.
  await writeFile(pidFile, `${process.pid}\n`).catch(() => rm(pidFile, { force: true }));
  return {
    release: async () => {
      await rm(pidFile, { force: true });
      db.close();
    },
  };
}

async function heldBy(pidFile: string): Promise<StatusError> {
  let pid = '';
  for (let attempt = 0; pid === '' && attempt < PID_RETRIES; attempt += 1) {
    if (attempt > 0) await delay(PID_RETRY_MS);
    pid = (await readFile(pidFile, 'utf8').catch(() => '')).trim();
  }
  const holder = pid === '' ? 'Another process' : `Process ${pid}`;
  return new StatusError('Conflict', `${holder} uses this data folder already. Stop it, or choose another folder with --data-dir`, {
    code: 'DATA_DIR_IN_USE',
  });
}
