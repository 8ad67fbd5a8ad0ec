import type { ReviewThread } from '#shared/api/forgeViews';
import { mergeBase } from '../git/commits';
import { diffCommits, diffSummary } from '../git/diff';
import type { GitRepository } from '../git/gitRepositories';
import { LruCache } from '../git/lruCache';
import { submittedAt } from './approvals';
import { type AnchorHunk, mapLine } from './anchors';
import type { PullFacts } from './pullFacts';
import { collectThreads, commentId, type CommentThread, type PlacedComment } from './threads';
import type { ReviewObject } from './approvals';

/** Where comments are looked for: the present diff of the pull request. */
export interface PresentDiff {
  readonly git: GitRepository;
  readonly head: string;
  readonly base: string;
  readonly facts: PullFacts;
}

/** The conversations of a pull request with their places in the present diff; without one, all of them are outdated. */
export async function viewThreads(reviews: readonly ReviewObject[], diff: PresentDiff | undefined): Promise<ReviewThread[]> {
  return Promise.all(collectThreads(reviews).map((thread) => viewThread(thread, diff)));
}

async function viewThread(thread: CommentThread, diff: PresentDiff | undefined): Promise<ReviewThread> {
  const { comment } = thread.root;
  const place = diff === undefined ? undefined : await locate(comment, diff);
  const onFile = comment.line === undefined;
  const inDiff = place !== undefined && diff?.facts.paths.has(place.path) === true;
  const currentLine = inDiff && !onFile ? place.line : undefined;
  return {
    id: thread.id,
    path: place?.path ?? comment.path,
    side: comment.side,
    ...(comment.line === undefined ? {} : { line: comment.line }),
    ...(comment.startLine === undefined ? {} : { startLine: comment.startLine }),
    ...(currentLine === undefined ? {} : { currentLine }),
    outdated: !inDiff || (!onFile && currentLine === undefined),
    resolved: comment.resolved === true,
    ...(comment.lineText === undefined ? {} : { lineText: comment.lineText }),
    comments: [thread.root, ...thread.replies].map(viewComment),
  };
}

function viewComment(placed: PlacedComment): ReviewThread['comments'][number] {
  const { review, comment } = placed;
  return {
    id: commentId(placed),
    review: review.metadata.name,
    ...(review.spec.author === undefined ? {} : { author: review.spec.author }),
    body: comment.body,
    at: submittedAt(review),
    state: review.spec.state,
  };
}

/** The commented line in the present diff; undefined when the file is gone, a line of undefined when only the line is. */
async function locate(comment: PlacedComment['comment'], diff: PresentDiff): Promise<{ path: string; line: number | undefined } | undefined> {
  const { path, side, line, commitSha } = comment;
  const to = side === 'new' ? diff.head : (diff.facts.mergeBaseSha ?? diff.base);
  const from = commitSha === undefined ? to : side === 'new' ? commitSha : await mergeBase(diff.git, diff.base, commitSha);
  if (from === undefined || from === to) return { path, line };
  // The old side is counted in the file as it was called before the change.
  const oldPath = side === 'new' ? path : (diff.facts.paths.get(path) ?? path);
  const moved = await fileMove(diff.git, { from, to, path: oldPath });
  if (moved === undefined) return undefined;
  return { path: side === 'new' ? moved.path : path, line: line === undefined ? undefined : mapLine(moved.hunks, line) };
}

interface FileMove {
  readonly path: string;
  readonly hunks: readonly AnchorHunk[];
}

/** By repository, commits and path. A file's diff between two commits never changes. */
const moves = new LruCache<{ move: FileMove | undefined }>(100_000);

/** What became of a file between two commits; undefined when it was removed. */
async function fileMove(git: GitRepository, step: { from: string; to: string; path: string }): Promise<FileMove | undefined> {
  const key = [git.path, step.from, step.to, step.path].join('\0');
  const known = moves.get(key);
  if (known !== undefined) return known.move;
  const move = await readMove(git, step);
  moves.set(key, { move }, 1 + (move?.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0) ?? 0));
  return move;
}

async function readMove(git: GitRepository, step: { from: string; to: string; path: string }): Promise<FileMove | undefined> {
  const { from, to, path } = step;
  const options = { base: from, head: to, contextLines: 0, limits: { maxFileLines: 50_000, maxLines: 50_000 } };
  const { files } = await diffCommits(git, { ...options, paths: [path] });
  const file = files[0];
  if (file === undefined) return { path, hunks: [] };
  if (file.status !== 'deleted') return { path, hunks: file.hunks };
  // Renames show only when the new name is looked at, too.
  const renamed = (await diffSummary(git, { base: from, head: to })).files.find((each) => each.oldPath === path);
  if (renamed === undefined) return undefined;
  const both = await diffCommits(git, { ...options, paths: [path, renamed.path] });
  const moved = both.files.find((each) => each.path === renamed.path && each.oldPath === path);
  return moved === undefined ? undefined : { path: moved.path, hunks: moved.hunks };
}
