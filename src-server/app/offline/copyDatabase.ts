import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StatusError } from '#shared/api/status';
import { copyRows, type CopyOptions, type DatabaseDigest } from '../../store/copy/copyRows';
import type { DatabaseAddress } from '../../store/copy/databaseSnapshot';
import { fillDatabase } from '../../store/copy/fillDatabase';
import { readDatabase } from '../../store/copy/readDatabase';
import { lockDataDir } from '../../store/dataDirLock';
import { settleRestore } from '../backup/restoreFolder';
import { parseDatabaseAddress } from '../databaseAddress';

export interface CopyDatabaseOptions extends CopyOptions {
  /** Address of a Postgres, or a data folder. */
  readonly from: string;
  readonly to: string;
}

export interface CopiedDatabase {
  /** Without user and password. */
  readonly from: string;
  readonly head: string;
  readonly floor: string;
  /** Rows and their SHA-256, the same on both sides. */
  readonly tables: DatabaseDigest;
}

/**
 * Copies a whole database, as it is at one moment, into an empty one. The source may be served meanwhile: what is written to it
 * afterwards is not in the copy. The target appears when it is complete and was read back.
 *
 * @throws AlreadyExists when the target holds something, Conflict when a server has it.
 */
export async function copyDatabase(opts: CopyDatabaseOptions): Promise<CopiedDatabase> {
  const [from, to] = [parseDatabaseAddress(opts.from), parseDatabaseAddress(opts.to)];
  if (from.engine === 'sqlite' && to.engine === 'sqlite' && from.path === to.path) throw new StatusError('Invalid', 'The database would be copied onto itself: --from and --to name the same data folder');
  return readDatabase(from, async (snapshot) => {
    const tables = await withLock(to, () => fillDatabase(to, {}, (database) => copyRows(snapshot, database, opts)));
    return { from: snapshot.where, head: snapshot.head.toString(), floor: snapshot.floor.toString(), tables };
  });
}

/** Of a Postgres, its own transaction is the lock. */
async function withLock<TResult>(address: DatabaseAddress, work: () => Promise<TResult>): Promise<TResult> {
  if (address.engine === 'postgres') return work();
  const root = dirname(address.path);
  await mkdir(root, { recursive: true, mode: 0o700 });
  const lock = await lockDataDir(root);
  try {
    await settleRestore(root);
    return await work();
  } finally {
    await lock.release();
  }
}
