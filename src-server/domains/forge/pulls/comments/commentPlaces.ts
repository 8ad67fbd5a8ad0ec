import { mergeBase } from '../../git/history/commits';
import { diffCommits, diffSummary } from '../../git/history/diff';
import type { GitRepository } from '../../git/gitRepositories';
import { LruCache } from '../../git/lruCache';
import { type AnchorHunk, mapLine } from './anchors';
import type { PullFacts } from '../pullFacts';
import type { InlineComment } from './threads';

/** Where comments are looked for: the present diff of the pull request. */
export interface PresentDiff {
  readonly git: GitRepository;
  readonly head: string;
  readonly base: string;
  readonly facts: PullFacts;
}

/** Where a comment is in the present diff. */
export interface CommentPlace {
  readonly path: string;
  /** Undefined for a comment on the file, and when a line of it was changed or removed. */
  readonly lines: { readonly start: number; readonly end: number } | undefined;
}

/** One step of a file through history: from the commit that a comment was written on to the present. */
interface Step {
  readonly from: string;
  readonly to: string;
  readonly path: string;
}

interface FileMove {
  readonly path: string;
  /** Undefined where the file changed too much to follow its lines. */
  readonly hunks: readonly AnchorHunk[] | undefined;
}

/** By repository, commits and path. A file's diff between two commits never changes. */
const moves = new LruCache<{ move: FileMove | undefined }>(100_000);
const LIMITS = { maxFiles: 1000, maxFileLines: 50_000, maxLines: 100_000 };

/**
 * The commented lines in the present diff, followed through every push since, rebases and renames included; undefined when the file is gone, or
 * the commit that the comment was written on. A range is where all of its lines still are, one after the other.
 */
export async function placeComment(comment: InlineComment, diff: PresentDiff): Promise<CommentPlace | undefined> {
  const { path, side, line, startLine } = comment;
  const step = await stepOf(comment, diff);
  if (step === undefined) return undefined;
  const move = step.from === step.to ? { path: step.path, hunks: [] } : await fileMove(diff.git, step);
  if (move === undefined) return undefined;
  return { path: side === 'new' ? move.path : path, lines: line === undefined || move.hunks === undefined ? undefined : mapRange(move.hunks, startLine ?? line, line) };
}

/** Reads what many comments need by one process for each pair of commits, instead of one for each file. */
export async function preparePlaces(comments: readonly InlineComment[], diff: PresentDiff): Promise<void> {
  const groups = new Map<string, { from: string; to: string; paths: Set<string> }>();
  for (const comment of comments) {
    const step = await stepOf(comment, diff);
    if (step === undefined || step.from === step.to || moves.get(keyOf(diff.git, step)) !== undefined) continue;
    const group = groups.get(`${step.from}\0${step.to}`) ?? { from: step.from, to: step.to, paths: new Set<string>() };
    groups.set(`${step.from}\0${step.to}`, group);
    group.paths.add(step.path);
  }
  for (const { from, to, paths } of groups.values()) {
    if (paths.size < 2 || paths.size > LIMITS.maxFiles) continue;
    const { files } = await diffCommits(diff.git, { base: from, head: to, contextLines: 0, limits: LIMITS, paths: [...paths] });
    const changed = new Map(files.map((file) => [file.oldPath ?? file.path, file]));
    for (const path of paths) {
      const file = changed.get(path);
      // A file that is gone or cut is looked at by itself: it may have another name.
      if (file === undefined) remember(diff.git, { from, to, path }, { path, hunks: [] });
      else if (file.status !== 'deleted' && !file.truncated) remember(diff.git, { from, to, path }, { path: file.path, hunks: file.hunks });
    }
  }
}

/** Every line of a range has to be there, and still one after the other. */
function mapRange(hunks: readonly AnchorHunk[], start: number, end: number): CommentPlace['lines'] {
  const first = mapLine(hunks, start);
  const last = mapLine(hunks, end);
  if (first === undefined || last === undefined || last - first !== end - start) return undefined;
  for (let line = start + 1; line < end; line += 1) if (mapLine(hunks, line) !== first + line - start) return undefined;
  return { start: first, end: last };
}

async function stepOf({ path, side, commitSha }: InlineComment, diff: PresentDiff): Promise<Step | undefined> {
  const { git, facts } = diff;
  const to = side === 'new' ? diff.head : (facts.mergeBaseSha ?? diff.base);
  // The old side is counted in the file as it was called before the change.
  const there = side === 'new' ? path : (facts.paths.get(path) ?? path);
  if (commitSha === undefined || commitSha === diff.head) return { from: to, to, path: there };
  if ((await git.objects.info(commitSha)) === undefined) return undefined;
  const from = side === 'new' ? commitSha : await mergeBase(git, diff.base, commitSha);
  return from === undefined ? undefined : { from, to, path: there };
}

function keyOf(git: GitRepository, { from, to, path }: Step): string {
  return [git.path, from, to, path].join('\0');
}

function remember(git: GitRepository, step: Step, move: FileMove | undefined): void {
  moves.set(keyOf(git, step), { move }, 1 + (move?.hunks?.reduce((sum, hunk) => sum + hunk.lines.length, 0) ?? 0));
}

/** What became of a file between two commits; undefined when it was removed. */
async function fileMove(git: GitRepository, step: Step): Promise<FileMove | undefined> {
  const known = moves.get(keyOf(git, step));
  if (known !== undefined) return known.move;
  const move = await readMove(git, step);
  remember(git, step, move);
  return move;
}

async function readMove(git: GitRepository, { from, to, path }: Step): Promise<FileMove | undefined> {
  const options = { base: from, head: to, contextLines: 0, limits: LIMITS };
  const { files } = await diffCommits(git, { ...options, paths: [path] });
  const file = files[0];
  if (file === undefined) return { path, hunks: [] };
  if (file.status !== 'deleted') return { path, hunks: file.truncated ? undefined : file.hunks };
  // Renames show only when the new name is looked at, too.
  const renamed = (await diffSummary(git, { base: from, head: to })).files.find((each) => each.oldPath === path && each.status === 'renamed');
  if (renamed === undefined) return undefined;
  const both = await diffCommits(git, { ...options, paths: [path, renamed.path] });
  const moved = both.files.find((each) => each.path === renamed.path && each.oldPath === path);
  return moved === undefined ? undefined : { path: moved.path, hunks: moved.truncated ? undefined : moved.hunks };
}
