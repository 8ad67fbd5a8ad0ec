import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { MaintenanceTask } from './maintenance';

/** What a repository looks like on the disk, as far as it says whether it wants care. */
export interface RepositoryShape {
  /** About so many objects are files of their own. */
  readonly looseObjects: number;
  readonly packs: number;
  readonly packedBytes: number;
  readonly looseRefs: number;
  readonly hasBitmap: boolean;
  readonly hasCommitGraph: boolean;
  /** Bytes of the packs that came after the commit graph was written. */
  readonly bytesSinceGraph: number;
}

const MAX_LOOSE_OBJECTS = 1000;
const MAX_PACKS = 12;
const MAX_LOOSE_REFS = 100;
/** Below this, walking the history takes no time worth saving. */
const SMALL_BYTES = 512 * 1024;
const MEBIBYTE = 1024 * 1024;
/** Folders of loose objects that are counted; the names are hashes, so all hold about the same. */
const SAMPLED_FOLDERS = 16;

/** What is due. `movesSinceGraph`: how often references have moved since the commit graph was written. */
export function dueTasks(shape: RepositoryShape, movesSinceGraph = 0): MaintenanceTask[] {
  const isLarge = shape.packedBytes >= SMALL_BYTES;
  const tasks: MaintenanceTask[] = [];
  if (shape.looseRefs > MAX_LOOSE_REFS) tasks.push('refs');
  if (shape.looseObjects > MAX_LOOSE_OBJECTS || shape.packs > MAX_PACKS || (isLarge && !shape.hasBitmap)) tasks.push('objects');
  if ((isLarge && !shape.hasCommitGraph) || shape.bytesSinceGraph > MEBIBYTE || movesSinceGraph >= 50) tasks.push('graph');
  return tasks;
}

/** Looks at a repository's folders; starts no process. What changes meanwhile counts or does not. */
export async function readRepositoryShape(path: string): Promise<RepositoryShape> {
  const objects = join(path, 'objects');
  const [names, looseObjects, looseRefs, graphAt] = await Promise.all([list(join(objects, 'pack')), countLooseObjects(objects), countFiles(join(path, 'refs'), 10 * MAX_LOOSE_REFS), readGraphTime(objects)]);
  const packs = await Promise.all(names.filter((name) => name.endsWith('.pack')).map((name) => stat(join(objects, 'pack', name)).catch(() => undefined)));
  return {
    looseObjects,
    packs: packs.length,
    packedBytes: sum(packs.map((pack) => pack?.size ?? 0)),
    looseRefs,
    hasBitmap: names.some((name) => name.endsWith('.bitmap')),
    hasCommitGraph: graphAt !== undefined,
    bytesSinceGraph: graphAt === undefined ? 0 : sum(packs.map((pack) => (pack !== undefined && pack.mtimeMs > graphAt ? pack.size : 0))),
  };
}

async function countLooseObjects(objects: string): Promise<number> {
  const counts = await Promise.all(Array.from({ length: SAMPLED_FOLDERS }, async (_, index) => (await list(join(objects, (index * 16 + 7).toString(16).padStart(2, '0')))).length));
  return sum(counts) * (256 / SAMPLED_FOLDERS);
}

async function readGraphTime(objects: string): Promise<number | undefined> {
  const chain = await stat(join(objects, 'info/commit-graphs/commit-graph-chain')).catch(() => undefined);
  // A chain without a layer is what a killed writer may leave.
  if (chain !== undefined && (await readFile(join(objects, 'info/commit-graphs/commit-graph-chain'), 'utf8')).trim() !== '') return chain.mtimeMs;
  return (await stat(join(objects, 'info/commit-graph')).catch(() => undefined))?.mtimeMs;
}

/** Files in a folder and those inside, as far as `most`. */
async function countFiles(folder: string, most: number): Promise<number> {
  let count = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (count >= most) return count;
    if (entry.isDirectory()) count += await countFiles(join(folder, entry.name), most - count);
    else count += 1;
  }
  return count;
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
