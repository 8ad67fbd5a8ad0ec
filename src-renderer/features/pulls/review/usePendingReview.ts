import { useCallback, useMemo, useRef } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { ReviewThread } from '#shared/api/forgeViews';
import type { PendingReview as StoredReview } from '#shared/api/pullViews';
import { errorMessage, isApiError } from '../../../api/errors';
import { callRpc, fetchRpc, rpcQuery, useRpc } from '../../../api/rpc';
import type { NewComment } from '../../../diff/diffContext';
import type { DiffThread } from '../../../diff/model/diffThread';
import { useInfo } from '../../../shell/useInfo';
import { toast } from '../../../ui/overlays/toast';
import { PENDING } from '../pullObject';

type Verdict = NonNullable<StoredReview['state']>;
type StoredComment = StoredReview['comments'][number];
/** One that was just written is where it was written. */
type DraftComment = Omit<StoredComment, 'outdated' | 'side'> & Partial<Pick<StoredComment, 'outdated' | 'side'>>;

/** What one has written of a review and not sent. */
export interface ReviewDraft {
  readonly state?: Verdict | undefined;
  readonly body: string;
  readonly comments: readonly DraftComment[];
}

export interface PendingReview {
  readonly draft: ReviewDraft;
  /** The comments as conversations, to show in their places. */
  readonly threads: readonly ReviewThread[];
  readonly add: (comment: NewComment & { commitSha?: string }) => Promise<void>;
  readonly revise: (thread: DiffThread, body: string) => Promise<void>;
  readonly remove: (thread: DiffThread) => Promise<void>;
  readonly setWords: (words: { body?: string; state?: Verdict }) => void;
  readonly discard: () => Promise<void>;
  /** Resolves when everything written so far is with the server. */
  readonly settled: () => Promise<void>;
}

const EMPTY: ReviewDraft = { body: '', comments: [] };
/** Time that typing stands still before the words are kept, in ms. */
const WORDS_DELAY_MS = 600;
/** Another window may save again and again; then somebody has to look. */
const MAX_TRIES = 4;

/**
 * The review that one is writing: kept by the server, so that a reload and another device go on with it, and seen by nobody else. Changes
 * are made to what the server has now, one after the other; when another window saved in between, they are made again on top of that.
 */
export function usePendingReview(org: string, pull: { name: string; headSha: string | undefined }): PendingReview {
  const { name: pr, headSha } = pull;
  const queries = useQueryClient();
  const input = useMemo(() => ({ org, pr }), [org, pr]);
  const key = useMemo(() => rpcQuery('pulls.pendingReview', input).queryKey, [input]);
  const stored = useRpc('pulls.pendingReview', input, { staleTime: 10_000 }).data?.review ?? undefined;
  const draft = useMemo<ReviewDraft>(() => (stored === undefined ? EMPTY : { state: stored.state, body: stored.body ?? '', comments: stored.comments }), [stored]);
  const queue = useRef<Promise<void>>(Promise.resolve());
  const words = useRef<{ timer: ReturnType<typeof setTimeout>; save: () => void }>(undefined);

  const change = useCallback(
    (make: (before: ReviewDraft) => ReviewDraft): Promise<void> => {
      const work = async () => {
        for (let attempt = 1; ; attempt += 1) {
          const before = queries.getQueryData<{ review: StoredReview | null }>(key)?.review ?? undefined;
          const next = make(before === undefined ? EMPTY : { state: before.state, body: before.body ?? '', comments: before.comments });
          try {
            const isEmpty = next.comments.length === 0 && next.body === '';
            if (isEmpty && before === undefined) return;
            const answer = isEmpty
              ? await callRpc('pulls.discardPendingReview', input).then(() => ({ review: null }))
              : await callRpc('pulls.savePendingReview', {
                ...input,
                comments: [...next.comments],
                ...(next.state === undefined ? {} : { state: next.state }),
                ...(next.body === '' ? {} : { body: next.body }),
                ...(headSha === undefined ? {} : { commitSha: before?.commitSha ?? headSha }),
                ...(before === undefined ? {} : { version: before.version }),
              });
            queries.setQueryData(key, answer);
            return;
          } catch (error) {
            if (!isApiError(error, 'Conflict') || attempt === MAX_TRIES) throw error;
            queries.setQueryData(key, await fetchRpc('pulls.pendingReview', input));
          }
        }
      };
      const done = queue.current.then(work);
      queue.current = done.catch(() => undefined);
      return done;
    },
    [queries, input, key, headSha],
  );
  const setWords = useCallback(
    (next: { body?: string; state?: Verdict }) => {
      clearTimeout(words.current?.timer);
      const save = () => {
        words.current = undefined;
        change((before) => ({ ...before, ...next })).catch((error: unknown) => toast.error(errorMessage(error)));
      };
      words.current = { timer: setTimeout(save, WORDS_DELAY_MS), save };
    },
    [change],
  );
  const me = useInfo()?.actor;
  const threads = useMemo(
    () => draft.comments.flatMap((comment, index) => (comment.inReplyTo === undefined ? [pendingThread(comment, { index, name: me?.name })] : [])),
    [draft.comments, me],
  );
  return {
    draft,
    threads,
    add: useCallback((comment: NewComment & { commitSha?: string }) => change((before) => ({ ...before, comments: [...before.comments, comment] })), [change]),
    revise: useCallback((thread: DiffThread, body: string) => change((before) => ({ ...before, comments: before.comments.map((comment, index) => (isThread(thread, comment, index) ? { ...comment, body } : comment)) })), [change]),
    remove: useCallback((thread: DiffThread) => change((before) => ({ ...before, comments: before.comments.filter((comment, index) => !isThread(thread, comment, index)) })), [change]),
    setWords,
    discard: useCallback(async () => {
      clearTimeout(words.current?.timer);
      words.current = undefined;
      await change(() => EMPTY);
    }, [change]),
    settled: useCallback(async () => {
      clearTimeout(words.current?.timer);
      words.current?.save();
      await queue.current;
    }, []),
  };
}

/** A comment as the conversation that it will begin. */
function pendingThread({ body, side = 'new', outdated = false, inReplyTo: _root, ...place }: DraftComment, at: { index: number; name: string | undefined }): ReviewThread {
  const id = `${PENDING}${at.index}`;
  return {
    ...place, id, side, outdated, resolved: false,
    comments: [{ id: `${id}/0`, review: '', body, at: '', state: 'commented', ...(at.name === undefined ? {} : { author: { kind: 'user', name: at.name } }) }],
  };
}

/** By place and words, too: another window may have taken away the one in front. */
function isThread(thread: DiffThread, comment: DraftComment, index: number): boolean {
  return thread.id === `${PENDING}${index}` && thread.path === comment.path && thread.comments[0]?.body === comment.body;
}
