import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface LeftoverAges {
  /** Milliseconds since a lock was made. Git holds one for moments. */
  readonly lockMs: number;
  /** Milliseconds since anything in it was written: half packs and objects, and quarantines of pushes. Absent: these are left. */
  readonly temporaryMs?: number;
}

/**
 * Removes what killed processes left in a repository: locks, which would refuse every later push to their branch, and half-written packs,
 * objects and quarantines of pushes. Answers the paths, relative to the repository. Nothing whole has one of these names.
 */
export async function removeLeftovers(path: string, ages: LeftoverAges, now = Date.now()): Promise<string[]> {
  const locks = [...OTHER_LOCKS, ...(await filesIn(path, 'refs')).filter((name) => name.endsWith('.lock')), ...(await filesIn(path, 'objects/info')).filter((name) => name.endsWith('.lock'))];
  const removed: string[] = [];
  const { lockMs, temporaryMs = Number.POSITIVE_INFINITY } = ages;
  for (const [names, ageMs] of [[locks, lockMs], [ages.temporaryMs === undefined ? [] : await temporaries(path), temporaryMs]] as const) {
    for (const name of names) {
      const writtenAt = await lastWrite(join(path, name));
      if (writtenAt === undefined || now - writtenAt < ageMs) continue;
      await rm(join(path, name), { recursive: true, force: true });
      removed.push(name);
    }
  }
  return removed;
}

/**
 * Quarantines of pushes, relative to the repository, at work or left. Git clears its own when it ends, but not when a signal ends it: since
 * 2.38.2 that of a broken pipe, too, which it gets when it reports to a server that is gone (tmp-objdir.c).
 */
export async function quarantinesIn(path: string): Promise<string[]> {
  return (await entriesOf(join(path, 'objects'))).map(({ name }) => `objects/${name}`).filter((name) => QUARANTINE.test(name));
}

/** By the names that git gives: tmp-objdir.c, `incoming-*` before git 2.36. */
const QUARANTINE = /^objects\/(?:tmp_objdir-incoming|incoming)-/;

const OTHER_LOCKS = ['HEAD.lock', 'config.lock', 'packed-refs.lock', 'packed-refs.new', 'shallow.lock', 'objects/pack/multi-pack-index.lock'];

/** By the names that git gives: gitrepository-layout(5) and tmp-objdir.c, `incoming-*` before git 2.36. */
async function temporaries(path: string): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await entriesOf(join(path, 'objects'))) {
    if (/^(?:tmp_objdir|incoming)-/.test(name)) found.push(`objects/${name}`);
    else if (/^(?:[0-9a-f]{2}|pack|info)$/.test(name)) {
      for (const inner of await entriesOf(join(path, 'objects', name))) {
        if (/^(?:tmp_|\.tmp-)/.test(inner.name)) found.push(`objects/${name}/${inner.name}`);
      }
    }
  }
  for (const { name } of await entriesOf(join(path, 'objects/info/commit-graphs'))) {
    if (name.startsWith('tmp_')) found.push(`objects/info/commit-graphs/${name}`);
  }
  return found;
}

/** Names of the files in a folder and those inside, relative to `path`. */
async function filesIn(path: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await entriesOf(join(path, folder))) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesIn(path, name)));
    else found.push(name);
  }
  return found;
}

/** When a file, or anything in a folder, was written last; undefined where there is none. */
async function lastWrite(path: string): Promise<number | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isDirectory()) return found.mtimeMs;
  const inner = await Promise.all((await entriesOf(path)).map(({ name }) => lastWrite(join(path, name))));
  return Math.max(found.mtimeMs, ...inner.map((time) => time ?? 0));
}

async function entriesOf(folder: string) {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}
