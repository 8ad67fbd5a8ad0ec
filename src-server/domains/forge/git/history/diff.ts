import { StatusError } from '#shared/api/status';
import { mergeBase } from './commits';
import { type ChangedFile, type DiffFile, type DiffFileSummary, type DiffLimits, readChangedPaths, readPatches, readSummaries } from './diffParser';
import type { GitRepository } from '../gitRepositories';
import { LineReader } from '../process/lineReader';
import { readOutput } from '../process/readOutput';
import { EMPTY_TREE } from '../objects/objectId';

/** `ignore-change`: other amounts of white space are the same; `ignore-all`: white space counts for nothing. */
export type Whitespace = 'show' | 'ignore-change' | 'ignore-all';

export interface DiffOptions {
  /** Undefined compares with the empty tree: everything is added. */
  readonly base: string | undefined;
  readonly head: string;
  /** Compare with the merge base of both, as a pull request does. Default false. */
  readonly fromMergeBase?: boolean;
  /** Only these paths; for a renamed file give both. */
  readonly paths?: readonly string[];
  /** Which changes of white space are shown. Default `show`. */
  readonly whitespace?: Whitespace;
  /** Unchanged lines around a change. Default 3, at most 100. */
  readonly contextLines?: number;
  readonly limits?: Partial<DiffLimits>;
  readonly signal?: AbortSignal;
}

export interface Diff {
  /** The commit that was really compared with; undefined for the empty tree. */
  readonly base: string | undefined;
  readonly head: string;
  /** Every changed file, those without content included. */
  readonly files: readonly DiffFile[];
  readonly additions: number;
  readonly deletions: number;
  /** Some file's content is missing or cut; its own `truncated` says which. */
  readonly truncated: boolean;
}

export const DEFAULT_DIFF_LIMITS: DiffLimits = { maxFiles: 300, maxFileLines: 3000, maxLines: 20_000, maxLineBytes: 4096 };

/**
 * The changes between two commits, with hunks up to the limits. One process reads all of it, and is ended at the limit. Throws
 * Invalid when the merge base is asked for and the histories have nothing in common.
 */
export async function diffCommits(repository: GitRepository, options: DiffOptions): Promise<Diff> {
  const diff = await diffOfFew(repository, { ...options, maxChanged: Number.POSITIVE_INFINITY });
  if (diff === undefined) throw new Error('a diff without a limit is over it');
  return diff;
}

/**
 * The same, if no more than `maxChanged` files changed; else undefined, soon: before git writes how many lines changed, it has read both sides of every
 * file, and which files those are it has written before.
 */
export async function diffOfFew(repository: GitRepository, options: DiffOptions & { readonly maxChanged: number }): Promise<Diff | undefined> {
  const base = await baseOf(repository, options);
  const limits = { ...DEFAULT_DIFF_LIMITS, ...options.limits };
  const read = await readDiff(repository, { ...options, base }, limits);
  if (read === undefined) return undefined;
  const { files, complete } = read;
  return { base, head: options.head, files, ...sums(files), truncated: !complete || files.some((file) => file.truncated) };
}

/** Which files changed, without counting lines. */
export async function changedFiles(repository: GitRepository, options: DiffOptions): Promise<ChangedFile[]> {
  return readChangedPaths(await listChanges(repository, { ...options, base: await baseOf(repository, options) }, ['--raw']));
}

/** The changed files between two commits without their content: for the file tree, and for diffs of any size. */
export async function diffSummary(repository: GitRepository, options: DiffOptions): Promise<{ base: string | undefined; files: DiffFileSummary[]; additions: number; deletions: number }> {
  const base = await baseOf(repository, options);
  const files = (await readSummaries(new LineReader(only(await listChanges(repository, { ...options, base }, ['--raw', '--numstat']))))) ?? [];
  return { base, files, ...sums(files) };
}

/** One file of a diff with all its lines, up to a limit that only files beyond reading reach. Throws NotFound when it did not change. */
export async function diffFile(repository: GitRepository, options: Omit<DiffOptions, 'paths'> & { path: string; oldPath?: string }): Promise<DiffFile> {
  const { path, oldPath, ...rest } = options;
  const limits = { maxFileLines: 100_000, maxLines: 100_000, ...options.limits };
  const diff = await diffCommits(repository, { ...rest, limits, paths: oldPath === undefined ? [path] : [oldPath, path] });
  const file = diff.files.find((candidate) => candidate.path === path) ?? diff.files[0];
  if (file === undefined) throw new StatusError('NotFound', `"${path}" did not change`, { code: 'PATH_NOT_FOUND' });
  return file;
}

async function listChanges(repository: GitRepository, options: DiffOptions, lists: readonly string[]): Promise<Buffer> {
  const { stdout } = await repository.git.run([...diffArguments(options), ...lists, ...endpoints(options.base, options)], {
    gitDir: repository.path,
    paths: options.paths,
    signal: options.signal,
    maxBytes: 256 * 1024 * 1024,
    env: { GIT_LITERAL_PATHSPECS: '1' },
  });
  return stdout;
}

async function readDiff(repository: GitRepository, options: DiffOptions & { readonly maxChanged: number }, limits: DiffLimits): Promise<{ files: DiffFile[]; complete: boolean } | undefined> {
  const context = Math.min(Math.max(options.contextLines ?? 3, 0), 100);
  const args = [...diffArguments(options), '--raw', '--numstat', '--patch', `--unified=${context}`, ...endpoints(options.base, options)];
  const child = repository.git.start(args, { gitDir: repository.path, paths: options.paths, signal: options.signal, env: { GIT_LITERAL_PATHSPECS: '1' } });
  return readOutput(child, 'git diff-tree', async ({ lines, ended }) => {
    const summaries = await readSummaries(lines, options.maxChanged);
    if (summaries === undefined) return undefined;
    const result = await readPatches(lines, summaries, limits);
    if (result.complete) await ended();
    return result;
  });
}

const WHITESPACE_ARGUMENTS: Readonly<Record<Whitespace, readonly string[]>> = {
  show: [],
  // Blank lines that came or went are white space, too.
  'ignore-change': ['--ignore-space-change', '--ignore-space-at-eol', '--ignore-blank-lines'],
  'ignore-all': ['--ignore-all-space', '--ignore-blank-lines'],
};

function diffArguments(options: DiffOptions): string[] {
  return [
    'diff-tree',
    '-r',
    '-z',
    '--no-commit-id',
    '--full-index',
    '--find-renames',
    '-l5000',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    '--src-prefix=a/',
    '--dst-prefix=b/',
    '--submodule=short',
    ...WHITESPACE_ARGUMENTS[options.whitespace ?? 'show'],
  ];
}

function endpoints(base: string | undefined, options: DiffOptions): string[] {
  // An id may come from a runner's report; it must never be read as an option.
  return ['--end-of-options', base ?? EMPTY_TREE, options.head, '--'];
}

async function baseOf(repository: GitRepository, options: DiffOptions): Promise<string | undefined> {
  if (options.fromMergeBase !== true || options.base === undefined) return options.base;
  const base = await mergeBase(repository, options.base, options.head);
  if (base === undefined) throw new StatusError('Invalid', 'The two branches have no commit in common, so there is nothing to compare', { code: 'UNRELATED_HISTORIES' });
  return base;
}

function sums(files: readonly DiffFileSummary[]): { additions: number; deletions: number } {
  return {
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
  };
}

async function* only(chunk: Buffer): AsyncGenerator<Buffer> {
  yield chunk;
}
