import { mkdir, opendir, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { BlobRemoval, BlobStore } from '../../../store/blobStore';
import { bareRepositoriesUnder } from './bareRepositoriesUnder';

/** What a file is to its repository; one content may be several things. */
export type FileUse = 'lfs' | 'releases';

export interface StoredFile {
  /** `sha256:<hex>`. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/** One file of a repository: the folder of the bare repository, and what the file is there. */
export interface FilePlace {
  readonly repository: string;
  readonly use: FileUse;
}

/**
 * Bytes that belong to repositories and are no git objects: large files, files of releases. The content is kept once, by its digest,
 * however many repositories have it; that a repository has it is noted in the repository's own folder, so that it goes where the
 * repository goes. Who knows a digest has nothing yet: every question is about one repository.
 */
export interface RepositoryFiles {
  /**
   * Stores a stream for a repository. Nothing is there before all of it is.
   *
   * @throws Invalid (DIGEST_MISMATCH, SIZE_MISMATCH), RequestEntityTooLarge, and InsufficientStorage where the disk is full.
   */
  put(place: FilePlace, content: Readable, opts?: { digest?: string; sizeBytes?: number; maxBytes?: number }): Promise<StoredFile>;
  /** Undefined when the repository has no such file. */
  stat(place: FilePlace, digest: string): Promise<StoredFile | undefined>;
  /** The content of a file of the repository, whole or from `start` to `end` (inclusive); undefined when it has none. */
  open(place: FilePlace, digest: string, range?: { start: number; end?: number }): Promise<{ stream: Readable; sizeBytes: number } | undefined>;
  /** Gives a repository a file that another has. Whoever calls has checked that its readers may have it. Answers whether there was one. */
  share(from: FilePlace, to: FilePlace, digest: string): Promise<boolean>;
  /** The repository has the file no more. Its content goes in time, when nobody else has it. */
  drop(place: FilePlace, digest: string): Promise<void>;
  /** Everything that a repository has, with when it came (ms). */
  list(place: FilePlace): AsyncIterable<{ digest: string; addedAtMs: number }>;
  /** Removes content that no repository has, and no object names. Answers how much went. */
  collect(opts: { signal: AbortSignal }): Promise<{ removed: number }>;
  /** Whether a content came here through a repository: then only {@link collect} removes it. */
  keeps(digest: string): Promise<boolean>;
}

export interface RepositoryFilesOptions {
  readonly blobs: BlobStore & BlobRemoval;
  /** Folder of the notes which contents came through repositories. */
  readonly ledger: string;
  /** Folder under which all bare repositories are, whatever state they are in. */
  readonly repositoriesRoot: string;
  /** Digests, as hexadecimal digits, that objects name; asked only when something may go. */
  readonly namedByObjects: () => Promise<ReadonlySet<string>>;
}

/** Where a repository's folder notes its files: `files/USE/ab/abcdef…`, empty. */
export const FILES_FOLDER = 'files';
/** A content that is younger may be about to be noted, in ms. */
const YOUNG_MS = 24 * 3_600_000;

export function createRepositoryFiles({ blobs, ledger, repositoriesRoot, namedByObjects }: RepositoryFilesOptions): RepositoryFiles {
  const noteOf = ({ repository, use }: FilePlace, digest: string) => entryIn(join(repository, FILES_FOLDER, use), digest);
  const has = async (place: FilePlace, digest: string) => (await statOrNothing(noteOf(place, digest))) !== undefined;

  /** The ledger first: a content that it does not know is never removed. */
  async function note(place: FilePlace, digest: string): Promise<void> {
    await touch(entryIn(ledger, digest));
    await touch(noteOf(place, digest));
  }

  return {
    async put(place, content, opts = {}) {
      const stored = await blobs.put(content, opts);
      await note(place, stored.digest);
      return stored;
    },
    async stat(place, digest) {
      const found = (await has(place, digest)) ? await blobs.stat(digest) : undefined;
      return found === undefined ? undefined : { digest, ...found };
    },
    open: async (place, digest, range) => ((await has(place, digest)) ? blobs.open(digest, range) : undefined),
    async share(from, to, digest) {
      if (!(await has(from, digest))) return false;
      await note(to, digest);
      return true;
    },
    drop: (place, digest) => rm(noteOf(place, digest), { force: true }),
    list: (place) => entriesOf(join(place.repository, FILES_FOLDER, place.use)),
    keeps: async (digest) => (await statOrNothing(entryIn(ledger, digest))) !== undefined,
    async collect({ signal }) {
      const used = new Set<string>();
      for await (const repository of bareRepositoriesUnder(repositoriesRoot)) {
        signal.throwIfAborted();
        for (const use of await foldersIn(join(repository, FILES_FOLDER))) {
          for await (const { digest } of entriesOf(join(repository, FILES_FOLDER, use))) {
            used.add(digest);
            // Repositories that came back from a backup brought their notes, and the ledger begins anew.
            if (!(await isThere(entryIn(ledger, digest)))) await touch(entryIn(ledger, digest));
          }
        }
      }
      let named: ReadonlySet<string> | undefined;
      let removed = 0;
      for await (const { digest, addedAtMs } of entriesOf(ledger)) {
        signal.throwIfAborted();
        if (used.has(digest) || Date.now() - addedAtMs < YOUNG_MS) continue;
        named ??= await namedByObjects();
        // An object keeps it from here on; who removes the object removes the content.
        if (!named.has(digest.slice('sha256:'.length)) && !(await blobs.remove(digest, { olderThanMs: YOUNG_MS }))) continue;
        await rm(entryIn(ledger, digest), { force: true });
        removed += 1;
      }
      return { removed };
    },
  };
}

async function* entriesOf(folder: string): AsyncGenerator<{ digest: string; addedAtMs: number }> {
  for (const prefix of await foldersIn(folder)) {
    const inner = join(folder, prefix);
    let count = 0;
    for await (const entry of await opendir(inner)) {
      if (!/^[0-9a-f]{64}$/.test(entry.name)) continue;
      const found = await statOrNothing(join(inner, entry.name));
      if (found === undefined) continue;
      count += 1;
      yield { digest: `sha256:${entry.name}`, addedAtMs: found.mtimeMs };
    }
    // Thousands of deleted files leave their folders. One that is just being filled is not empty.
    if (count === 0) await rmdir(inner).catch(() => undefined);
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  const opened = await opendir(folder).catch(unlessMissing);
  if (opened === undefined) return names;
  for await (const entry of opened) if (entry.isDirectory()) names.push(entry.name);
  return names.sort();
}

function entryIn(folder: string, digest: string): string {
  const hex = digest.slice('sha256:'.length);
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new RangeError('this is no digest of a file');
  return join(folder, hex.slice(0, 2), hex);
}

/** Makes an empty file, or says of one that is there that it is new. */
async function touch(path: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    try {
      await writeFile(path, '', { mode: 0o600, flag: 'a' });
      const now = new Date();
      await utimes(path, now, now);
      return;
    } catch (error) {
      // Its empty folder was removed meanwhile.
      if (tries >= 3 || unlessMissing(error) !== undefined) throw error;
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await statOrNothing(path)) !== undefined;
}

async function statOrNothing(path: string) {
  return stat(path).catch(unlessMissing);
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
  throw error;
}
