import { StatusError } from '#shared/api/status';
import { countReached, isReached, relatePair } from './ancestry';
import { type Commit, parseCommit } from '../objects/commitObject';
import type { GitRepository } from '../gitRepositories';
import { LruCache } from '../lruCache';
import { isObjectId } from '../objects/objectId';
import { pathParts } from '../objects/tree';

export interface ListCommitsOptions {
  /** Commit to start at. */
  readonly head: string;
  /** Leaves out what this commit reaches: the commits of a pull request are those of head without those of base. */
  readonly exclude?: string;
  /** Only the branch's own line: a merge stands for what it brought in. */
  readonly firstParent?: boolean;
  readonly path?: string;
  /** Part of the author's name or address, without regard to case. */
  readonly author?: string;
  /** Part of the message, without regard to case. */
  readonly search?: string;
  readonly order?: 'newest' | 'oldest';
  /** From the page before. */
  readonly cursor?: string;
  /** Default 50, at most 500. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface CommitPage {
  readonly items: readonly Commit[];
  readonly nextCursor?: string;
}

const MAX_COMMIT_BYTES = 4 * 1024 * 1024;

/** One page of history. The cursor pins the commit that the first page started at, so that a push in between moves nothing. */
export async function listCommits(repository: GitRepository, options: ListCommitsOptions): Promise<CommitPage> {
  const limit = Math.min(options.limit ?? 50, 500);
  const { head, offset } = parseCursor(options);
  const selection = selectionArguments({ ...options, head });
  const path = options.path === undefined ? '' : pathParts(options.path).join('/');
  const paths = path === '' ? [] : [path];
  const run = async (args: readonly string[]): Promise<string[]> => {
    const { stdout } = await repository.git.run([...args, ...selection], { gitDir: repository.path, paths, signal: options.signal, env: { GIT_LITERAL_PATHSPECS: '1' } });
    return stdout.toString().split('\n').filter((line) => line !== '');
  };
  let shas: string[];
  if (options.order === 'oldest') {
    // git takes the newest ones before it reverses, so the page is counted from the other end.
    const total = Number((await run(['rev-list', '--count']))[0]);
    const end = Math.max(0, total - offset);
    const start = Math.max(0, end - limit - 1);
    shas = end === 0 ? [] : await run(['log', '--format=%H', '--reverse', `--skip=${start}`, `--max-count=${end - start}`]);
  } else {
    shas = await run(['log', '--format=%H', `--skip=${offset}`, `--max-count=${limit + 1}`]);
  }
  const items = await Promise.all(shas.slice(0, limit).map((sha) => readCommit(repository, sha)));
  return shas.length > limit ? { items, nextCursor: `${head}.${offset + limit}` } : { items };
}

/** Which commit last changed a path, by repository, commit and path; it never changes. */
const lastTouches = new LruCache<string>(20_000);

/** The commit at or before `commit` that last changed a path, as `git log -1` finds it; undefined when none did. */
export async function lastCommitOf(repository: GitRepository, commit: string, path: string): Promise<string | undefined> {
  const key = `${repository.path}\0${commit}\0${path}`;
  const known = lastTouches.get(key);
  if (known !== undefined) return known;
  const { stdout } = await repository.git.run(['log', '--max-count=1', '--format=%H', commit, '--'], { gitDir: repository.path, paths: pathParts(path).length === 0 ? [] : [pathParts(path).join('/')], env: { GIT_LITERAL_PATHSPECS: '1' } });
  const sha = stdout.toString('latin1').trim();
  if (sha === '') return undefined;
  lastTouches.set(key, sha);
  return sha;
}

/** How many commits `head` reaches, without those that `exclude` reaches. */
export async function countCommits(repository: GitRepository, head: string, exclude?: string): Promise<number> {
  const known = exclude === undefined ? await countReached(repository, head) : (await relatePair(repository, exclude, head))?.ahead;
  if (known !== undefined) return known;
  const { stdout } = await repository.git.run(['rev-list', '--topo-order', '--count', head, ...(exclude === undefined ? [] : [`^${exclude}`]), '--'], { gitDir: repository.path });
  return Number(stdout.toString());
}

/** One commit by its full id. Throws NotFound. */
export async function readCommit(repository: GitRepository, sha: string): Promise<Commit> {
  const object = await repository.objects.read(sha, MAX_COMMIT_BYTES);
  if (object?.type !== 'commit') throw new StatusError('NotFound', `There is no commit ${sha}`, { code: 'REVISION_NOT_FOUND' });
  return parseCommit(sha, object.content);
}

/** The best common ancestor of two commits; undefined when their histories have nothing in common. */
export async function mergeBase(repository: GitRepository, left: string, right: string): Promise<string | undefined> {
  const known = (await relatePair(repository, left, right))?.mergeBases;
  // Of several, git says which.
  if (known !== undefined && known.length <= 1) return known[0];
  const { code, stdout } = await repository.git.run(['merge-base', left, right], { gitDir: repository.path, okCodes: [0, 1] });
  return code === 0 ? stdout.toString().trim() : undefined;
}

/** Is the first commit reached from the second (or the same)? */
export async function isAncestor(repository: GitRepository, ancestor: string, descendant: string): Promise<boolean> {
  if (ancestor === descendant) return true;
  const known = await isReached(repository, ancestor, descendant);
  if (known !== undefined) return known;
  const { code } = await repository.git.run(['merge-base', '--is-ancestor', ancestor, descendant], { gitDir: repository.path, okCodes: [0, 1] });
  return code === 0;
}

/** Branches and tags that contain a commit, by short name, at most 50 each. Rejects with GitError (timeout) when that takes too long. */
export async function refsContaining(repository: GitRepository, sha: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<{ branches: string[]; tags: string[] }> {
  const list = async (prefix: string): Promise<string[]> => {
    const { stdout } = await repository.git.run(['for-each-ref', `--contains=${sha}`, `--count=${MAX_CONTAINING}`, '--format=%(refname)', prefix], { gitDir: repository.path, ...options });
    return stdout.toString('utf8').split('\n').filter((ref) => ref !== '').map((ref) => ref.slice(prefix.length));
  };
  const [branches, tags] = await Promise.all([list('refs/heads/'), list('refs/tags/')]);
  return { branches, tags };
}

const MAX_CONTAINING = 50;

/** The commit between `sha` and `head` that has `sha` as a parent, as the first parent where there is one; undefined when nothing came after it. */
export async function childOf(repository: GitRepository, options: { sha: string; head: string; timeoutMs?: number; signal?: AbortSignal }): Promise<string | undefined> {
  const { sha, head, ...rest } = options;
  const { stdout } = await repository.git.run(['rev-list', '--parents', '--ancestry-path', `${sha}..${head}`, '--'], { gitDir: repository.path, maxBytes: 256 * 1024 * 1024, ...rest });
  const text = stdout.toString('latin1');
  const asFirst = new RegExp(`^([0-9a-f]{40}) ${sha}`, 'm').exec(text)?.[1];
  return asFirst ?? new RegExp(`^([0-9a-f]{40}) .*\\b${sha}`, 'm').exec(text)?.[1];
}

function selectionArguments(options: ListCommitsOptions): string[] {
  const filtersText = options.author !== undefined || options.search !== undefined;
  return [
    ...(options.author === undefined ? [] : [`--author=${options.author}`]),
    ...(options.search === undefined ? [] : [`--grep=${options.search}`]),
    ...(filtersText ? ['--fixed-strings', '--regexp-ignore-case'] : []),
    ...(options.firstParent === true ? ['--first-parent'] : []),
    options.head,
    ...(options.exclude === undefined ? [] : [`^${options.exclude}`]),
    '--',
  ];
}

function parseCursor(options: ListCommitsOptions): { head: string; offset: number } {
  if (options.cursor === undefined) return { head: options.head, offset: 0 };
  const [head = '', offset = ''] = options.cursor.split('.');
  if (!isObjectId(head) || !/^\d{1,9}$/.test(offset)) {
    throw new StatusError('BadRequest', 'This cursor is not one of this list; start again from the first page', { causes: [{ code: 'FieldValueInvalid', field: 'cursor', message: 'use the nextCursor of the page before' }] });
  }
  return { head, offset: Number(offset) };
}
