import { copyFile, link, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { initBareRepository } from '../upkeep/bareRepository';
import type { GitRepository } from '../gitRepositories';
import { refTargets } from '../refs/refs';

/** Tries to find the objects folder at rest; each one is a repack that came between. */
const MAX_ROUNDS = 20;

export interface LinkOptions {
  /** Short name of the branch that HEAD means. */
  readonly defaultBranch: string;
  /** Only this branch comes along, and no tag. */
  readonly onlyBranch?: string;
}

/**
 * Makes a bare repository with the branches and tags of another one of the same disk, whose object files it shares by hard links: a file of
 * objects never changes, so what either one packs anew or removes later is nothing to the other. Where the disk has no hard links, files
 * are copied. Nothing else comes along: no settings, no hooks, no reference that is not a branch or tag.
 *
 * Throws AlreadyExists when the folder is there.
 */
export async function linkRepository(source: GitRepository, path: string, options: LinkOptions): Promise<void> {
  // References first: whatever they need is among the objects from then on, because none that is reached is ever dropped.
  const refs = await refTargets(source, options.onlyBranch === undefined ? ['refs/heads/', 'refs/tags/'] : [`refs/heads/${options.onlyBranch}`]);
  await initBareRepository(source.git, path, { defaultBranch: options.defaultBranch, fill: (temporary) => fill(source.path, temporary, refs) });
}

async function fill(source: string, target: string, refs: ReadonlyMap<string, string>): Promise<void> {
  const taken = new Set<string>();
  for (let round = 0; ; round += 1) {
    let settled = true;
    for (const file of await objectFiles(source)) {
      if (taken.has(file)) continue;
      // Gone since it was listed: what it had is in a file that the next list shows.
      settled = false;
      if (await share(join(source, file), join(target, file))) taken.add(file);
    }
    if (settled) break;
    if (round >= MAX_ROUNDS) throw new Error('the objects of the repository do not come to rest');
  }
  // Where a history that was imported in part ends.
  await copyFile(join(source, 'shallow'), join(target, 'shallow')).catch(unlessMissing);
  // Packed, so that ten thousand branches are one file. Sorted, as git wants it; what is annotated git finds out itself.
  const lines = [...refs].filter(([ref]) => !/[\s]/.test(ref)).sort(([left], [right]) => (left < right ? -1 : 1)).map(([ref, oid]) => `${oid} ${ref}\n`);
  await writeFile(join(target, 'packed-refs'), `# pack-refs with: sorted \n${lines.join('')}`);
}

/** Loose objects and packs; an index before its pack would be a pack that cannot be read. */
async function objectFiles(path: string): Promise<string[]> {
  const files: string[] = [];
  for (const folder of await readdir(join(path, 'objects'))) {
    if (/^[0-9a-f]{2}$/.test(folder)) for (const name of await names(join(path, 'objects', folder))) if (/^[0-9a-f]{38,62}$/.test(name)) files.push(`objects/${folder}/${name}`);
  }
  const packs = await names(join(path, 'objects', 'pack'));
  for (const extension of ['pack', 'rev', 'idx']) for (const name of packs) if (name.startsWith('pack-') && name.endsWith(`.${extension}`)) files.push(`objects/pack/${name}`);
  return files;
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(unlessMissing)) ?? [];
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** False when the file has gone meanwhile. */
async function share(from: string, to: string): Promise<boolean> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    if (code === 'EEXIST') return true;
    // Another disk, a file system without links, or too many of one file.
    await copyFile(from, to);
  }
  return true;
}
