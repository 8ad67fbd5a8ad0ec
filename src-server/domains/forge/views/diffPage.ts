import type { DiffView } from '#shared/api/git';
import { StatusError } from '#shared/api/status';
import { type Diff, diffCommits, diffFile, diffSummary, type Whitespace } from '../git/diff';
import type { GitRepository } from '../git/gitRepositories';
import { LruCache } from '../git/lruCache';
import { type DiffTotals, toDiffFileView, toDiffView } from './gitViews';

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

/** By repository and commits, which never change; weighed by files and lines. */
const firstPages = new LruCache<Diff>(400_000);

/** One page of the changes between two commits; `truncated` says that there are more files after the last one. */
export async function readDiffPage(git: GitRepository, options: DiffPageOptions): Promise<DiffView> {
  const { base, head, signal, whitespace = 'show' } = options;
  const common = { base, head, whitespace, ...(signal === undefined ? {} : { signal }) };
  if (options.path === undefined && options.after === undefined) {
    // git lists every file before the first line, so the first page and the totals are one reading, which ends with the page.
    const key = [git.path, base ?? '', head, whitespace].join('\0');
    const diff = firstPages.get(key) ?? (await diffCommits(git, { ...common, limits: { maxFiles: PAGE_FILES, maxLines: PAGE_LINES } }));
    firstPages.set(key, diff, diff.files.reduce((sum, file) => sum + 1 + file.hunks.reduce((lines, hunk) => lines + hunk.lines.length, 0), 1));
    const whole = { baseSha: options.baseSha ?? base ?? '', ...(options.mergeBaseSha === undefined ? {} : { mergeBaseSha: options.mergeBaseSha }), totals: { files: diff.files.length, additions: diff.additions, deletions: diff.deletions } };
    return toDiffView({ ...diff, files: diff.files.slice(0, PAGE_FILES) }, { ...whole, more: diff.files.length > PAGE_FILES });
  }
  const summary = await diffSummary(git, common);
  const totals: DiffTotals = { files: summary.files.length, additions: summary.additions, deletions: summary.deletions };
  const shared = { baseSha: options.baseSha ?? base ?? '', ...(options.mergeBaseSha === undefined ? {} : { mergeBaseSha: options.mergeBaseSha }), totals };
  if (options.path !== undefined) {
    const wanted = summary.files.find((file) => file.path === options.path || file.oldPath === options.path);
    if (wanted === undefined) throw new StatusError('NotFound', `"${options.path}" did not change`, { code: 'PATH_NOT_FOUND' });
    const file = await diffFile(git, { ...common, path: wanted.path, ...(wanted.oldPath === undefined ? {} : { oldPath: wanted.oldPath }) });
    return { ...toDiffView({ base, head, files: [], additions: 0, deletions: 0, truncated: false }, { ...shared, more: false }), files: [toDiffFileView(file)] };
  }
  const start = options.after === undefined ? 0 : summary.files.findIndex((file) => file.path === options.after) + 1;
  const page = summary.files.slice(start, start + PAGE_FILES);
  // Both names of a renamed file have to be given, or git shows a removal and an addition.
  const paths = page.flatMap((file) => (file.oldPath === undefined ? [file.path] : [file.oldPath, file.path]));
  if (page.length === 0) return toDiffView({ base, head, files: [], additions: 0, deletions: 0, truncated: false }, { ...shared, more: false });
  const diff = await diffCommits(git, { ...common, paths, limits: { maxFiles: PAGE_FILES, maxLines: PAGE_LINES } });
  return toDiffView(diff, { ...shared, more: start + page.length < summary.files.length });
}
