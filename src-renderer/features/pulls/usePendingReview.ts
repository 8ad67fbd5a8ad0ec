import { useCallback, useMemo, useState } from 'react';
import type { NewComment } from '../../diff/diffContext';
import type { DiffThread } from '../../diff/diffThread';
import { useInfo } from '../../shell/useInfo';

export interface PendingReview {
  readonly comments: readonly NewComment[];
  /** The comments as conversations, to show in their places. */
  readonly threads: readonly DiffThread[];
  readonly add: (comment: NewComment) => void;
  readonly remove: (thread: DiffThread) => void;
  readonly clear: () => void;
}

/** The review that one is writing: comments that are sent together. Kept in this browser, so that a reload loses nothing. */
export function usePendingReview(org: string, pr: string): PendingReview {
  const key = `kradle.review.${org}/${pr}`;
  const [comments, setComments] = useState<readonly NewComment[]>(() => read(key));
  const me = useInfo()?.actor;
  const store = useCallback(
    (change: (before: readonly NewComment[]) => readonly NewComment[]) => {
      setComments((before) => {
        const next = change(before);
        write(key, next);
        return next;
      });
    },
    [key],
  );
  const author = useMemo(() => (me === undefined ? undefined : { kind: 'user' as const, name: me.name }), [me]);
  const threads = useMemo(
    () =>
      comments.map((comment, index): DiffThread => ({
        id: `pending/${index}`,
        path: comment.path,
        side: comment.side,
        outdated: false,
        resolved: false,
        ...(comment.line === undefined ? {} : { line: comment.line }),
        ...(comment.startLine === undefined ? {} : { startLine: comment.startLine }),
        comments: [{ id: `pending/${index}/0`, author, body: comment.body, pending: true }],
      })),
    [comments, author],
  );
  return {
    comments,
    threads,
    add: useCallback((comment: NewComment) => store((before) => [...before, comment]), [store]),
    remove: useCallback((thread: DiffThread) => store((before) => before.filter((_, index) => `pending/${index}` !== thread.id)), [store]),
    clear: useCallback(() => store(() => []), [store]),
  };
}

function read(key: string): readonly NewComment[] {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? '[]') as unknown;
    return Array.isArray(stored) ? (stored as NewComment[]) : [];
  } catch {
    return [];
  }
}

function write(key: string, comments: readonly NewComment[]): void {
  try {
    if (comments.length === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(comments));
  } catch {
    // Storage is closed or full: the review lasts as long as the page.
  }
}
