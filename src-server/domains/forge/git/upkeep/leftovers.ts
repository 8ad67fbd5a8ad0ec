import { lstat, readdir, readFile, rm } from 'node:fs/promises';
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

const OTHER_LOCKS = ['HEAD.lock', 'config.lock', 'packed-refs.lock', 'packed-refs.new', 'shallow.lock', 'objects/pack/multi-pack-index.lock'];

/**
 * By the names that git gives: gitrepository-layout(5) and tmp-objdir.c, `incoming-*` before git 2.36. Git clears its own quarantine when it ends,
 * but not when a signal ends it: since 2.38.2 that of a broken pipe, too, which it gets when it reports to a server that is gone.
 */
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
  return [...found, ...(await halfPacks(path))];
}

/**
 * Packs that are nobody's: git puts the index of a pack there last and takes it away first, and without one sees no pack. And what keeps a pack from
 * being packed anew until its references are written, which nobody takes away whose push was killed before they were (git-index-pack(1), `--keep`).
 */
async function halfPacks(path: string): Promise<string[]> {
  const found: string[] = [];
  const names = new Set((await entriesOf(join(path, 'objects/pack'))).map(({ name }) => name));
  for (const name of names) {
    const pack = /^(pack-[0-9a-f]{40})\.(?:pack|rev|bitmap|mtimes|promisor|keep)$/.exec(name)?.[1];
    if (pack === undefined) continue;
    const file = `objects/pack/${name}`;
    if (!names.has(`${pack}.idx`) || (name.endsWith('.keep') && KEPT_BY_GIT.test(await readFile(join(path, file), 'utf8').catch(() => '')))) found.push(file);
  }
  return found;
}

/** People keep packs, too, and say why in other words, or in none. */
const KEPT_BY_GIT = /^(?:receive|fetch)-pack \d+ on /;

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
