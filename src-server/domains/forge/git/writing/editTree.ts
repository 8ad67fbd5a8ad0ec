import { StatusError } from '#shared/api/status';
import type { GitRepository } from '../gitRepositories';
import { pathBytes } from '../objects/pathText';
import { pathParts } from '../objects/tree';
import { newObject, type NewObject } from './writeObjects';

/** What shall be at a path: a file, link or submodule, or nothing. */
export type TreeChange = { readonly mode: string; readonly sha: string } | undefined;

/** Names are bytes, one character each, so that git's own order is that of the characters. */
interface RawEntry {
  readonly name: string;
  readonly mode: string;
  readonly sha: string;
}

interface Folder {
  readonly changes: Map<string, TreeChange>;
  readonly folders: Map<string, Folder>;
}

const FOLDER_MODE = '40000';
const MAX_TREE_BYTES = 64 * 1024 * 1024;

/**
 * A tree with some paths changed, and the tree objects that are new; nothing is written. Only the folders on the way to a change are read,
 * however large the tree is. A folder that becomes empty goes.
 *
 * @throws Conflict when a folder would have to be where a file is, or the other way round.
 */
export async function editTree(repository: GitRepository, root: string, changes: ReadonlyMap<string, TreeChange>): Promise<{ tree: string; objects: NewObject[] }> {
  const top: Folder = { changes: new Map(), folders: new Map() };
  for (const [path, change] of changes) place(top, pathParts(path), change);
  const objects: NewObject[] = [];
  const tree = await write(repository, { tree: root, folder: top, objects, isRoot: true });
  return { tree: tree ?? root, objects };
}

/** What is at a path of a tree; undefined when nothing is. */
export async function findInTree(repository: GitRepository, tree: string, path: string): Promise<TreeChange> {
  let current: TreeChange = { mode: FOLDER_MODE, sha: tree };
  for (const part of pathParts(path)) {
    if (current.mode !== FOLDER_MODE) return undefined;
    const name = pathBytes(part).toString('latin1');
    const next: RawEntry | undefined = (await readRawTree(repository, current.sha)).find((entry) => entry.name === name);
    if (next === undefined) return undefined;
    current = next;
  }
  return { mode: current.mode, sha: current.sha };
}

function place(folder: Folder, [name = '', ...rest]: readonly string[], change: TreeChange): void {
  const key = pathBytes(name).toString('latin1');
  if (rest.length === 0) {
    folder.changes.set(key, change);
    return;
  }
  const inside = folder.folders.get(key) ?? { changes: new Map(), folders: new Map() };
  folder.folders.set(key, inside);
  place(inside, rest, change);
}

/** The id of the changed folder; undefined when nothing is left in it. */
async function write(repository: GitRepository, step: { tree: string | undefined; folder: Folder; objects: NewObject[]; isRoot: boolean }): Promise<string | undefined> {
  const { tree, folder, objects, isRoot } = step;
  const entries = new Map((tree === undefined ? [] : await readRawTree(repository, tree)).map((entry) => [entry.name, entry]));
  // What goes makes room for what comes: a file may become a folder by one edit.
  for (const [name, change] of folder.changes) if (change === undefined) entries.delete(name);
  for (const [name, inside] of folder.folders) {
    const before = entries.get(name);
    const keepsNothing = before !== undefined && before.mode !== FOLDER_MODE;
    const written = await write(repository, { tree: keepsNothing ? undefined : before?.sha, folder: inside, objects, isRoot: false });
    if (written === undefined) {
      if (!keepsNothing) entries.delete(name);
      continue;
    }
    if (keepsNothing) throw inTheWay(name);
    entries.set(name, { name, mode: FOLDER_MODE, sha: written });
  }
  for (const [name, change] of folder.changes) {
    if (change === undefined) continue;
    if (entries.get(name)?.mode === FOLDER_MODE) throw inTheWay(name);
    entries.set(name, { name, mode: change.mode.replace(/^0+/, ''), sha: change.sha });
  }
  if (entries.size === 0 && !isRoot) return undefined;
  const object = newObject('tree', formatTree([...entries.values()]));
  objects.push(object);
  return object.oid;
}

async function readRawTree(repository: GitRepository, sha: string): Promise<RawEntry[]> {
  const object = await repository.objects.read(sha, MAX_TREE_BYTES);
  if (object?.type !== 'tree') throw new StatusError('NotFound', `The directory ${sha} is missing from the repository`);
  const { content } = object;
  const entries: RawEntry[] = [];
  for (let start = 0; start < content.length; ) {
    const space = content.indexOf(0x20, start);
    const end = content.indexOf(0, space);
    entries.push({ mode: content.toString('latin1', start, space), name: content.toString('latin1', space + 1, end), sha: content.toString('hex', end + 1, end + 21) });
    start = end + 21;
  }
  return entries;
}

/** Git sorts by name, and a folder as if its name ended with a slash. */
function formatTree(entries: readonly RawEntry[]): Buffer {
  const key = ({ name, mode }: RawEntry): string => (mode === FOLDER_MODE ? `${name}/` : name);
  const sorted = [...entries].sort((left, right) => (key(left) < key(right) ? -1 : 1));
  return Buffer.concat(sorted.flatMap(({ name, mode, sha }) => [Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(sha, 'hex')]));
}

function inTheWay(name: string): StatusError {
  return new StatusError('Conflict', `"${Buffer.from(name, 'latin1').toString()}" cannot be both a file and a folder`, { code: 'PATH_CONFLICT' });
}
