import type { DiffView } from '#shared/api/git';
import { StatusError } from '#shared/api/status';
import { changedFiles, type Diff, diffCommits, diffFile, diffOfFew, type Whitespace } from '../git/history/diff';
import type { ChangedFile } from '../git/history/diffParser';
import type { GitRepository } from '../git/gitRepositories';
import { LruCache } from '../git/lruCache';
import { toDiffView } from './gitViews';

export interface DiffPageOptions {
  /** Undefined compares with the empty tree. */
  readonly base: string | undefined;
  readonly head: string;
  /** Tip of the branch that is compared with, when it is not `base` itself. */
  readonly baseSha?: string;
  readonly mergeBaseSha?: string;
  /** Only this file, with all its lines. */
  readonly path?: string | undefined;
  /** Files after this path, from the page before. */
  readonly after?: string | undefined;
  /** Default `show`. */
  readonly whitespace?: Whitespace | undefined;
  readonly signal?: AbortSignal;
}

/** Files of one page. */
const PAGE_FILES = 100;
const PAGE_LINES = 20_000;
/** Of more files the lines are counted page by page: to count those of all, git would read both sides of each first. */
const COUNTED_FILES = 2000;

/** What changed between two commits. */
interface Changes {
  readonly files: readonly ChangedFile[];
  readonly firstPage: Diff;
  /** Absent where there are too many files. */
  readonly lines?: { readonly additions: number; readonly deletions: number };
}

/** By repository and commits, which never change; weighed by files and lines. */
const knownChanges = new LruCache<Changes>(400_000);

/** One page of the changes between two commits; `truncated` says that there are more files after the last one. */
export async function readDiffPage(git: GitRepository, options: DiffPageOptions): Promise<DiffView> {
  const { base, head, path, after, signal, whitespace = 'show' } = options;
  const range: Range = { base, head, whitespace, ...(signal === undefined ? {} : { signal }) };
  const changes = await readChanges(git, range);
  const view = (diff: Diff, more: boolean): DiffView => {
    const { additions, deletions } = changes.lines ?? diff;
    return toDiffView(diff, {
      baseSha: options.baseSha ?? base ?? '',
      ...(options.mergeBaseSha === undefined ? {} : { mergeBaseSha: options.mergeBaseSha }),
      totals: { files: changes.files.length, additions, deletions, uncounted: changes.lines === undefined },
      more,
    });
  };
  if (path !== undefined) {
    const wanted = changes.files.find((file) => file.path === path || file.oldPath === path);
    if (wanted === undefined) throw new StatusError('NotFound', `"${path}" did not change`, { code: 'PATH_NOT_FOUND' });
    const file = await diffFile(git, { ...range, path: wanted.path, ...(wanted.oldPath === undefined ? {} : { oldPath: wanted.oldPath }) });
    return view({ base, head, files: [file], additions: file.additions, deletions: file.deletions, truncated: file.truncated }, false);
  }
  if (after === undefined) return view(changes.firstPage, changes.files.length > PAGE_FILES);
  const start = changes.files.findIndex((file) => file.path === after) + 1;
  const diff = await readPage(git, range, changes.files.slice(start, start + PAGE_FILES));
  return view(diff, start + PAGE_FILES < changes.files.length);
}

const PAGE_LIMITS = { maxFiles: PAGE_FILES, maxLines: PAGE_LINES };

type Range = Pick<DiffPageOptions, 'base' | 'head' | 'signal'> & { readonly whitespace: Whitespace };

/** git lists every file before the first line, so the list, the totals and the first page are one reading, which ends with the page. */
async function readChanges(git: GitRepository, range: Range): Promise<Changes> {
  const key = [git.path, range.base ?? '', range.head, range.whitespace].join('\0');
  const known = knownChanges.get(key);
  if (known !== undefined) return known;
  const changes = await findChanges(git, range);
  const { firstPage, files } = changes;
  knownChanges.set(key, changes, 1 + files.length + firstPage.files.reduce((sum, file) => sum + file.hunks.reduce((lines, hunk) => lines + hunk.lines.length, 0), 0));
  return changes;
}

async function findChanges(git: GitRepository, range: Range): Promise<Changes> {
  const whole = await diffOfFew(git, { ...range, maxChanged: COUNTED_FILES, limits: PAGE_LIMITS });
  if (whole !== undefined) {
    const { files, additions, deletions } = whole;
    return { files: files.map(({ path, oldPath }) => ({ path, ...(oldPath === undefined ? {} : { oldPath }) })), firstPage: { ...whole, files: files.slice(0, PAGE_FILES) }, lines: { additions, deletions } };
  }
  const files = await changedFiles(git, range);
  return { files, firstPage: await readPage(git, range, files.slice(0, PAGE_FILES)) };
}

async function readPage(git: GitRepository, range: Range, files: readonly ChangedFile[]): Promise<Diff> {
  if (files.length === 0) return { base: range.base, head: range.head, files: [], additions: 0, deletions: 0, truncated: false };
  // Both names of a renamed file have to be given, or git shows a removal and an addition.
  const paths = files.flatMap(({ path, oldPath }) => (oldPath === undefined ? [path] : [oldPath, path]));
  return diffCommits(git, { ...range, paths, limits: PAGE_LIMITS });
}
