import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import { writeDurably } from '../../../disk/writeDurably';
import type { KeyedLock } from '../concurrency/keyedLock';

const lock = z.object({
  id: z.string(),
  path: z.string(),
  /** RFC 3339. */
  lockedAt: z.string(),
  /** `user/ada`, and how people call them. */
  owner: z.object({ key: z.string(), name: z.string() }),
});

/** A file that one person works on, which nobody else may change meanwhile. */
export type LfsLock = z.output<typeof lock>;

/** The locks of large files, in a file in each repository's folder: they go where the repository goes. */
export interface LfsLocks {
  list(repository: string): Promise<readonly LfsLock[]>;
  /** Answers the lock, or the one that is there already. */
  create(repository: string, wanted: { path: string; owner: LfsLock['owner']; now: string }): Promise<{ lock: LfsLock; created: boolean }>;
  /** Removes a lock; `mayRemove` throws to refuse. Undefined when there is none with this id. */
  remove(repository: string, id: string, mayRemove: (lock: LfsLock) => Promise<void>): Promise<LfsLock | undefined>;
}

export const LOCKS_FILE = 'lfs-locks.json';
const MAX_LOCKS = 10_000;

export function createLfsLocks(locks: KeyedLock): LfsLocks {
  const exclusively = <T>(repository: string, work: () => Promise<T>) => locks.run(`lfs-locks/${repository}`, work);
  return {
    list: read,
    create: (repository, { path, owner, now }) =>
      exclusively(repository, async () => {
        const all = await read(repository);
        const there = all.find((each) => each.path === path);
        if (there !== undefined) return { lock: there, created: false };
        if (all.length >= MAX_LOCKS) throw new StatusError('Forbidden', `There are ${MAX_LOCKS} locks already; unlock some that nobody needs`, { code: 'QUOTA_EXCEEDED' });
        const created = { id: randomBytes(12).toString('hex'), path, lockedAt: now, owner };
        await write(repository, [...all, created]);
        return { lock: created, created: true };
      }),
    remove: (repository, id, mayRemove) =>
      exclusively(repository, async () => {
        const all = await read(repository);
        const found = all.find((each) => each.id === id);
        if (found === undefined) return undefined;
        await mayRemove(found);
        await write(repository, all.filter((each) => each !== found));
        return found;
      }),
  };
}

async function read(repository: string): Promise<LfsLock[]> {
  const text = await readFile(join(repository, LOCKS_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? [] : z.array(lock).parse(JSON.parse(text));
}

function write(repository: string, all: readonly LfsLock[]): Promise<void> {
  return writeDurably(join(repository, LOCKS_FILE), JSON.stringify(all));
}
