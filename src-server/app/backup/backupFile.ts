import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { StatusError } from '#shared/api/status';
import { syncFolder } from '../../disk/syncFolder';

/** Where a backup goes: the file that was named, or in a folder one that is named after the time. */
export async function backupPath(output: string | undefined, now: Date): Promise<string> {
  const ownName = `kradle-backup-${now.toISOString().replace(/[-:]|\.\d+/g, '')}.tar.gz`;
  const path = resolve(output ?? ownName);
  return (await stat(path).catch(() => undefined))?.isDirectory() === true ? join(path, ownName) : path;
}

/**
 * Lets `write` fill a file under a name of its own beside `path`, and gives it its name when it is whole and on the disk; a file that has
 * the name already is replaced then. Readable by the owner only.
 */
export async function writeBackupFile<TResult>(path: string, write: (destination: Writable) => Promise<TResult>): Promise<TResult> {
  const partial = `${path}.${randomBytes(4).toString('hex')}.partial`;
  const folder = dirname(path);
  const destination = createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true, highWaterMark: 1024 * 1024 });
  try {
    const result = await write(destination);
    await rename(partial, path);
    await syncFolder(folder);
    return result;
  } catch (error) {
    // The file may be opened only now: deleted before, it would come back.
    await closed(destination);
    await rm(partial, { force: true });
    throw translateWriteError(error, folder);
  }
}

function closed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) return resolve();
    // What went wrong is told by whoever wrote.
    stream.on('error', () => undefined).once('close', resolve).destroy();
  });
}

function translateWriteError(cause: unknown, folder: string): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StatusError('InsufficientStorage', `The disk of ${folder} is full; no backup was made`, { cause });
    case 'EIO':
      return new StatusError('InsufficientStorage', `The disk of ${folder} fails; no backup was made`, { cause });
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new StatusError('Forbidden', `Nothing can be written to ${folder}; no backup was made`, { cause });
    case 'ENOENT':
    case 'ENOTDIR':
      return new StatusError('NotFound', `There is no folder ${folder}; no backup was made`, { cause });
    default:
      return cause;
  }
}
