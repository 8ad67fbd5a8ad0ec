import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import { createAnswerCache } from './answerCache';
import { parseSignature, type Signature } from '../objects/commitObject';
import { lastCommitOf } from './commits';
import { GitError } from '../process/gitError';
import type { GitRepository } from '../gitRepositories';
import type { LineReader } from '../process/lineReader';
import { readOutput } from '../process/readOutput';
import { LruCache } from '../lruCache';
import { findEntry, requireEntry } from '../objects/tree';
import { unquotePath } from '../objects/unquotePath';

export interface BlameCommit {
  readonly sha: string;
  readonly author: Signature;
  readonly subject: string;
}

/** A run of lines that the same commit wrote. */
export interface BlameRange {
  readonly sha: string;
  /** First line of the run in the file, from 1. */
  readonly line: number;
  readonly lineCount: number;
  /** Where the lines stood in that commit. */
  readonly originalPath: string;
  readonly originalLine: number;
  /** The file as it was before that commit; absent where it began. */
  readonly previous?: { readonly sha: string; readonly path: string };
}

export interface Blame {
  readonly ranges: readonly BlameRange[];
  readonly commits: Readonly<Record<string, BlameCommit>>;
  /** false: the time was over first, and lines are missing. The work goes on; ask again. */
  readonly complete: boolean;
  /** Commits of {@link IGNORED_REVISIONS_FILE} were looked through. */
  readonly ignoresRevisions: boolean;
}

export interface BlameOptions {
  readonly path: string;
  /** Look through the commits that the repository itself lists, as `git blame --ignore-revs-file` does. Default true. */
  readonly ignoreRevisions?: boolean;
  /** Milliseconds to wait. Default 1,000. */
  readonly budgetMs?: number;
}

/** Where a repository lists the commits that only moved white space, at its root; the name that other forges look for. */
export const IGNORED_REVISIONS_FILE = '.git-blame-ignore-revs';

const TIMEOUT_MS = 60_000;
const KEEP_AFTER_MS = 300;
const MAX_IGNORED = 2000;
/** By ranges, which are what an answer is made of. */
const CACHED_RANGES = 400_000;

interface Work {
  readonly ranges: BlameRange[];
  readonly commits: Record<string, BlameCommit>;
  complete: boolean;
  /** Settles when git has ended; rejects with what went wrong. */
  ended: Promise<void>;
}

const answers = new LruCache<Work>(CACHED_RANGES);
/** Under way, by the same keys. */
const working = new Map<string, Work>();

/**
 * Which commit wrote which line of a file, as far as that is known when the time is over. An answer is kept by the last commit that touched
 * the file, so that pushes elsewhere cost nothing. Throws NotFound for a missing path, and RequestEntityTooLarge when it takes too long.
 */
export async function blameFile(repository: GitRepository, commit: string, options: BlameOptions): Promise<Blame> {
  const { path, budgetMs = 1000 } = options;
  const entry = await requireEntry(repository, commit, path);
  if (entry.type === 'directory' || entry.type === 'submodule') throw new StatusError('Invalid', `"${path}" is a ${entry.type}, not a file`, { code: 'NOT_A_FILE' });
  const ignored = options.ignoreRevisions === false ? undefined : await readIgnored(repository, commit);
  const last = await lastCommitOf(repository, commit, path);
  const key = [path, last ?? commit, entry.sha, ignored?.blob ?? ''].join('\0');
  const work = await begin(repository, { key, commit: last ?? commit, path, ignored: ignored?.shas ?? [] });
  if (!work.complete) await within(work.ended, budgetMs);
  return { ranges: [...work.ranges].sort((left, right) => left.line - right.line), commits: work.commits, complete: work.complete, ignoresRevisions: ignored !== undefined };
}

async function begin(repository: GitRepository, wanted: { key: string; commit: string; path: string; ignored: readonly string[] }): Promise<Work> {
  const key = `${repository.path}\0${wanted.key}`;
  const known = answers.get(key) ?? working.get(key);
  if (known !== undefined) return known;
  const stored = await kept.read(repository, wanted.key);
  const meanwhile = answers.get(key) ?? working.get(key);
  if (meanwhile !== undefined) return meanwhile;
  if (stored !== undefined) {
    const work: Work = { ...stored, complete: true, ended: Promise.resolve() };
    answers.set(key, work, work.ranges.length + 1);
    return work;
  }
  const work: Work = { ranges: [], commits: {}, complete: false, ended: Promise.resolve() };
  working.set(key, work);
  const startedAt = performance.now();
  work.ended = run(repository, wanted, work)
    .then(() => {
      work.complete = true;
      answers.set(key, work, work.ranges.length + 1);
      if (performance.now() - startedAt > KEEP_AFTER_MS) void kept.write(repository, wanted.key, { ranges: work.ranges, commits: work.commits });
    })
    .finally(() => working.delete(key));
  work.ended.catch(() => undefined);
  return work;
}

async function run(repository: GitRepository, wanted: { commit: string; path: string; ignored: readonly string[] }, work: Work): Promise<void> {
  const child = repository.git.start(['blame', '--incremental', ...wanted.ignored.map((sha) => `--ignore-rev=${sha}`), wanted.commit, '--'], {
    gitDir: repository.path, paths: [wanted.path], timeoutMs: TIMEOUT_MS,
  });
  try {
    await readOutput(child, 'git blame', async ({ lines, ended }) => {
      await readIncrementalBlame(lines, work);
      await ended();
    });
  } catch (reason) {
    if (reason instanceof GitError && /no such path/.test(reason.stderr)) throw new StatusError('NotFound', `There is no "${wanted.path}" at this commit`, { code: 'PATH_NOT_FOUND', cause: reason });
    if (reason instanceof GitError && reason.failure === 'timeout') throw new StatusError('RequestEntityTooLarge', 'The history of this file is too long to annotate', { cause: reason });
    throw reason;
  }
}

/** The format of `git blame --incremental`: `<sha> <original line> <line> <count>`, details once per commit, `filename` ends a run. */
export async function readIncrementalBlame(reader: LineReader, into: { ranges: BlameRange[]; commits: Record<string, BlameCommit> }): Promise<void> {
  let current: { sha: string; originalLine: number; line: number; lineCount: number } | undefined;
  let details = new Map<string, string>();
  for (let bytes = await reader.readLineBytes(); bytes !== undefined; bytes = await reader.readLineBytes()) {
    const start = bytes[40] === SPACE ? /^([0-9a-f]{40}) (\d+) (\d+) (\d+)$/.exec(bytes.toString('latin1')) : null;
    if (start !== null) {
      current = { sha: start[1] ?? '', originalLine: Number(start[2]), line: Number(start[3]), lineCount: Number(start[4]) };
      details = new Map();
      continue;
    }
    const space = bytes.indexOf(SPACE);
    const key = bytes.toString('latin1', 0, space < 0 ? bytes.length : space);
    const value = space < 0 ? Buffer.alloc(0) : bytes.subarray(space + 1);
    if (key === 'previous') details.set(key, `${value.toString('latin1', 0, 40)}${unquotePath(value.subarray(41))}`);
    else if (key !== 'filename') details.set(key, value.toString('utf8'));
    if (key !== 'filename' || current === undefined) continue;
    if (details.has('author')) into.commits[current.sha] = blameCommit(current.sha, details);
    const previous = details.get('previous');
    into.ranges.push({ ...current, originalPath: unquotePath(value), ...(previous === undefined ? {} : { previous: { sha: previous.slice(0, 40), path: previous.slice(40) } }) });
    current = undefined;
  }
}

const SPACE = 0x20;

function blameCommit(sha: string, details: ReadonlyMap<string, string>): BlameCommit {
  const author = parseSignature(`${details.get('author') ?? ''} ${details.get('author-mail') ?? '<>'} ${details.get('author-time') ?? '0'} ${details.get('author-tz') ?? '+0000'}`);
  return { sha, author, subject: details.get('summary') ?? '' };
}

/** The commits that the file lists and the repository has; git would refuse the whole for one that it does not know. */
async function readIgnored(repository: GitRepository, commit: string): Promise<{ blob: string; shas: readonly string[] } | undefined> {
  const entry = await findEntry(repository, commit, IGNORED_REVISIONS_FILE);
  if (entry === undefined || (entry.type !== 'file' && entry.type !== 'executable')) return undefined;
  const object = await repository.objects.read(entry.sha, 1024 * 1024).catch(() => undefined);
  if (object === undefined) return undefined;
  const listed = object.content.toString('utf8').split('\n').flatMap((line) => /^\s*([0-9a-f]{40})\b/.exec(line)?.[1] ?? []).slice(0, MAX_IGNORED);
  const infos = await Promise.all(listed.map((sha) => repository.objects.info(sha)));
  return { blob: entry.sha, shas: listed.filter((_, index) => infos[index]?.type === 'commit') };
}

async function within(work: Promise<void>, budgetMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([work, new Promise<void>((resolve) => {
      timer = setTimeout(resolve, budgetMs);
    })]);
  } finally {
    clearTimeout(timer);
  }
}

const signature = z.object({ name: z.string(), email: z.string(), date: z.string(), offsetMinutes: z.number() });
const keptBlame = z.object({
  ranges: z.array(z.object({
    sha: z.string(), line: z.number(), lineCount: z.number(), originalPath: z.string(), originalLine: z.number(), previous: z.object({ sha: z.string(), path: z.string() }).optional(),
  })),
  commits: z.record(z.string(), z.object({ sha: z.string(), author: signature, subject: z.string() })),
});
const kept = createAnswerCache('blame', (value): Pick<Work, 'ranges' | 'commits'> | undefined => {
  const parsed = keptBlame.safeParse(value).data;
  return parsed === undefined ? undefined : { commits: parsed.commits, ranges: parsed.ranges.map(({ previous, ...range }) => ({ ...range, ...(previous === undefined ? {} : { previous }) })) };
});
