import type { z } from 'zod';
import type { inlineComment } from '#shared/kinds/forge/review';
import { bySubmission } from '../reviewOrder';
import type { ReviewObject } from '../pullObjects';

export type InlineComment = z.output<typeof inlineComment>;

/** A comment with the review that it belongs to. */
export interface PlacedComment {
  readonly review: ReviewObject;
  readonly comment: InlineComment;
}

/** A conversation: its first comment, which has the place, and the answers to it in order. */
export interface CommentThread {
  /** `review-name/comment-id` of the first comment. */
  readonly id: string;
  readonly root: PlacedComment;
  readonly replies: readonly PlacedComment[];
}

/** The conversations of a pull request, oldest first. An answer to an answer belongs to the same conversation. */
export function collectThreads(reviews: readonly ReviewObject[]): CommentThread[] {
  const all = [...reviews].sort(bySubmission).flatMap((review) => (review.spec.comments ?? []).map((comment) => ({ review, comment })));
  const byId = new Map(all.map((placed) => [commentId(placed), placed]));
  const threads = new Map<string, { id: string; root: PlacedComment; replies: PlacedComment[] }>();
  for (const placed of all) {
    const root = rootOf(placed, byId);
    const id = commentId(root);
    const thread = threads.get(id) ?? { id, root, replies: [] };
    threads.set(id, thread);
    if (placed !== root) thread.replies.push(placed);
  }
  return [...threads.values()];
}

export function countUnresolved(reviews: readonly ReviewObject[]): number {
  return collectThreads(reviews).filter((thread) => thread.root.comment.resolved !== true).length;
}

export function commentId({ review, comment }: PlacedComment): string {
  return `${review.metadata.name}/${comment.id}`;
}

/** Follows answers to the first comment. An answer to nothing, or a circle, stands for itself. */
function rootOf(placed: PlacedComment, byId: ReadonlyMap<string, PlacedComment>): PlacedComment {
  const seen = new Set<PlacedComment>();
  let current = placed;
  while (current.comment.inReplyTo !== undefined && !seen.has(current)) {
    seen.add(current);
    const parent = byId.get(current.comment.inReplyTo);
    if (parent === undefined) return current;
    current = parent;
  }
  return seen.has(current) ? placed : current;
}
