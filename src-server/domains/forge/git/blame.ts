import { StatusError } from '#shared/api/status';
import { parseSignature, type Signature } from './commitObject';
import { GitError } from './gitError';
import type { GitRepository } from './gitRepositories';

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
}

export interface Blame {
  readonly ranges: readonly BlameRange[];
  readonly commits: Readonly<Record<string, BlameCommit>>;
}

/**
 * Which commit wrote which line of a file. Throws NotFound for a missing path, and RequestEntityTooLarge when it would take too long
 * (20 seconds) or answer too much.
 */
export async function blameFile(repository: GitRepository, commit: string, options: { path: string; startLine?: number; endLine?: number; signal?: AbortSignal }): Promise<Blame> {
  const range = options.startLine === undefined ? [] : ['-L', `${options.startLine},${options.endLine ?? ''}`];
  try {
    const { stdout } = await repository.git.run(['blame', '--incremental', ...range, commit, '--', options.path], {
      gitDir: repository.path,
      signal: options.signal,
      timeoutMs: 20_000,
    });
    return parseIncrementalBlame(stdout.toString('utf8'));
  } catch (error) {
    if (error instanceof GitError && /no such path/.test(error.stderr)) throw new StatusError('NotFound', `There is no "${options.path}" at this commit`, { code: 'PATH_NOT_FOUND', cause: error });
    if (error instanceof GitError && /has only \d+ lines?/.test(error.stderr)) throw new StatusError('Invalid', 'The file has fewer lines than that', { cause: error });
    if (error instanceof GitError && error.failure !== 'failed') throw new StatusError('RequestEntityTooLarge', 'The history of this file is too long to annotate', { cause: error });
    throw error;
  }
}

/** The format of `git blame --incremental`: `<sha> <original line> <line> <count>`, details once per commit, `filename` ends a run. */
export function parseIncrementalBlame(text: string): Blame {
  const commits: Record<string, BlameCommit> = {};
  const ranges: BlameRange[] = [];
  let current: { sha: string; originalLine: number; line: number; lineCount: number } | undefined;
  let details = new Map<string, string>();
  for (const row of text.split('\n')) {
    const start = /^([0-9a-f]{40}) (\d+) (\d+) (\d+)$/.exec(row);
    if (start !== null) {
      current = { sha: start[1] ?? '', originalLine: Number(start[2]), line: Number(start[3]), lineCount: Number(start[4]) };
      details = new Map();
      continue;
    }
    const space = row.indexOf(' ');
    const key = space < 0 ? row : row.slice(0, space);
    const value = space < 0 ? '' : row.slice(space + 1);
    details.set(key, value);
    if (key !== 'filename' || current === undefined) continue;
    if (details.has('author')) commits[current.sha] = blameCommit(current.sha, details);
    ranges.push({ ...current, originalPath: value });
    current = undefined;
  }
  return { ranges: ranges.sort((a, b) => a.line - b.line), commits };
}

function blameCommit(sha: string, details: ReadonlyMap<string, string>): BlameCommit {
  const author = parseSignature(`${details.get('author') ?? ''} ${details.get('author-mail') ?? '<>'} ${details.get('author-time') ?? '0'} ${details.get('author-tz') ?? '+0000'}`);
  return { sha, author, subject: details.get('summary') ?? '' };
}
