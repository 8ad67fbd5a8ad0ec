import { open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isBareRepository } from '../../domains/forge/git/upkeep/bareRepository';
import { isRepositoryFile } from './archiveFormat';

/** A file of a repository, by its path in it. The reader closes the handle. */
export interface RepositoryFile {
  readonly path: string;
  readonly content: Buffer | FileHandle;
}

/** A bare repository below the folder of all: `ORG/NAME.git`. */
export interface RepositoryFolder {
  readonly name: string;
  readonly path: string;
}

/** The repositories on disk, in the order of their names. */
export async function* repositoryFolders(root: string): AsyncGenerator<RepositoryFolder> {
  for (const org of await namesIn(root)) {
    for (const folder of await namesIn(join(root, org))) {
      const path = join(root, org, folder);
      // What is being made or removed has a longer name.
      if (folder.endsWith('.git') && (await isBareRepository(path))) yield { name: `${org}/${folder}`, path };
    }
  }
}

/**
 * The files that make up a repository as it was when its references were read, while pushes and maintenance go on: first all
 * references, then the objects. What comes in meanwhile may be among the objects; what a reference needs always is, because no object
 * is ever dropped, only moved into another pack. Loose references come before packed ones, into which git moves them: so none is missed,
 * and one that is in both counts as loose. Indexes over several packs, bitmaps and commit graphs are left out: maintenance makes them
 * again, and half a generation of them would be wrong.
 */
export async function* repositoryFiles(path: string): AsyncGenerator<RepositoryFile> {
  const small = [...(await filesBelow(path, 'refs')), 'HEAD', 'packed-refs', ...(await filesBelow(path, 'logs')), ...(await filesBelow(path, 'files')), 'lfs-locks.json'];
  for (const file of small.filter(isRepositoryFile)) {
    const content = await readFile(join(path, file)).catch(unlessMissing);
    if (content !== undefined) yield { path: file, content };
  }
  yield* objectFiles(path);
}

/**
 * Lists and takes until a list has nothing new and nothing of it was gone: a repack writes the new pack before it removes the old ones,
 * so whoever misses an object in one list finds it in the next.
 */
async function* objectFiles(path: string): AsyncGenerator<RepositoryFile> {
  const taken = new Set<string>();
  for (let settled = false; !settled; ) {
    settled = true;
    for (const file of await listObjects(path)) {
      if (taken.has(file)) continue;
      settled = false;
      const content = await open(join(path, file), 'r').catch(unlessMissing);
      if (content === undefined) continue;
      taken.add(file);
      yield { path: file, content };
    }
  }
}

/** Loose objects first: one that moves into a pack meanwhile is found there. A pack counts when it has its index, which git writes last. */
async function listObjects(path: string): Promise<string[]> {
  const files: string[] = [];
  for (const folder of await namesIn(join(path, 'objects'))) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const name of await namesIn(join(path, 'objects', folder))) files.push(`objects/${folder}/${name}`);
  }
  const packs = await namesIn(join(path, 'objects', 'pack'));
  const indexed = new Set(packs.filter((name) => name.endsWith('.idx')).map((name) => name.slice(0, -'.idx'.length)));
  for (const name of packs) if (indexed.has(name.replace(/\.[a-z]+$/, ''))) files.push(`objects/pack/${name}`);
  return files.filter(isRepositoryFile);
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(unlessMissing);
  const files: string[] = [];
  for (const entry of (entries ?? []).sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await filesBelow(root, path)));
    else if (entry.isFile()) files.push(path);
  }
  return files;
}

async function namesIn(folder: string): Promise<string[]> {
  return ((await readdir(folder).catch(unlessMissing)) ?? []).sort();
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
  throw error;
}
