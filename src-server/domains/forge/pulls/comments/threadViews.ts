import type { ReviewThread } from '#shared/api/forgeViews';
import { submittedAt } from '../reviewOrder';
import type { ReviewObject } from '../pullObjects';
import { type CommentPlace, placeComment, preparePlaces, type PresentDiff } from './commentPlaces';
import { readSuggestion } from './suggestions';
import { collectThreads, commentId, type CommentThread, type PlacedComment } from './threads';

/** The conversations of a pull request with their places in the present diff; without one, all of them are outdated. */
export async function viewThreads(reviews: readonly ReviewObject[], diff: PresentDiff | undefined): Promise<ReviewThread[]> {
  const threads = collectThreads(reviews);
  if (diff !== undefined) await preparePlaces(threads.map(({ root }) => root.comment), diff);
  return Promise.all(threads.map((thread) => viewThread(thread, diff)));
}

async function viewThread(thread: CommentThread, diff: PresentDiff | undefined): Promise<ReviewThread> {
  const { comment } = thread.root;
  const place = diff === undefined ? undefined : await placeComment(comment, diff);
  const onFile = comment.line === undefined;
  const inDiff = place !== undefined && diff?.facts.paths.has(place.path) === true;
  const lines = inDiff ? place.lines : undefined;
  return {
    id: thread.id,
    path: place?.path ?? comment.path,
    side: comment.side,
    ...(comment.line === undefined ? {} : { line: comment.line }),
    ...(comment.startLine === undefined ? {} : { startLine: comment.startLine }),
    ...(lines === undefined ? {} : { currentLine: lines.end }),
    ...(lines === undefined || comment.startLine === undefined ? {} : { currentStartLine: lines.start }),
    outdated: !inDiff || (!onFile && lines === undefined),
    resolved: comment.resolved === true,
    ...(comment.commitSha === undefined ? {} : { commitSha: comment.commitSha }),
    ...(comment.lineText === undefined ? {} : { lineText: comment.lineText }),
    comments: [thread.root, ...thread.replies].map((placed) => viewComment(placed, thread, place)),
  };
}

function viewComment(placed: PlacedComment, thread: CommentThread, place: CommentPlace | undefined): ReviewThread['comments'][number] {
  const { review, comment } = placed;
  const suggestion = readSuggestion(comment.body);
  const reason = suggestion === undefined ? undefined : inapplicable(placed, thread, place);
  return {
    id: commentId(placed),
    review: review.metadata.name,
    ...(review.spec.author === undefined ? {} : { author: review.spec.author }),
    body: comment.body,
    at: submittedAt(review),
    state: review.spec.state,
    ...(suggestion === undefined ? {} : {
      suggestion: { text: suggestion.lines.join('\n'), applicable: reason === undefined, ...(reason === undefined ? {} : { reason }), ...(comment.appliedIn === undefined ? {} : { appliedIn: comment.appliedIn }) },
    }),
  };
}

/** Why the suggestion of a comment cannot be committed; undefined for one that can. `place` is that of its conversation. */
export function inapplicable({ comment }: PlacedComment, { root }: CommentThread, place: CommentPlace | undefined): string | undefined {
  if (comment.appliedIn !== undefined) return `It was applied already, in ${comment.appliedIn.slice(0, 10)}`;
  if (root.comment.line === undefined) return 'It is on the whole file, so there are no lines that it could replace';
  if (root.comment.side === 'old') return 'It is on lines that the change removes';
  return place?.lines === undefined ? 'It is outdated: the lines have changed since it was made' : undefined;
}
