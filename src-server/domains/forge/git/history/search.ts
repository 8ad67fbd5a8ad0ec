import { StatusError } from '#shared/api/status';
import { GitError } from '../process/gitError';
import type { GitRepository } from '../gitRepositories';
import type { LineReader } from '../process/lineReader';
import { readOutput } from '../process/readOutput';
import { pathText } from '../objects/pathText';
import { pathParts } from '../objects/tree';

export interface CodeSearchOptions {
  readonly pattern: string;
  /** POSIX extended regular expression; default is the text as it stands. */
  readonly regex?: boolean;
  readonly caseSensitive?: boolean;
  /** Only in this folder or file. */
  readonly path?: string;
  /** Matching lines. Default 200, at most 2,000. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface CodeMatch {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Byte offset of the match in its line, from 1. */
  readonly column: number;
  /** At most 500 characters. */
  readonly text: string;
}

export interface CodeSearchResult {
  readonly matches: readonly CodeMatch[];
  /** There is more: the limit or the time (10 seconds) was reached. */
  readonly truncated: boolean;
}

const MAX_PER_FILE = 50;
const SEARCH_TIMEOUT_MS = 10_000;
/** `fatal: -e option, '(': Unmatched ( or \\(` */
const BAD_EXPRESSION = /^fatal: (?:command line|-e option), '[\s\S]*': /;

/** Searches the text files of a commit. Throws Invalid for an empty pattern or a broken expression. */
export async function searchCode(repository: GitRepository, commit: string, options: CodeSearchOptions): Promise<CodeSearchResult> {
  const limit = Math.min(options.limit ?? 200, 2000);
  if (options.pattern.trim() === '' || /[\n\0]/.test(options.pattern) || options.pattern.length > 1000) {
    throw new StatusError('Invalid', 'Search for one line of at most 1,000 characters', { causes: [{ code: 'FieldValueInvalid', field: 'q', message: 'write some text without line breaks' }] });
  }
  const path = pathParts(options.path ?? '').join('/');
  const child = repository.git.start(
    [
      'grep', '-z', '-n', '--column', '-I', '--full-name', '--no-color', '--no-textconv', `--max-count=${MAX_PER_FILE}`,
      options.regex === true ? '--extended-regexp' : '--fixed-strings',
      ...(options.caseSensitive === true ? [] : ['--ignore-case']),
      '-e', options.pattern, commit, '--',
    ],
    { gitDir: repository.path, paths: path === '' ? [] : [path], signal: options.signal, timeoutMs: SEARCH_TIMEOUT_MS, env: { GIT_LITERAL_PATHSPECS: '1' } },
  );
  const matches: CodeMatch[] = [];
  try {
    return await readOutput(child, 'git grep', async ({ lines, ended }) => {
      for (let match = await readMatch(lines, commit); match !== undefined; match = await readMatch(lines, commit)) {
        if (matches.length === limit) return { matches, truncated: true };
        matches.push(match);
      }
      // 1: it found nothing.
      await ended(0, 1);
      return { matches, truncated: false };
    });
  } catch (reason) {
    if (reason instanceof GitError && reason.failure === 'timeout') return { matches, truncated: true };
    if (reason instanceof GitError && options.regex === true && BAD_EXPRESSION.test(reason.stderr)) {
      throw new StatusError('Invalid', 'This is not a regular expression', { causes: [{ code: 'FieldValueInvalid', field: 'q', message: reason.stderr.replace(BAD_EXPRESSION, '') }], cause: reason });
    }
    throw reason;
  }
}

/** `<commit>:<path>\0<line>\0<column>\0<text>\n` */
async function readMatch(reader: LineReader, commit: string): Promise<CodeMatch | undefined> {
  const place = await reader.readUntil(0);
  if (place === undefined) return undefined;
  const line = await reader.readUntil(0);
  const column = await reader.readUntil(0);
  const text = await reader.readLineBytes();
  if (line === undefined || column === undefined || text === undefined) throw new Error('git grep ended in the middle of a match');
  return { path: pathText(place.subarray(commit.length + 1)), line: Number(line.toString()), column: Number(column.toString()), text: text.toString('utf8').slice(0, 500) };
}
