import { StatusError } from '#shared/api/status';
import { readDefaultBranch, repositorySizeBytes, withTemporaryRepository, writeRepositoryConfig } from '../upkeep/bareRepository';
import { CHECKED_TRANSFER } from '../transport/checkedTransfer';
import type { Git, GitProcessOptions } from '../git';
import { GitError, redactCredentials } from '../process/gitError';
import type { GitRepositories, GitRepository } from '../gitRepositories';
import { importFailure, notARepository } from './importFailure';
import { type ImportProgress, parseProgress } from './importProgress';
import { maintainRepository } from '../upkeep/maintenance';
import { refTargets } from '../refs/refs';
import { type RemoteAccessOptions, withRemoteAccess } from './remoteAccess';
import { checkRemote, type Remote, type RemoteOptions } from './remoteAddress';

/** What an import may take, so that none fills the disk or never ends. */
export interface ImportLimits {
  /** Bytes on disk. Default 50 GiB. */
  readonly maxBytes?: number;
  /** Objects that the source may send. Default 50,000,000. */
  readonly maxObjects?: number;
}

export interface ImportOptions extends Omit<RemoteOptions, 'withKey'>, RemoteAccessOptions, ImportLimits {
  /** Where the new bare repository goes; must not exist. */
  readonly path: string;
  /** Milliseconds until the other side has to answer at all. Default 30,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds for the whole import. Default one hour. */
  readonly timeoutMs?: number;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Runs on the repository before anybody sees it: what comes beside git's objects. */
  readonly complete?: (repository: GitRepository, source: { readonly remote: Remote; readonly signal: AbortSignal | undefined }) => Promise<void>;
}

export interface ImportResult {
  /** Short name; `main` for an empty repository without a usable HEAD. */
  readonly defaultBranch: string;
  readonly branches: number;
  readonly tags: number;
  /** The source has only part of its history (`git clone --depth`), and so has the import. */
  readonly isShallow: boolean;
}

const DEFAULT_MAX_BYTES = 50 * 1024 ** 3;
const DEFAULT_MAX_OBJECTS = 50_000_000;
/** How often the size on disk is looked at, in ms. */
const WATCH_MS = 2000;

/**
 * Copies all branches and tags of a repository into a new bare one. Either all of it is there at the end, or nothing. Throws
 * StatusErrors that say to a newcomer what is wrong with the source: Invalid for what is none, NotFound, Unauthorized,
 * ServiceUnavailable and Timeout for a place that does not give it.
 */
export async function importRepository(repositories: GitRepositories, options: ImportOptions): Promise<ImportResult> {
  const remote = await checkRemote({ ...options, withKey: options.credential?.kind === 'key' });
  const { git } = repositories;
  return withTemporaryRepository(options.path, async (temporary) => {
    await withRemoteAccess(git, remote, {
      ...options,
      async work(processOptions) {
        await probe(git, remote, { ...processOptions, timeoutMs: options.connectTimeoutMs ?? 30_000 });
        await clone(git, { remote, into: temporary, processOptions }, options);
      },
    });
    await writeRepositoryConfig(temporary);
    const repository = repositories.open(temporary);
    try {
      const result = await finish(repository);
      await options.complete?.(repository, { remote, signal: options.signal });
      options.onProgress?.({ phase: 'optimizing' });
      await maintainRepository(repository, { ...(options.signal === undefined ? {} : { signal: options.signal }) });
      return result;
    } finally {
      repositories.forget(temporary);
    }
  });
}

/**
 * What can be told about a source at once, without the network: the form of an address, and whether git takes a folder for a
 * repository. Throws as {@link importRepository} does.
 */
export async function checkImportSource(git: Git, options: RemoteOptions & RemoteAccessOptions): Promise<void> {
  const remote = await checkRemote(options);
  if (remote.kind === 'folder') await withRemoteAccess(git, remote, { ...options, work: (processOptions) => probe(git, remote, { ...processOptions, timeoutMs: 10_000 }) });
}

/** Asks for HEAD only: every mistake in the address shows here, within the time for connecting. */
async function probe(git: Git, source: Remote, options: GitProcessOptions): Promise<void> {
  try {
    await git.run(['ls-remote', '--quiet', '--', source.location, 'HEAD'], options);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (source.kind === 'folder') throw notARepository(source.location, error);
    throw importFailure(source.location, error);
  }
}

async function clone(git: Git, request: { remote: Remote; into: string; processOptions: GitProcessOptions }, options: ImportOptions): Promise<void> {
  const { remote, into, processOptions } = request;
  const { maxBytes = DEFAULT_MAX_BYTES, maxObjects = DEFAULT_MAX_OBJECTS } = options;
  const child = git.start(['clone', '--bare', '--no-local', '--template=', '--progress', '--', remote.location, into], {
    ...processOptions, config: [...(processOptions.config ?? []), ...CHECKED_TRANSFER], timeoutMs: options.timeoutMs ?? 60 * 60_000,
  });
  child.stdin.end();
  child.stdout.resume();
  let tooLarge: string | undefined;
  const end = (reason: string): void => {
    tooLarge ??= reason;
    child.kill();
  };
  parseProgress(child.stderr, (progress) => {
    if ((progress.total ?? 0) > maxObjects) end(`it has more than ${maxObjects.toLocaleString('en')} objects`);
    else options.onProgress?.(progress);
  });
  // What is sent is known only when it is there: a source may say little and send much.
  const watch = setInterval(() => {
    void repositorySizeBytes(into).then((bytes) => (bytes > maxBytes ? end(`it has more than ${Math.round(maxBytes / 1024 ** 2).toLocaleString('en')} MiB`) : undefined), () => undefined);
  }, Math.min(WATCH_MS, Math.max(50, maxBytes / 1024 ** 2)));
  try {
    const code = await child.ended;
    if (code !== 0) throw new GitError('git clone', { failure: 'failed', exitCode: code, stderr: child.stderrTail() });
    if ((await repositorySizeBytes(into)) > maxBytes) end(`it has more than ${Math.round(maxBytes / 1024 ** 2).toLocaleString('en')} MiB`);
  } catch (error) {
    if (tooLarge === undefined && error instanceof GitError) throw importFailure(remote.location, error);
    if (tooLarge === undefined) throw error;
  } finally {
    clearInterval(watch);
  }
  if (tooLarge !== undefined) throw new StatusError('RequestEntityTooLarge', `${redactCredentials(remote.location)} could not be imported: ${tooLarge}, which is more than this server takes`, { code: 'IMPORT_TOO_LARGE' });
}

/** Makes HEAD a branch that exists, and counts what came. */
async function finish(repository: GitRepository): Promise<ImportResult> {
  const refs = await refTargets(repository, ['refs/heads/', 'refs/tags/']);
  const branches = [...refs.keys()].filter((ref) => ref.startsWith('refs/heads/')).map((ref) => ref.slice('refs/heads/'.length));
  const head = await readDefaultBranch(repository);
  const usable = branches.length === 0 ? head : [head, 'main', 'master', 'trunk', branches[0]].find((name) => name !== undefined && branches.includes(name));
  const defaultBranch = usable ?? 'main';
  if (defaultBranch !== head) await repository.git.run(['symbolic-ref', 'HEAD', `refs/heads/${defaultBranch}`], { gitDir: repository.path });
  const shallow = await repository.git.run(['rev-parse', '--is-shallow-repository'], { gitDir: repository.path });
  return { defaultBranch, branches: branches.length, tags: refs.size - branches.length, isShallow: shallow.stdout.toString().trim() === 'true' };
}
