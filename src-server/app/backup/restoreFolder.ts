import { readdir, readFile, rename, rm, rmdir, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { syncFolder } from '../../disk/syncFolder';

/** Being filled; worth nothing when the process ends before it has its other name. */
const STAGING = 'restoring';
/** Complete and on the disk; what is left to do is written in its plan. */
const READY = 'restored';
const PLAN = 'plan.json';

/** What a backup does not have and a restore does not touch: the settings, the lock, what earlier restores moved away. */
const KEPT = /^(config\.yaml|lost\+found|kradle\.lock|kradle\.pid|restoring|restored|before-restore-.*)$/;

const name = z.string().regex(/^[^/\\]+$/).refine((text) => text !== '.' && text !== '..');
const planSchema = z.strictObject({
  /** Folder that the old entries are moved into. */
  aside: name,
  old: z.array(name),
  /** Entries of the folder that come in their place. */
  pieces: z.array(name),
});

/** How the entries of a data folder are replaced. */
export type RestorePlan = z.output<typeof planSchema>;

/** Everything in a data folder that a restore would have to replace, but for `untouched`. */
export async function entriesInTheWay(root: string, untouched: readonly string[]): Promise<string[]> {
  return (await readdir(root)).filter((entry) => !KEPT.test(entry) && !untouched.includes(entry)).sort();
}

/** An empty folder in the data folder, on the same file system, that a restore is made ready in. */
export async function makeStaging(root: string): Promise<string> {
  const staging = join(root, STAGING);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { mode: 0o700 });
  return staging;
}

/**
 * Puts what is staged in place of what is there. One rename decides: before it the data folder is as it was; after it the new one
 * comes, by this process or, if it is killed, by the next one that has the folder's lock ({@link settleRestore}).
 */
export async function commitRestore(root: string, plan: RestorePlan): Promise<void> {
  const staging = join(root, STAGING);
  await writeFile(join(staging, PLAN), JSON.stringify(plan), { flush: true });
  await syncFolder(staging);
  await rename(staging, join(root, READY));
  await syncFolder(root);
  await settleRestore(root);
}

/**
 * Finishes a restore that was decided, and throws away one that was not. Answers whether there was something to finish. The caller holds
 * the lock of the data folder.
 */
export async function settleRestore(root: string): Promise<boolean> {
  await rm(join(root, STAGING), { recursive: true, force: true });
  const ready = join(root, READY);
  const text = await readFile(join(ready, PLAN), 'utf8').catch(unlessMissing);
  if (text === undefined) {
    // All but the folder itself was done.
    await rmdir(ready).catch(unlessMissing);
    return false;
  }
  const plan = planSchema.parse(JSON.parse(text));
  if (plan.old.length > 0) await moveAside(root, plan);
  for (const piece of plan.pieces) {
    // Where an empty folder has been made meanwhile, the new one takes its place.
    if ((await readdir(ready)).includes(piece)) await rmdir(join(root, piece)).catch(unlessMissing);
    await rename(join(ready, piece), join(root, piece)).catch(unlessMissing);
  }
  await syncFolder(root);
  await rm(join(ready, PLAN));
  await rmdir(ready);
  return true;
}

/** What has its place in there already is not moved again: the entry of its name is the new one. */
async function moveAside(root: string, { aside, old }: RestorePlan): Promise<void> {
  const folder = join(root, aside);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const moved = await readdir(folder);
  for (const entry of old) if (!moved.includes(entry)) await rename(join(root, entry), join(folder, entry)).catch(unlessMissing);
  await syncFolder(folder);
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
  throw error;
}
