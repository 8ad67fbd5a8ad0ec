import type { z } from 'zod';
import type { BlameView } from '#shared/api/code';
import type { DiffFile as DiffFileView, DiffView, GitCommit, gitPerson, TreeEntry as TreeEntryView } from '#shared/api/git';
import type { Blame } from '../git/history/blame';
import type { Commit, Signature } from '../git/objects/commitObject';
import type { Diff } from '../git/history/diff';
import type { DiffFile } from '../git/history/diffParser';
import { ZERO_OID } from '../git/objects/objectId';
import type { SizedTreeEntry, TreeEntryType } from '../git/objects/tree';

/** Git's facts in the shapes that every door serves (shared/api/git.ts). */
export function toCommitView(commit: Commit): GitCommit {
  const { sha, tree, subject, body } = commit;
  return { sha, parents: [...commit.parents], tree, subject, body, author: toPersonView(commit.author), committer: toPersonView(commit.committer) };
}

export function toPersonView(signature: Signature): z.output<typeof gitPerson> {
  return { name: signature.name, email: signature.email, at: withOffset(signature) };
}

export function toTreeEntryView(folder: string, entry: SizedTreeEntry): TreeEntryView {
  return {
    name: entry.name,
    path: folder === '' ? entry.name : `${folder}/${entry.name}`,
    type: ENTRY_TYPES[entry.type],
    mode: entry.mode,
    sha: entry.sha,
    ...(entry.sizeBytes === undefined ? {} : { sizeBytes: entry.sizeBytes }),
  };
}

/** `diff` holds the files of one page; `totals` those of the whole comparison. */
export function toDiffView(diff: Diff, opts: { baseSha: string; mergeBaseSha?: string; totals: DiffTotals; more: boolean }): DiffView {
  return {
    baseSha: opts.baseSha,
    headSha: diff.head,
    ...(opts.mergeBaseSha === undefined ? {} : { mergeBaseSha: opts.mergeBaseSha }),
    files: diff.files.map(toDiffFileView),
    totalFiles: opts.totals.files,
    additions: opts.totals.additions,
    deletions: opts.totals.deletions,
    ...(opts.totals.uncounted ? { uncounted: true } : {}),
    truncated: opts.more,
  };
}

interface DiffTotals {
  readonly files: number;
  readonly additions: number;
  readonly deletions: number;
  /** The lines are those of the page. */
  readonly uncounted: boolean;
}

export function toDiffFileView(file: DiffFile): DiffFileView {
  const { path, oldPath, similarity, oldMode, newMode, oldSha, newSha } = file;
  return {
    path,
    ...(oldPath === undefined ? {} : { oldPath }),
    status: file.status === 'type-changed' ? 'typechange' : file.status,
    ...(similarity === undefined ? {} : { similarity }),
    ...(oldSha === ZERO_OID ? {} : { oldMode, oldSha }),
    ...(newSha === ZERO_OID ? {} : { newMode, newSha }),
    binary: file.isBinary,
    additions: file.additions,
    deletions: file.deletions,
    hunks: file.hunks.map(({ section, lines, ...hunk }) => ({
      ...hunk,
      heading: section,
      lines: lines.map(({ kind, text, oldLine, newLine, noNewline }) => ({
        type: kind,
        text,
        ...(oldLine === undefined ? {} : { oldLine }),
        ...(newLine === undefined ? {} : { newLine }),
        ...(noNewline === undefined ? {} : { noNewline }),
      })),
    })),
    truncated: file.truncated,
  };
}

export function toBlameView(blame: Blame): Omit<BlameView, 'commit'> {
  const commits = Object.entries(blame.commits).map(([sha, { author, subject }]) => [sha, { author: author.name, email: author.email, at: withOffset(author), subject }] as const);
  return {
    ranges: blame.ranges.map(({ originalPath: path, previous, ...range }) => ({ ...range, path, ...(previous === undefined ? {} : { previous: { ...previous } }) })),
    commits: Object.fromEntries(commits),
    complete: blame.complete,
    ignoresRevisions: blame.ignoresRevisions,
  };
}

const ENTRY_TYPES: Readonly<Record<TreeEntryType, TreeEntryView['type']>> = { file: 'blob', executable: 'blob', symlink: 'symlink', directory: 'tree', submodule: 'submodule' };

/** RFC 3339 on the author's own clock. */
function withOffset(signature: Signature): string {
  const { date, offsetMinutes } = signature;
  const local = new Date(Date.parse(date) + offsetMinutes * 60_000);
  if (Number.isNaN(local.getTime()) || offsetMinutes === 0) return date;
  const [hours, minutes] = [Math.floor(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60].map((part) => String(part).padStart(2, '0'));
  return `${local.toISOString().slice(0, 19)}${offsetMinutes < 0 ? '-' : '+'}${hours ?? '00'}:${minutes ?? '00'}`;
}
