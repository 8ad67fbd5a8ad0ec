import { stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { isStatusError, StatusError, type StatusReason } from '#shared/api/status';
import type { AddressGuard, ResolvedAddress } from '../../../http/safeAddress';
import { readDefaultBranch, withTemporaryRepository, writeRepositoryConfig } from './bareRepository';
import type { Git, GitProcessOptions } from './git';
import type { GitIdentity } from './gitEnvironment';
import { GitError, redactCredentials } from './gitError';
import type { GitRepositories, GitRepository } from './gitRepositories';
import { importFailure, notARepository } from './importFailure';
import { type ImportProgress, parseProgress } from './importProgress';
import { maintainRepository } from './maintenance';
import { refTargets } from './refs';

export interface ImportOptions {
  /** An absolute folder, or a URL that git understands (`https:`, `http:`, `ssh:`, `git:`, or `user@host:path`). */
  readonly source: string;
  /** Where the new bare repository goes; must not exist. */
  readonly path: string;
  /** `user` in local mode: the user's credential helpers and ssh agent answer. */
  readonly identity: GitIdentity;
  /** May the source be a folder of this machine? Only where the server is the user's own. */
  readonly allowFolders: boolean;
  /**
   * Where the server is not the user's own: which addresses it may call. Git then fetches by http and https only, from the addresses that
   * were checked, and follows no redirect.
   */
  readonly addresses?: AddressGuard;
  /** Milliseconds until the other side has to answer at all. Default 30,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds for the whole import. Default one hour. */
  readonly timeoutMs?: number;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ImportResult {
  /** Short name; `main` for an empty repository without a usable HEAD. */
  readonly defaultBranch: string;
  readonly branches: number;
  readonly tags: number;
  /** The source has only part of its history (`git clone --depth`), and so has the import. */
  readonly isShallow: boolean;
}

/** Git ends a transfer that stays below this rate for this long. */
const LOW_SPEED: readonly (readonly [string, string])[] = [
  ['http.lowSpeedLimit', '100'],
  ['http.lowSpeedTime', '60'],
];

type SourceOptions = Pick<ImportOptions, 'source' | 'allowFolders' | 'addresses'>;

/**
 * Copies all branches and tags of a repository into a new bare one. Either all of it is there at the end, or nothing. Throws
 * StatusErrors that say to a newcomer what is wrong with the source: Invalid for what is none, NotFound, Unauthorized,
 * ServiceUnavailable and Timeout for a place that does not give it.
 */
export async function importRepository(repositories: GitRepositories, options: ImportOptions): Promise<ImportResult> {
  const source = await checkSource(options);
  const { git } = repositories;
  return withTemporaryRepository(options.path, async (temporary) => {
    const processOptions = await transferOptions(git, source, options);
    await probe(git, source, { ...processOptions, timeoutMs: options.connectTimeoutMs ?? 30_000 });
    await clone(git, { source, into: temporary, processOptions }, options);
    await writeRepositoryConfig(temporary);
    const repository = repositories.open(temporary);
    try {
      const result = await finish(repository);
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
export async function checkImportSource(git: Git, options: SourceOptions & Pick<ImportOptions, 'identity'>): Promise<void> {
  const source = await checkSource(options);
  if (source.kind === 'folder') await probe(git, source, { ...(await transferOptions(git, source, options)), timeoutMs: 10_000 });
}

interface Source {
  readonly kind: 'folder' | 'url';
  readonly location: string;
  /** Settings of git that keep it to the addresses that were checked. */
  readonly pinned?: readonly (readonly [string, string])[];
}

/** Only what can be nothing but a repository's place: no options, no `ext::` helpers, no other schemes. */
async function checkSource(options: SourceOptions): Promise<Source> {
  const location = options.source.trim();
  if (location === '' || location.startsWith('-') || hasControlCharacter(location)) throw badSource('give the URL of a git repository, or the folder of one on this machine');
  if (/^[A-Za-z0-9+.-]*::/.test(location)) throw badSource('addresses with "::" start helper programs and are not accepted; give an https, ssh or git URL');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(location)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'file') {
    if (scheme === undefined && isScpLike(location)) {
      if (options.addresses !== undefined) throw badSource(WEB_ONLY);
      return { kind: 'url', location };
    }
    return { kind: 'folder', location: await checkFolder(scheme === 'file' ? decodeURIComponent(new URL(location).pathname) : location, options.allowFolders) };
  }
  if (!['https', 'http', 'ssh', 'git'].includes(scheme)) throw badSource(`"${scheme}:" is not a kind of address that git fetches from; give an https, ssh or git URL`);
  if (!URL.canParse(location) || new URL(location).hostname.startsWith('-')) throw badSource('this is not a complete URL; it looks like https://host/owner/name.git');
  return options.addresses === undefined ? { kind: 'url', location } : checkAddress(new URL(location), options.addresses);
}

const WEB_ONLY = 'this server imports by http and https only: it has no credentials and no keys of yours; give an https URL';

/**
 * What git is told is the URL as it was read here, so that no other reading of it leads elsewhere, and the addresses that were checked, so
 * that the name is not asked for again. Redirects, and with them the alternates of a plain web server, would lead anywhere.
 */
async function checkAddress(url: URL, guard: AddressGuard): Promise<Source> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw badSource(WEB_ONLY);
  const addresses = await guard.resolve(url.hostname).catch((error: unknown) => {
    throw isStatusError(error) ? badSource(error.message, error.reason) : error;
  });
  return { kind: 'url', location: url.href, pinned: [['http.followRedirects', 'false'], ['http.proxy', ''], ...pinOf(url, addresses)] };
}

function pinOf(url: URL, addresses: readonly ResolvedAddress[]): [string, string][] {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) return [];
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return [['http.curloptResolve', `${host}:${port}:${addresses.map(({ address, family }) => (family === 6 ? `[${address}]` : address)).join(',')}`]];
}

async function checkFolder(folder: string, allowFolders: boolean): Promise<string> {
  if (!allowFolders) throw badSource('this server does not read folders of its machine; give a URL, or create a repository and push to it');
  if (!isAbsolute(folder)) throw badSource('give the whole path of the folder, from the root, or a URL');
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) throw new StatusError('NotFound', `There is no folder ${folder}`, { causes: [{ code: 'FieldValueNotFound', field: 'source', message: 'give the folder of a git repository' }] });
  if (!found.isDirectory()) throw badSource(`${folder} is a file; give the folder of a git repository`);
  return folder;
}

/** `git@host:owner/name.git`, as ssh addresses are mostly written; a Windows path has one letter before the colon. */
function isScpLike(location: string): boolean {
  return /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]+:(?!\/\/)[^\s]+$/.test(location) && !location.startsWith('/');
}

async function transferOptions(git: Git, source: Source, options: Pick<ImportOptions, 'identity' | 'signal'>): Promise<GitProcessOptions> {
  const remote = source.pinned === undefined ? 'https:http:ssh:git' : 'https:http';
  const env: Record<string, string> = { GIT_ALLOW_PROTOCOL: source.kind === 'folder' ? 'file' : remote };
  if (source.pinned !== undefined) await requirePinning(git);
  if (options.identity === 'user') {
    const configured = await git.run(['config', '--get', 'core.sshCommand'], { identity: 'user', okCodes: [0, 1] });
    const command = configured.stdout.toString().trim() || 'ssh';
    // Nobody can answer a question of ssh here; without an agent or key it has to fail.
    if (source.kind === 'url') env.GIT_SSH_COMMAND = `${command} -o BatchMode=yes -o ConnectTimeout=20`;
  }
  return { identity: options.identity, env, config: [...LOW_SPEED, ...(source.pinned ?? [])], signal: options.signal };
}

/** Git takes addresses for a name since 2.37, and older ones would ask for the name again, silently. */
async function requirePinning(git: Git): Promise<void> {
  const version = await git.version();
  if (version !== undefined && (version.major > 2 || (version.major === 2 && version.minor >= 37))) return;
  throw new StatusError('NotImplemented', `Importing takes git 2.37 or newer on this server, which has ${version?.text ?? 'none'}; create a repository and push to it`, { code: 'GIT_TOO_OLD' });
}

/** Asks for HEAD only: every mistake in the address shows here, within the time for connecting. */
async function probe(git: Git, source: Source, options: GitProcessOptions): Promise<void> {
  try {
    await git.run(['ls-remote', '--quiet', '--', source.location, 'HEAD'], options);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (source.kind === 'folder') throw notARepository(source.location, error);
    throw importFailure(source.location, error);
  }
}

async function clone(git: Git, request: { source: Source; into: string; processOptions: GitProcessOptions }, options: ImportOptions): Promise<void> {
  const { source, into, processOptions } = request;
  const child = git.start(['clone', '--bare', '--no-local', '--template=', '--progress', '--', source.location, into], { ...processOptions, timeoutMs: options.timeoutMs ?? 60 * 60_000 });
  child.stdin.end();
  child.stdout.resume();
  const { onProgress } = options;
  if (onProgress !== undefined) parseProgress(child.stderr, onProgress);
  try {
    const code = await child.ended;
    if (code !== 0) throw new GitError('git clone', { failure: 'failed', exitCode: code, stderr: child.stderrTail() });
  } catch (error) {
    if (error instanceof GitError) throw importFailure(source.location, error);
    throw error;
  }
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

function badSource(message: string, reason: StatusReason = 'Invalid'): StatusError {
  return new StatusError(reason, `Nothing can be imported from there: ${redactCredentials(message)}`, { causes: [{ code: 'FieldValueInvalid', field: 'source', message }] });
}

function hasControlCharacter(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- that is the question
  return /[\u0000-\u001f\u007f]/.test(text);
}
