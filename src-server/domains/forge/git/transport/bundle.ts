import { createReadStream } from 'node:fs';
import { open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StatusError } from '#shared/api/status';
import { initBareRepository } from '../upkeep/bareRepository';
import type { Git, GitProcessOptions } from '../git';
import { GitError } from '../process/gitError';
import type { GitRepositories, GitRepository } from '../gitRepositories';
import { isObjectId } from '../objects/objectId';
import { outputStream } from '../process/outputStream';
import { isRefName } from '../refs/refName';
import { refTargets } from '../refs/refs';
import { FSCK_SEVERITIES, RECEIVE_ENVIRONMENT } from './receiveLimits';
import { requireRevision } from '../objects/resolve';

/** What goes into a bundle. */
export interface BundleContents {
  /** Branches and tags; none means all of them, with HEAD. */
  readonly refs: readonly string[];
  /** Commits, branches or tags that the other side has already. */
  readonly since: readonly string[];
}

/**
 * A repository, or a part of one, as one file (gitformat-bundle(5)) that git clones and fetches from without a network. Throws NotFound for a
 * name that is none, and Invalid (`BUNDLE_EMPTY`) when nothing would be in it, before the first byte.
 */
export async function streamBundle(repository: GitRepository, contents: BundleContents & { signal?: AbortSignal }): Promise<Readable> {
  const { signal } = contents;
  const wanted: string[] = [];
  for (const name of contents.refs) {
    const revision = await requireRevision(repository, name);
    if (revision.kind !== 'branch' && revision.kind !== 'tag') throw new StatusError('Invalid', `A bundle holds branches and tags, and "${name}" is none`, { causes: [{ code: 'FieldValueInvalid', field: 'ref', message: 'give the name of a branch or tag' }] });
    wanted.push(`refs/${revision.kind === 'branch' ? 'heads' : 'tags'}/${revision.name}`);
  }
  if (wanted.length === 0) {
    // By name, not by `--all`: what the forge keeps for itself is nobody's.
    wanted.push(...(await refTargets(repository, ['refs/heads/', 'refs/tags/'])).keys());
    if (wanted.length > 0 && (await repository.objects.resolve('HEAD')) !== undefined) wanted.push('HEAD');
  }
  const known = await Promise.all(contents.since.map(async (name) => `^${(await requireRevision(repository, name)).sha}`));
  const revisions = [...wanted, ...known].map((line) => `${line}\n`).join('');
  const processOptions: GitProcessOptions = { gitDir: repository.path, signal, timeoutMs: 6 * 3_600_000 };
  const first = wanted.length === 0 ? '' : (await repository.git.run(['rev-list', '--max-count=1', '--stdin'], { ...processOptions, input: revisions })).stdout.toString();
  if (first === '') throw new StatusError('Invalid', 'There is nothing to put into a bundle: the repository has no commit, or the other side has them all', { code: 'BUNDLE_EMPTY' });
  const child = repository.git.start(['bundle', 'create', '--quiet', '-', '--stdin'], processOptions);
  child.stdin.end(revisions);
  return outputStream(child, 'git bundle create');
}

export interface BundleHeader {
  readonly refs: readonly { readonly name: string; readonly oid: string }[];
  /** Commits that whoever unpacks it must have. */
  readonly prerequisites: readonly string[];
  /** Where the pack begins. */
  readonly packOffset: number;
}

const MAX_HEADER_BYTES = 64 * 1024 * 1024;

/** Reads what a bundle says of itself. Throws Invalid (`BUNDLE_INVALID`) for what is none, and for kinds that are not taken. */
export async function readBundleHeader(path: string): Promise<BundleHeader> {
  const file = await open(path, 'r');
  try {
    let head = Buffer.alloc(0);
    for (let end = -1; end < 0; end = head.indexOf('\n\n')) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, head.length);
      if (bytesRead === 0 || head.length > MAX_HEADER_BYTES) throw invalidBundle('this is not a bundle that "git bundle create" made, or only its beginning');
      head = Buffer.concat([head, buffer.subarray(0, bytesRead)]);
    }
    const end = head.indexOf('\n\n');
    return { ...parseHeader(head.subarray(0, end).toString('utf8').split('\n')), packOffset: end + 2 };
  } finally {
    await file.close();
  }
}

function parseHeader([signature = '', ...lines]: string[]): Omit<BundleHeader, 'packOffset'> {
  if (!/^# v[23] git bundle$/.test(signature)) throw invalidBundle('this is not a bundle that "git bundle create" made');
  const refs: { name: string; oid: string }[] = [];
  const prerequisites: string[] = [];
  for (const line of lines) {
    if (line.startsWith('@')) {
      if (line === '@object-format=sha1') continue;
      throw invalidBundle(line.startsWith('@filter=') ? 'it has only a part of the objects (--filter); make one with all of them' : `this server does not take bundles with "${line.slice(1, 100)}"`);
    }
    const isPrerequisite = line.startsWith('-');
    const [oid = '', name = ''] = splitOnce(isPrerequisite ? line.slice(1) : line);
    if (!isObjectId(oid)) throw invalidBundle('its list of references cannot be read');
    if (isPrerequisite) prerequisites.push(oid);
    else if (name === 'HEAD' || isRefName(name)) refs.push({ name, oid });
    else throw invalidBundle(`"${name.slice(0, 100)}" is no name of a branch or tag`);
  }
  return { refs, prerequisites };
}

export interface UnpackedBundle {
  readonly branches: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  /** Short name of the branch that HEAD was on. */
  readonly defaultBranch: string;
}

/**
 * Makes a new bare repository from a bundle: its branches and tags, and nothing else that it may hold. Every object is checked as one of a
 * push is. All of it is there at the end, or nothing. Throws Invalid (`BUNDLE_INVALID`) saying what is wrong.
 */
export async function unpackBundle(repositories: GitRepositories, opts: { bundle: string; path: string; maxPackBytes: number; signal?: AbortSignal }): Promise<UnpackedBundle> {
  const { bundle, path, signal } = opts;
  const header = await readBundleHeader(bundle);
  if (header.prerequisites.length > 0) throw invalidBundle(`it continues a history that is not in it (${header.prerequisites.length} commits are missing); make one without "since"`);
  const branches = pick(header, 'refs/heads/');
  const tags = pick(header, 'refs/tags/');
  if (branches.size === 0) throw invalidBundle('it has no branch');
  const defaultBranch = headOf(header, branches);
  const { git } = repositories;
  await initBareRepository(git, path, {
    defaultBranch,
    fill: async (temporary) => {
      const processOptions = { gitDir: temporary, signal, timeoutMs: 6 * 3_600_000, env: RECEIVE_ENVIRONMENT };
      try {
        await git.run(['bundle', 'verify', '--quiet', bundle], processOptions);
        await indexPack(git, { bundle, offset: header.packOffset, maxPackBytes: opts.maxPackBytes }, processOptions);
        const changes = [...branches].map(([name, oid]) => `create refs/heads/${name} ${oid}\n`).concat([...tags].map(([name, oid]) => `create refs/tags/${name} ${oid}\n`));
        await git.run(['update-ref', '--stdin'], { ...processOptions, input: changes.join('') });
        await git.run(['rev-list', '--objects', '--all', '--quiet'], processOptions);
      } catch (error) {
        throw error instanceof GitError ? invalidBundle(`git does not take it: ${reasonOf(error)}`, error) : error;
      }
    },
  });
  return { branches, tags, defaultBranch };
}

/**
 * Moves everything of a repository that was just unpacked into an empty one. Its references appear all at once; throws Conflict when it has got
 * one of them meanwhile.
 */
export async function moveInto(target: GitRepository, source: GitRepository): Promise<void> {
  const refs = await refTargets(source, ['refs/heads/', 'refs/tags/']);
  const from = join(source.path, 'objects/pack');
  const names = (await readdir(from)).sort((left, right) => Number(left.endsWith('.idx')) - Number(right.endsWith('.idx')));
  // An index last: with it a pack counts.
  for (const name of names) await rename(join(from, name), join(target.path, 'objects/pack', name));
  try {
    await target.git.run(['update-ref', '-m', 'bundle', '--stdin'], { gitDir: target.path, input: [...refs].map(([ref, oid]) => `create ${ref} ${oid}\n`).join('') });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new StatusError('Conflict', 'Somebody pushed to this repository meanwhile; a bundle fills an empty one', { code: 'REPOSITORY_NOT_EMPTY', cause: error });
  }
}

async function indexPack(git: Git, pack: { bundle: string; offset: number; maxPackBytes: number }, processOptions: GitProcessOptions): Promise<void> {
  const child = git.start(['index-pack', '--stdin', `--strict=${FSCK_SEVERITIES}`, `--max-input-size=${pack.maxPackBytes}`], processOptions);
  child.stdout.resume();
  await pipeline(createReadStream(pack.bundle, { start: pack.offset }), child.stdin).catch(() => undefined);
  const exitCode = await child.ended;
  if (exitCode !== 0) throw new GitError('git index-pack', { failure: 'failed', exitCode, stderr: child.stderrTail() });
}

function pick({ refs }: BundleHeader, prefix: string): Map<string, string> {
  return new Map(refs.filter(({ name }) => name.startsWith(prefix)).map(({ name, oid }) => [name.slice(prefix.length), oid]));
}

/** A bundle tells HEAD's commit and not its branch. */
function headOf({ refs }: BundleHeader, branches: ReadonlyMap<string, string>): string {
  const head = refs.find(({ name }) => name === 'HEAD')?.oid;
  const usual = ['main', 'master', 'trunk'];
  const there = head === undefined ? [...branches.keys()] : [...branches].filter(([, oid]) => oid === head).map(([name]) => name);
  const candidates = there.length === 0 ? [...branches.keys()] : there;
  return usual.find((name) => candidates.includes(name)) ?? candidates[0] ?? 'main';
}

/** The last thing that git said, which is the first that people can do something about. */
function reasonOf(error: GitError): string {
  const lines = error.stderr.split('\n').map((line) => line.replace(/^(?:fatal|error): /, '').trim()).filter((line) => line !== '');
  return (lines.find((line) => line.includes(': ')) ?? lines[0] ?? 'it is damaged').slice(0, 300);
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf(' ');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

function invalidBundle(message: string, cause?: unknown): StatusError {
  return new StatusError('Invalid', `The bundle cannot be used: ${message}`, { code: 'BUNDLE_INVALID', causes: [{ code: 'FieldValueInvalid', field: 'bundle', message }], ...(cause === undefined ? {} : { cause }) });
}
