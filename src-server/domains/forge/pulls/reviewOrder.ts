import type { ReviewObject } from './pullObjects';

/** Oldest first; the name decides between equals, so that the order is the same on every reading. */
export function bySubmission(left: ReviewObject, right: ReviewObject): number {
  const [leftAt, rightAt] = [submittedAt(left), submittedAt(right)];
  return leftAt === rightAt ? left.metadata.name.localeCompare(right.metadata.name) : leftAt.localeCompare(rightAt);
}

export function submittedAt(review: ReviewObject): string {
  return review.status?.submittedAt ?? review.metadata.creationTimestamp;
}
