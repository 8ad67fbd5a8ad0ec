import { z } from 'zod';
import { createAnswerCache } from './answerCache';
import type { Commit } from '../objects/commitObject';
import { isAncestor, readCommit } from './commits';
import { GitError } from '../process/gitError';
import type { GitRepository } from '../gitRepositories';
import { readOutput } from '../process/readOutput';
import { LruCache } from '../lruCache';
import { pathText } from '../objects/pathText';
import { entryNames, findEntry, pathParts } from '../objects/tree';

export interface LastCommitsOptions {
  /** Directory; empty for the root. */
  readonly path?: string;
  /** Names to find the last commit for, usually those of one page. */
  readonly names: readonly string[];
  /** Milliseconds to wait. Default 150. The search goes on in the background, and the next call gets what it found. */
  readonly budgetMs?: number;
}

export interface LastCommits {
  /** By entry name. */
  readonly commits: ReadonlyMap<string, Commit>;
  /** Is every name answered, as far as its history can tell? When not, ask again. */
  readonly complete: boolean;
}

/** What is known about one directory at one commit. It grows while its walk runs. */
interface Walk {
  /** Sha of the last commit by entry name. */
  readonly found: Map<string, string>;
  complete: boolean;
  /** Settles when the walk ends, whatever its end. */
  readonly ended: Promise<void>;
  /** Directory object, to recognise the same content under another commit. */
  readonly tree: string;
}

const WALK_TIMEOUT_MS = 60_000;
/** After this long a walk names the entries that are still missing, when they are few: git then looks at nothing else. */
const BROAD_WALK_MS = 200;
const MAX_NAMED = 100;
/** A walk that took longer is kept on the disk, in ms. */
const KEEP_AFTER_MS = 100;
const CACHED_WALKS = 500;
/** By repository, commit and path. */
const walks = new LruCache<Walk>(CACHED_WALKS);
/** The latest commit for which a directory was fully walked, by repository and path: later walks need only go down to it. */
const latest = new LruCache<{ commit: string; walk: Walk }>(CACHED_WALKS);

/**
 * The commit that last changed each entry of a directory. One `git log` streams the changed paths of the directory, newest first,
 * until every entry was seen; its result is kept by commit and path, over restarts, and a later commit's walk only covers what came since.
 */
export async function lastCommits(repository: GitRepository, commit: string, options: LastCommitsOptions): Promise<LastCommits> {
  const path = pathParts(options.path ?? '').join('/');
  const walk = await openWalk(repository, commit, path);
  const isAnswered = (): boolean => walk.complete || options.names.every((name) => walk.found.has(name));
  if (!isAnswered()) await withinBudget(walk.ended, options.budgetMs ?? 150);
  const commits = new Map<string, Commit>();
  await Promise.all(
    options.names.map(async (name) => {
      const sha = walk.found.get(name);
      if (sha !== undefined) commits.set(name, await readCommit(repository, sha));
    }),
  );
  return { commits, complete: isAnswered() };
}

async function openWalk(repository: GitRepository, commit: string, path: string): Promise<Walk> {
  const place = `${repository.path}\0${path}`;
  const key = `${place}\0${commit}`;
  const known = walks.get(key);
  if (known !== undefined) return known;
  const tree = (await findEntry(repository, commit, path))?.sha ?? '';
  const before = latest.get(place) ?? (await recall(repository, path));
  // The directory did not change between the two commits, in the one direction or the other: neither did its entries' commits.
  if (before !== undefined && before.walk.tree === tree && (await reaches(repository, commit, before.commit))) {
    walks.set(key, before.walk);
    return before.walk;
  }
  // Another call may have started it while this one looked around.
  const meanwhile = walks.get(key);
  if (meanwhile !== undefined) return meanwhile;
  const startedAt = performance.now();
  const started = startWalk(repository, { commit, path, tree, before });
  walks.set(key, started);
  void started.ended.then(() => {
    if (started.complete) {
      latest.set(place, { commit, walk: started });
      if (performance.now() - startedAt > KEEP_AFTER_MS) void kept.write(repository, path, { commit, tree, found: [...started.found] });
    }
    // A walk that failed or ran out of time is tried again by the next call.
    else walks.delete(key);
  });
  return started;
}

/** What an earlier process found. */
async function recall(repository: GitRepository, path: string): Promise<{ commit: string; walk: Walk } | undefined> {
  const known = await kept.read(repository, path);
  return known === undefined ? undefined : { commit: known.commit, walk: { found: new Map(known.found), complete: true, ended: Promise.resolve(), tree: known.tree } };
}

const keptWalk = z.object({ commit: z.string(), tree: z.string(), found: z.array(z.tuple([z.string(), z.string()])) });
const kept = createAnswerCache('last-commits', (value) => keptWalk.safeParse(value).data);

function startWalk(repository: GitRepository, scope: { commit: string; path: string; tree: string; before: { commit: string; walk: Walk } | undefined }): Walk {
  const found = new Map<string, string>();
  const walk: { found: Map<string, string>; complete: boolean; ended: Promise<void>; tree: string } = { found, complete: false, tree: scope.tree, ended: Promise.resolve() };
  walk.ended = (async () => {
    try {
      const base = scope.before !== undefined && (await reaches(repository, scope.commit, scope.before.commit)) ? scope.before : undefined;
      await walkHistory(repository, { ...scope, stopAt: base?.commit }, found);
      for (const [name, sha] of base?.walk.found ?? []) if (!found.has(name)) found.set(name, sha);
      walk.complete = true;
    } catch (error) {
      // Partial results are an answer; only what git itself could not read is lost, and the next call meets it again.
      if (!(error instanceof GitError)) throw error;
    }
  })();
  walk.ended.catch(() => undefined);
  return walk;
}

interface WalkScope {
  readonly commit: string;
  readonly path: string;
  readonly stopAt: string | undefined;
}

/**
 * First everything that changed in the directory, which finds most entries within the newest commits. What is left are entries that nobody
 * touched for long: a second walk names them, so that git neither reads other folders nor, with changed-path filters, most commits.
 */
async function walkHistory(repository: GitRepository, scope: WalkScope, found: Map<string, string>): Promise<void> {
  const wanted = await entryNames(repository, scope.commit, scope.path);
  if (wanted.size === 0) return;
  const directory = scope.path === '' ? [] : [scope.path];
  const whole = await walkPaths(repository, scope, { paths: directory, wanted, found, deadline: performance.now() + BROAD_WALK_MS });
  if (whole || wanted.size === 0) return;
  const paths = [...wanted].map((name) => (scope.path === '' ? name : `${scope.path}/${name}`));
  await walkPaths(repository, scope, { paths, wanted, found, deadline: undefined });
}

/** Answers false when it was given up at the deadline, with few enough entries left to name them. */
async function walkPaths(
  repository: GitRepository, scope: WalkScope, opts: { paths: readonly string[]; wanted: Set<string>; found: Map<string, string>; deadline: number | undefined },
): Promise<boolean> {
  const { wanted, found, deadline } = opts;
  const child = repository.git.start(
    ['log', '-z', `--format=${COMMIT_MARK}%H`, '--name-only', '--no-renames', '--diff-merges=dense-combined', scope.commit, ...(scope.stopAt === undefined ? [] : [`^${scope.stopAt}`]), '--'],
    { gitDir: repository.path, paths: opts.paths, timeoutMs: WALK_TIMEOUT_MS, env: { GIT_LITERAL_PATHSPECS: '1' } },
  );
  const prefixLength = scope.path === '' ? 0 : scope.path.length + 1;
  return readOutput(child, 'git log', async ({ lines, ended }) => {
    let sha = '';
    while (wanted.size > 0) {
      const field = await lines.readUntil(0);
      if (field === undefined) break;
      const text = pathText(field);
      if (text.startsWith(COMMIT_MARK) && text.length === COMMIT_MARK.length + 40) {
        if (deadline !== undefined && wanted.size <= MAX_NAMED && performance.now() > deadline) return false;
        sha = text.slice(COMMIT_MARK.length);
        continue;
      }
      // The first path of a commit has the line feed before it that ends the commit's own line.
      const path = text.startsWith('\n') ? text.slice(1) : text;
      const end = path.indexOf('/', prefixLength);
      const name = end < 0 ? path.slice(prefixLength) : path.slice(prefixLength, end);
      if (wanted.delete(name)) found.set(name, sha);
    }
    if (wanted.size > 0) await ended();
    return true;
  });
}

/** Begins the line of a commit; no path begins with it, because git writes paths without a leading slash. */
const COMMIT_MARK = '/commit/';

/** A commit that is gone (the repository was deleted and made again) is reached by nothing. */
async function reaches(repository: GitRepository, descendant: string, ancestor: string): Promise<boolean> {
  try {
    return await isAncestor(repository, ancestor, descendant);
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
  }
}

/** Resolves when the work ends or the time is over, whichever is first. */
async function withinBudget(work: Promise<void>, budgetMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, budgetMs);
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}
