import { CatFileReader } from './objects/catFileReader';
import type { Git } from './git';
import { IsomorphicReader } from './objects/isomorphicReader';
import type { ObjectReader } from './objects/objectReader';

/** One bare repository on disk, as the functions of this folder take it. */
export interface GitRepository {
  readonly path: string;
  readonly git: Git;
  readonly objects: ObjectReader;
  /** Puts the installation's signature into a commit that it makes; absent before there is a key. */
  sign?(commit: Buffer): Buffer;
}

export interface GitRepositories {
  readonly git: Git;
  /** A handle for the repository in this folder; opens nothing until something is read. */
  open(path: string): GitRepository;
  /** Ends what is kept for a repository. Call before its folder is moved or removed. */
  forget(path: string): void;
  close(): void;
}

export interface GitRepositoriesOptions {
  /** See `GitRepository.sign`. */
  readonly sign?: (commit: Buffer) => Buffer;
  /** How many repositories may have a warm reader at once. Default 16; one `git cat-file` takes about 6 MB. */
  readonly maxReaders?: number;
  /** Default 30,000. */
  readonly readerIdleTimeoutMs?: number;
  /** Told when a repository's folder is about to go or to move. */
  readonly onForget?: (path: string) => void;
}

/**
 * Opens repositories and keeps a warm object reader for those in use: `git cat-file` where there is a usable git, isomorphic-git
 * where there is none (docs/adr/0004-git.md has the figures).
 */
export function createGitRepositories(git: Git, options: GitRepositoriesOptions = {}): GitRepositories {
  const { maxReaders = 16, readerIdleTimeoutMs = 30_000 } = options;
  // In order of use: the first is the one that was not used for the longest time.
  const readers = new Map<string, Promise<ObjectReader>>();

  function reader(path: string): Promise<ObjectReader> {
    const known = readers.get(path);
    if (known !== undefined) {
      readers.delete(path);
      readers.set(path, known);
      return known;
    }
    const opened = git.usable().then((usable) => (usable ? new CatFileReader(git, path, { idleTimeoutMs: readerIdleTimeoutMs }) : new IsomorphicReader(path)));
    readers.set(path, opened);
    const [oldest] = readers.keys();
    if (readers.size > maxReaders && oldest !== undefined) forget(oldest);
    return opened;
  }

  function forget(path: string): void {
    const known = readers.get(path);
    readers.delete(path);
    void known?.then((opened) => opened.close());
  }

  return {
    git,
    open: (path) => ({ path, git, objects: deferredReader(() => reader(path), () => forget(path)), ...(options.sign === undefined ? {} : { sign: options.sign }) }),
    forget(path) {
      forget(path);
      options.onForget?.(path);
    },
    close: () => [...readers.keys()].forEach(forget),
  };
}

/** Asks the pool at every question, so that a handle may outlive its reader. */
function deferredReader(reader: () => Promise<ObjectReader>, forget: () => void): ObjectReader {
  return {
    info: async (oid) => (await reader()).info(oid),
    read: async (oid, maxBytes) => (await reader()).read(oid, maxBytes),
    resolve: async (ref) => (await reader()).resolve(ref),
    expand: async (prefix) => (await reader()).expand(prefix),
    close: forget,
  };
}
