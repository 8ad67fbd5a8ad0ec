import { StatusError } from '#shared/api/status';
import { isAncestor } from '../history/commits';
import type { Git, GitProcessOptions } from '../git';
import { GitError } from '../process/gitError';
import type { GitRepository } from '../gitRepositories';
import { importFailure } from './importFailure';
import { refTargets, updateRef } from '../refs/refs';
import { CHECKED_TRANSFER } from '../transport/checkedTransfer';
import type { Remote } from './remoteAddress';

export interface MirroredRef {
  readonly ref: string;
  readonly result: 'created' | 'updated' | 'forced' | 'deleted' | 'rejected' | 'diverged' | 'ignored';
  readonly message?: string;
}

export interface MirrorRefsOptions {
  readonly remote: Remote;
  readonly access: GitProcessOptions;
  /** Patterns of full names; `refs/heads/*` and `refs/tags/*` unless some are chosen. */
  readonly patterns: readonly string[];
  readonly prune: boolean;
  readonly timeoutMs: number;
}

/** What a push mirror had brought over when it last looked, so that what was deleted here is told from what others made there. */
const PUSHED = 'refs/kradle/mirror/';
/** References named in one process's arguments. */
const MAX_REFS = 200;
const MAX_LISTED_BYTES = 64 * 1024 * 1024;

/** Branch and tag names and patterns of a mirror as patterns of full names. Names that git does not take throw Invalid. */
export function mirrorPatterns(refs: readonly string[] | undefined): string[] {
  if (refs === undefined || refs.length === 0) return ['refs/heads/*', 'refs/tags/*'];
  return refs.map((ref) => {
    const full = ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
    if (!/^refs\/(heads|tags)\/[^\s~^:?[\\]+$/.test(full) || full.includes('..') || full.includes('//') || (full.match(/\*/g) ?? []).length > 1) {
      throw new StatusError('Invalid', `"${ref}" is no branch or tag, and no pattern of them; write main, release/* or refs/tags/v*`);
    }
    return full;
  });
}

/** Brings branches and tags from the other side, whatever is here: nobody else writes to a pull mirror. Answers what changed. */
export async function pullRefs(repository: GitRepository, options: MirrorRefsOptions): Promise<{ changed: MirroredRef[]; defaultBranch: string | undefined }> {
  const { remote, access, patterns, prune, timeoutMs } = options;
  const before = await refTargets(repository, ['refs/heads/', 'refs/tags/']);
  const head = await remoteHead(repository.git, remote, access);
  const child = repository.git.start(
    ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--refmap=', ...(prune ? ['--prune'] : []), '--end-of-options', remote.location, ...patterns.map((pattern) => `+${pattern}:${pattern}`)],
    { ...access, gitDir: repository.path, config: [...(access.config ?? []), ...CHECKED_TRANSFER], timeoutMs },
  );
  child.stdin.end();
  child.stdout.resume();
  const code = await child.ended.catch((error: unknown) => {
    throw error instanceof GitError ? importFailure(remote.location, error, 'mirrored') : error;
  });
  if (code !== 0) throw importFailure(remote.location, new GitError('git fetch', { failure: 'failed', exitCode: code, stderr: child.stderrTail() }), 'mirrored');
  const after = await refTargets(repository, ['refs/heads/', 'refs/tags/']);
  const changed: MirroredRef[] = [];
  for (const [ref, oid] of after) {
    const old = before.get(ref);
    if (old === undefined) changed.push({ ref, result: 'created' });
    else if (old !== oid) changed.push({ ref, result: ref.startsWith('refs/heads/') && (await isAncestor(repository, old, oid)) ? 'updated' : 'forced' });
  }
  for (const ref of before.keys()) if (!after.has(ref)) changed.push({ ref, result: 'deleted' });
  return { changed, defaultBranch: head !== undefined && after.has(`refs/heads/${head}`) ? head : undefined };
}

/**
 * Brings branches and tags to the other side. What is there and not here is never overwritten unless `force` says so, and nothing is
 * deleted there but what an earlier push of this mirror had brought. Each reference moves only if it is still what was seen.
 */
export async function pushRefs(repository: GitRepository, options: MirrorRefsOptions & { readonly force: boolean }): Promise<MirroredRef[]> {
  const { remote, access, patterns, prune, force } = options;
  const there = await remoteRefs(repository.git, remote, access);
  const here = new Map([...(await refTargets(repository, ['refs/heads/', 'refs/tags/']))].filter(([ref]) => patterns.some((pattern) => matches(pattern, ref))));
  const known = new Map([...(await refTargets(repository, [PUSHED]))].map(([ref, oid]) => [`refs/${ref.slice(PUSHED.length)}`, oid]));
  const results: MirroredRef[] = [];
  const wanted: { ref: string; oid: string | undefined; expected: string | undefined; result: MirroredRef['result'] }[] = [];
  for (const [ref, oid] of here) {
    const expected = there.get(ref);
    if (expected === oid) await remember(repository, ref, { now: oid, known: known.get(ref) });
    else if (expected === undefined) wanted.push({ ref, oid, expected, result: 'created' });
    else if (await movesForward(repository, { ref, from: expected, to: oid })) wanted.push({ ref, oid, expected, result: 'updated' });
    else if (force) wanted.push({ ref, oid, expected, result: 'forced' });
    else results.push({ ref, result: 'diverged', message: 'The other side has something that is not here; nothing was overwritten.' });
  }
  for (const [ref, oid] of prune ? known : []) {
    if (here.has(ref) || !patterns.some((pattern) => matches(pattern, ref))) continue;
    const expected = there.get(ref);
    if (expected === oid) wanted.push({ ref, oid: undefined, expected, result: 'deleted' });
    else await remember(repository, ref, { now: undefined, known: oid });
  }
  for (let start = 0; start < wanted.length; start += MAX_REFS) {
    const some = wanted.slice(start, start + MAX_REFS);
    const answers = await push(repository, some, options);
    for (const { ref, oid, result } of some) {
      const refusal = answers.get(ref);
      if (refusal !== undefined) results.push({ ref, result: 'rejected', message: refusal });
      else {
        results.push({ ref, result });
        await remember(repository, ref, { now: oid, known: known.get(ref) });
      }
    }
  }
  return results;
}

async function push(repository: GitRepository, changes: readonly { ref: string; oid: string | undefined; expected: string | undefined }[], options: MirrorRefsOptions): Promise<Map<string, string>> {
  const { remote, access, timeoutMs } = options;
  const leases = changes.map(({ ref, expected }) => `--force-with-lease=${ref}:${expected ?? ''}`);
  const { stdout, stderr, code } = await repository.git
    .run(['push', '--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', ...leases, '--', remote.location, ...changes.map(({ ref, oid }) => `${oid ?? ''}:${ref}`)], { ...access, gitDir: repository.path, timeoutMs, okCodes: [0, 1] })
    .catch((error: unknown) => {
      throw error instanceof GitError ? importFailure(remote.location, error, 'mirrored') : error;
    });
  const lines = stdout.toString('utf8').split('\n').map((line) => line.split('\t'));
  // Without a line for a reference the other side was not even asked.
  if (code !== 0 && !lines.some(([flag]) => flag === '!' || flag === '*' || flag === ' ' || flag === '+' || flag === '-' || flag === '=')) {
    throw importFailure(remote.location, new GitError('git push', { failure: 'failed', exitCode: code, stderr }), 'mirrored');
  }
  const refused = new Map<string, string>();
  for (const [flag, pair = '', summary = ''] of lines) {
    if (flag === '!') refused.set(pair.slice(pair.indexOf(':') + 1), summary.replace(/^\[(?:remote )?rejected\] */, '').replace(/^\((.*)\)$/, '$1') || 'the other side refuses it');
  }
  return refused;
}

async function movesForward(repository: GitRepository, { ref, from, to }: { ref: string; from: string; to: string }): Promise<boolean> {
  // A tag never moves by itself.
  if (!ref.startsWith('refs/heads/')) return false;
  const known = await repository.objects.info(from);
  return known?.type === 'commit' && (await isAncestor(repository, from, to));
}

async function remember(repository: GitRepository, ref: string, { now, known }: { now: string | undefined; known: string | undefined }): Promise<void> {
  if (now === known) return;
  await updateRef(repository, { ref: `${PUSHED}${ref.slice('refs/'.length)}`, newOid: now, expectedOid: 'any', reason: 'mirror: pushed' });
}

async function remoteRefs(git: Git, remote: Remote, access: GitProcessOptions): Promise<Map<string, string>> {
  const { stdout } = await listRemote(git, remote, { access, args: ['ls-remote', '--quiet', '--refs', '--', remote.location] });
  return new Map(stdout.toString('utf8').split('\n').filter((line) => line !== '').map((line) => [line.slice(41), line.slice(0, 40)]));
}

async function remoteHead(git: Git, remote: Remote, access: GitProcessOptions): Promise<string | undefined> {
  const { stdout } = await listRemote(git, remote, { access, args: ['ls-remote', '--quiet', '--symref', '--', remote.location, 'HEAD'] });
  return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(stdout.toString('utf8'))?.[1];
}

async function listRemote(git: Git, remote: Remote, { access, args }: { access: GitProcessOptions; args: readonly string[] }) {
  try {
    return await git.run(args, { ...access, timeoutMs: 60_000, maxBytes: MAX_LISTED_BYTES });
  } catch (error) {
    throw error instanceof GitError ? importFailure(remote.location, error, 'mirrored') : error;
  }
}

/** `*` stands for anything, as in a refspec. */
function matches(pattern: string, ref: string): boolean {
  const star = pattern.indexOf('*');
  return star < 0 ? ref === pattern : ref.startsWith(pattern.slice(0, star)) && ref.endsWith(pattern.slice(star + 1)) && ref.length >= pattern.length;
}
