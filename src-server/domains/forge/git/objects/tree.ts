import { StatusError } from '#shared/api/status';
import { parseRawCommit } from './commitObject';
import { GitError } from '../process/gitError';
import type { GitRepository } from '../gitRepositories';
import { LruCache } from '../lruCache';
import { type ObjectReader, ObjectTooLarge } from './objectReader';
import { pathText } from './pathText';

export type TreeEntryType = 'file' | 'executable' | 'symlink' | 'directory' | 'submodule';

export interface TreeEntry {
  readonly name: string;
  readonly type: TreeEntryType;
  /** Six octal digits, as git writes them. */
  readonly mode: string;
  readonly sha: string;
}

export interface SizedTreeEntry extends TreeEntry {
  /** Undefined for directories and submodules. */
  readonly sizeBytes?: number;
}

export interface TreePage {
  /** Object id of the directory. */
  readonly sha: string;
  readonly entries: readonly SizedTreeEntry[];
  /** Entries of the whole directory. */
  readonly total: number;
  /** Give it as `offset` for the next page; undefined on the last. */
  readonly nextOffset?: number;
}

export interface ListTreeOptions {
  /** Directory inside the tree; empty for the root. */
  readonly path?: string;
  readonly offset?: number;
  /** Entries per page. Default 1,000, at most 10,000. */
  readonly limit?: number;
}

/** A directory of a million files is about 40 MB; beyond that a tree is an attack. */
const MAX_TREE_BYTES = 64 * 1024 * 1024;
const CACHED_ENTRIES = 200_000;
const MAX_PATH_BYTES = 1024 * 1024;
/** Trees never change, so one cache serves every repository. */
const parsedTrees = new LruCache<readonly TreeEntry[]>(CACHED_ENTRIES);

/**
 * One page of a directory at a commit: directories first, then by name. Throws NotFound when the path is not there, and Invalid
 * when it is a file.
 */
export async function listTree(repository: GitRepository, commit: string, options: ListTreeOptions = {}): Promise<TreePage> {
  const { path = '', offset = 0 } = options;
  const limit = Math.min(options.limit ?? 1000, 10_000);
  const sha = await directoryAt(repository, commit, path);
  const all = await readTree(repository.objects, sha);
  const page = all.slice(offset, offset + limit);
  const entries = await Promise.all(page.map((entry) => withSize(repository.objects, entry)));
  return { sha, entries, total: all.length, ...(offset + limit < all.length ? { nextOffset: offset + limit } : {}) };
}

/** The entry at a path of a commit; the root is a directory without a name. Undefined when nothing is there. */
export async function findEntry(repository: GitRepository, commit: string, path: string): Promise<TreeEntry | undefined> {
  const root: TreeEntry = { name: '', type: 'directory', mode: '040000', sha: await rootTree(repository.objects, commit) };
  let current = root;
  for (const part of pathParts(path)) {
    if (current.type !== 'directory') return undefined;
    const entries = await readTree(repository.objects, current.sha);
    const next = entries.find((entry) => entry.name === part);
    if (next === undefined) return undefined;
    current = next;
  }
  return current;
}

/** The names in a directory of a commit; empty when there is no such directory. */
export async function entryNames(repository: GitRepository, commit: string, path: string): Promise<Set<string>> {
  const entry = await findEntry(repository, commit, path);
  return entry?.type === 'directory' ? new Set((await readTree(repository.objects, entry.sha)).map(({ name }) => name)) : new Set();
}

/** Like {@link findEntry}. Throws NotFound, naming the path. */
export async function requireEntry(repository: GitRepository, commit: string, path: string): Promise<TreeEntry> {
  const entry = await findEntry(repository, commit, path);
  if (entry === undefined) throw new StatusError('NotFound', `There is no "${path}" at this commit`, { code: 'PATH_NOT_FOUND' });
  return entry;
}

/**
 * Every file of a commit, for "go to file"; `truncated` when there are more than `limit` (default 100,000). It is read as a stream and ended
 * at the limit: a few trees that hold each other many times over name more files than any disk has.
 */
export async function listAllPaths(repository: GitRepository, commit: string, options: { limit?: number; signal?: AbortSignal } = {}): Promise<{ paths: string[]; truncated: boolean }> {
  const { limit = 100_000, signal } = options;
  const child = repository.git.start(['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit], { gitDir: repository.path, signal });
  child.stdin.end();
  const paths: string[] = [];
  try {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = bytes.lastIndexOf(0);
      rest = bytes.subarray(end + 1);
      if (rest.length > MAX_PATH_BYTES) throw new StatusError('RequestEntityTooLarge', 'A path of this repository is too long to show');
      // No sequence of UTF-8 goes over a NUL, so all of them can be read at once.
      if (end > 0) for (const path of pathText(bytes.subarray(0, end)).split('\0')) paths.push(path);
      if (paths.length > limit) return { paths: paths.slice(0, limit), truncated: true };
    }
    const code = await child.ended;
    if (code !== 0) throw new GitError('git ls-tree', { failure: 'failed', exitCode: code, stderr: child.stderrTail() });
    return { paths, truncated: false };
  } finally {
    child.kill();
  }
}

/** Splits the content of a tree object (`<mode> <name>\0<20 bytes>`…) and sorts it as people expect: directories first, then by name. */
export function parseTree(content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let start = 0; start < content.length; ) {
    const space = content.indexOf(0x20, start);
    const end = content.indexOf(0, space);
    if (space < 0 || end < 0 || end + 21 > content.length) throw new Error('a tree object is cut off');
    const mode = content.toString('latin1', start, space).padStart(6, '0');
    entries.push({ name: pathText(content.subarray(space + 1, end)), type: typeOfMode(mode), mode, sha: content.toString('hex', end + 1, end + 21) });
    start = end + 21;
  }
  return [...entries.filter(isFolder), ...entries.filter((entry) => !isFolder(entry))];
}

/** The parts of a path inside a tree. Throws Invalid for `.`, `..` and empty parts in the middle. */
export function pathParts(path: string): string[] {
  const parts = path.replace(/^\/+|\/+$/g, '').split('/');
  if (parts.length === 1 && parts[0] === '') return [];
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) {
    throw new StatusError('Invalid', `"${path}" is not a path inside a repository`, { causes: [{ code: 'FieldValueInvalid', field: 'path', message: 'write it from the root of the repository, without "." and ".."' }] });
  }
  return parts;
}

async function directoryAt(repository: GitRepository, commit: string, path: string): Promise<string> {
  const entry = await requireEntry(repository, commit, path);
  if (entry.type !== 'directory') throw new StatusError('Invalid', `"${path}" is a ${entry.type}, not a directory`, { code: 'NOT_A_DIRECTORY' });
  return entry.sha;
}

async function rootTree(objects: ObjectReader, commit: string): Promise<string> {
  const object = await objects.read(commit, MAX_TREE_BYTES);
  if (object?.type !== 'commit') throw new StatusError('NotFound', `There is no commit ${commit}`, { code: 'REVISION_NOT_FOUND' });
  return parseRawCommit(object.content).tree;
}

async function readTree(objects: ObjectReader, sha: string): Promise<readonly TreeEntry[]> {
  const known = parsedTrees.get(sha);
  if (known !== undefined) return known;
  try {
    const object = await objects.read(sha, MAX_TREE_BYTES);
    if (object?.type !== 'tree') throw new StatusError('NotFound', `The directory ${sha} is missing from the repository`);
    const entries = parseTree(object.content);
    parsedTrees.set(sha, entries, entries.length + 1);
    return entries;
  } catch (error) {
    if (error instanceof ObjectTooLarge) throw new StatusError('RequestEntityTooLarge', 'This directory has too many entries to show', { cause: error });
    throw error;
  }
}

async function withSize(objects: ObjectReader, entry: TreeEntry): Promise<SizedTreeEntry> {
  if (entry.type === 'directory' || entry.type === 'submodule') return entry;
  const info = await objects.info(entry.sha);
  return info === undefined ? entry : { ...entry, sizeBytes: info.sizeBytes };
}

function isFolder(entry: TreeEntry): boolean {
  return entry.type === 'directory' || entry.type === 'submodule';
}

function typeOfMode(mode: string): TreeEntryType {
  switch (mode) {
    case '040000':
      return 'directory';
    case '120000':
      return 'symlink';
    case '160000':
      return 'submodule';
    case '100755':
      return 'executable';
    default:
      return 'file';
  }
}
