import { lstat, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { StatusError } from '#shared/api/status';
import type { Git } from '../git';
import type { GitRepository } from '../gitRepositories';
import { branchRef, shortRefName } from '../refs/refName';
import { readHeadRef } from '../refs/refs';

export interface InitOptions {
  /** Default `main`. */
  readonly defaultBranch?: string;
  /** Puts something into it before anybody sees it. */
  readonly fill?: (temporary: string) => Promise<void>;
}

/**
 * Creates an empty bare repository. It is made beside its place and moved there, so that a crash leaves nothing half made. Throws
 * AlreadyExists when the folder is there.
 */
export async function initBareRepository(git: Git, path: string, options: InitOptions = {}): Promise<void> {
  const head = branchRef(options.defaultBranch ?? 'main', 'defaultBranch');
  await withTemporaryRepository(path, async (temporary) => {
    await git.run(['init', '--quiet', '--bare', '--template=', `--initial-branch=${shortRefName(head)}`, temporary]);
    await writeRepositoryConfig(temporary);
    await options.fill?.(temporary);
  });
}

/**
 * Writes the configuration of a bare repository of the forge, replacing all that was there: a clone leaves the URL it came from,
 * perhaps with a password.
 */
export async function writeRepositoryConfig(path: string): Promise<void> {
  await writeFile(join(path, 'config'), REPOSITORY_CONFIG);
}

/**
 * Runs `make` on a temporary name beside `path` and moves the result there. Whatever goes wrong, the temporary folder is removed.
 * Throws AlreadyExists when `path` is there, before or after the work.
 */
export async function withTemporaryRepository<T>(path: string, make: (temporary: string) => Promise<T>): Promise<T> {
  if (await exists(path)) throw alreadyThere();
  const temporary = `${path}${TEMPORARY_MARK}${Math.random().toString(36).slice(2, 10)}`;
  await mkdir(dirname(path), { recursive: true });
  try {
    const result = await make(temporary);
    await rename(temporary, path).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOTEMPTY' || error.code === 'EEXIST' ? alreadyThere() : error;
    });
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Removes what a crash left of {@link withTemporaryRepository} in a folder of repositories. Call before the first of them starts. */
export async function removeTemporaryRepositories(folder: string): Promise<void> {
  const names = await readdir(folder).catch(emptyWhenMissing);
  for (const name of names) {
    if (name.includes(TEMPORARY_MARK)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Deletes a repository below `root`. Moved aside first: it is gone for everyone at once, and a crash leaves a name that
 * {@link removeTemporaryRepositories} clears. Forget its handle first. A missing repository is no error.
 */
export async function deleteBareRepository(path: string, root: string): Promise<void> {
  const inside = relative(resolve(root), resolve(path));
  if (inside === '' || inside.startsWith(`..${sep}`) || inside === '..' || resolve(root, inside) !== resolve(path)) {
    throw new Error('a repository outside of its root folder is never deleted');
  }
  if (!(await exists(path))) return;
  if (!(await isBareRepository(path))) throw new Error('what is to be deleted is not a bare repository');
  const aside = `${path}${TEMPORARY_MARK}${Math.random().toString(36).slice(2, 10)}`;
  await rename(path, aside);
  await rm(aside, { recursive: true, force: true });
}

/** Is there a bare repository in this folder, as far as its layout says? A symbolic link is none. */
export async function isBareRepository(path: string): Promise<boolean> {
  const folder = await lstat(path).catch(() => undefined);
  if (folder?.isDirectory() !== true) return false;
  const parts = await Promise.all(['HEAD', 'objects', 'refs'].map((name) => exists(join(path, name))));
  return parts.every(Boolean);
}

/** Bytes of all files of a repository on disk. What git makes or removes meanwhile counts or does not. */
export async function repositorySizeBytes(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  let total = 0;
  for (const entry of entries) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) total += await repositorySizeBytes(inside);
    else if (entry.isFile()) total += (await stat(inside).catch(() => undefined))?.size ?? 0;
  }
  return total;
}

/** The default branch's short name, also when it has no commit yet; undefined when HEAD is detached. */
export async function readDefaultBranch(repository: GitRepository): Promise<string | undefined> {
  const ref = await readHeadRef(repository);
  return ref === undefined ? undefined : shortRefName(ref);
}

/** Points HEAD at a branch that exists. Throws NotFound when it does not. */
export async function setDefaultBranch(repository: GitRepository, name: string): Promise<void> {
  const ref = branchRef(name, 'defaultBranch');
  if ((await repository.objects.resolve(ref)) === undefined) throw new StatusError('NotFound', `This repository has no branch "${name}"`);
  await repository.git.run(['symbolic-ref', '-m', 'default branch', 'HEAD', ref], { gitDir: repository.path });
}

const TEMPORARY_MARK = '.kradle-tmp-';

/**
 * What every repository of the forge is configured with. Why:
 * - uploadpack: partial clones, and fetching any commit by its id, which CI and agents do. Whoever may read a repository may read all
 *   of its objects, so an id is no secret inside of it.
 * - hideRefs: Kradle's own pins are nobody's; pull requests and notes are read by everyone and written only by Kradle.
 * - gc and autogc: never inside a request; see maintenance.ts.
 * - logAllRefUpdates: a branch that was forced or deleted by mistake can be found again.
 * - fsckObjects: no object that would break or attack a client gets in, with the old faults allowed that public histories have.
 */
const REPOSITORY_CONFIG = `[core]
\trepositoryformatversion = 0
\tbare = true
\tfilemode = true
\tlogAllRefUpdates = true
\tpackedGitWindowSize = 32m
\tdeltaBaseCacheLimit = 256m
[gc]
\tauto = 0
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
\thideRefs = refs/kradle
[receive]
\tautogc = false
\tdenyDeletes = false
\tdenyNonFastForwards = false
\tadvertisePushOptions = true
\tfsckObjects = true
\thideRefs = refs/kradle
\thideRefs = refs/pull
\thideRefs = refs/notes
[receive "fsck"]
\tbadTimezone = ignore
\tmissingSpaceBeforeDate = ignore
\tzeroPaddedFilemode = ignore
[repack]
\twriteBitmaps = true
[commitGraph]
\tchangedPaths = true
`;

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

function emptyWhenMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

function alreadyThere(): StatusError {
  return new StatusError('AlreadyExists', 'There is already a repository with this name');
}
