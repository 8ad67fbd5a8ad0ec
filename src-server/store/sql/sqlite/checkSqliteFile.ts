import { closeSync, openSync, readSync } from 'node:fs';
import Database from 'better-sqlite3';
import { StatusError } from '#shared/api/status';
import { SCHEMA_VERSION } from '../migrations';

/** https://sqlite.org/fileformat2.html#the_database_header */
const MAGIC = 'SQLite format 3\0';
/** https://sqlite.org/fileformat2.html#the_write_ahead_log; the lowest bit of the magic number says in which order words are summed. */
const WAL_HEADER_BYTES = 32;
const WAL_MAGIC = 0x377f0682;

/**
 * Refuses a file that is not what it should be, before it is opened for writing, which changes it: one that is no database or another
 * program's; an empty one where there was something (`inUse`), which is a loss and no beginning; and a write-ahead log whose beginning is
 * damaged, which SQLite takes for an empty one and overwrites, and with it what was acknowledged since the last checkpoint. A log that
 * is damaged further on is good up to there.
 *
 * @throws InternalError that names the file and says what to do.
 */
export function checkSqliteFile(path: string, opts: { inUse: boolean }): void {
  const header = readStart(path, MAGIC.length);
  if (header.length > 0 && header.toString('latin1') !== MAGIC) throw damaged(path, 'is no SQLite database');
  checkWalHeader(`${path}-wal`, path);
  const isEmpty = header.length === 0 || explainingDamage(path, () => holdsNothing(path));
  if (isEmpty && opts.inUse) throw damaged(path, 'is empty, though this data folder has been in use', { otherwise: '; or delete that file, to begin with nothing' });
}

function checkWalHeader(walPath: string, path: string): void {
  const header = readStart(walPath, WAL_HEADER_BYTES);
  // Zeros: the file was made longer, and power went before its beginning was on the disk. So nothing in it was acknowledged.
  if (header.length < WAL_HEADER_BYTES || header.every((byte) => byte === 0) || isWalHeader(header)) return;
  throw new StatusError(
    'InternalError',
    `${walPath} is damaged at its beginning, so the latest changes in it cannot be read. Restore a backup with "kradle restore"; or move that file away, to go on with what ${path} had before them`,
    { code: 'DATABASE_DAMAGED' },
  );
}

/** Whether nothing was ever stored in it. Refuses what another program stored. */
function holdsNothing(path: string): boolean {
  const db = new Database(path, { readonly: true });
  try {
    const tables = db.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`).pluck().all();
    const version = Number(db.pragma('user_version', { simple: true }));
    if (version === 0 && tables.length === 0) return true;
    if (!['meta', 'object', 'log'].every((table) => tables.includes(table))) {
      throw new StatusError('InternalError', `${path} is the database of another program. Choose another data folder, or restore a backup with "kradle restore"`, { code: 'DATABASE_DAMAGED' });
    }
    // One of a newer Kradle may look otherwise; it is refused as such, by its version.
    return version <= SCHEMA_VERSION && db.prepare('SELECT revision FROM meta').pluck().get() === 0;
  } finally {
    db.close();
  }
}

/** What SQLite says of a file that it cannot make sense of, in words that help. */
export function explainingDamage<TResult>(path: string, work: () => TResult): TResult {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Database.SqliteError && /^SQLITE_(NOTADB|CORRUPT)/.test(cause.code)) throw damaged(path, `is damaged (${cause.message})`, { cause });
    throw cause;
  }
}

function damaged(path: string, what: string, { otherwise = '', cause }: { otherwise?: string; cause?: unknown } = {}): StatusError {
  return new StatusError('InternalError', `${path} ${what}. Restore a backup with "kradle restore"${otherwise}`, { code: 'DATABASE_DAMAGED', cause });
}

/** The first bytes of a file; fewer when it is shorter, none when there is none. */
function readStart(path: string, sizeBytes: number): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const bytes = Buffer.alloc(sizeBytes);
    return bytes.subarray(0, readSync(file, bytes, 0, sizeBytes, 0));
  } finally {
    closeSync(file);
  }
}

function isWalHeader(header: Buffer): boolean {
  const magic = header.readUInt32BE(0);
  if ((magic & ~1) >>> 0 !== WAL_MAGIC) return false;
  const word = (offset: number): number => ((magic & 1) === 1 ? header.readUInt32BE(offset) : header.readUInt32LE(offset));
  let [first, second] = [0, 0];
  for (let offset = 0; offset < 24; offset += 8) {
    first = (first + word(offset) + second) >>> 0;
    second = (second + word(offset + 4) + first) >>> 0;
  }
  return first === header.readUInt32BE(24) && second === header.readUInt32BE(28);
}
