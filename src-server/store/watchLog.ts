import type { LogTail } from './logTail';
import { selectKeys } from './objectKey';
import type { StoreEvent, WatchQuery } from './store';

export interface WatchStart {
  /** Where the watch begins, exclusively. */
  readonly revision: bigint;
  /** The store's head when it was asked for. */
  readonly head: bigint;
}

/**
 * One watch: catching up, then live, then ended. While it catches up it reads the log at its own pace and holds no buffer; once it
 * has everything that the tail has published it subscribes, in the same turn, and from then on takes what the tail hands out.
 */
export async function* watchLog(tail: LogTail, query: WatchQuery & { start: Promise<WatchStart> }): AsyncGenerator<StoreEvent> {
  const { signal, matches, bookmarkEveryMs } = query;
  const selection = selectKeys(query);
  const { revision, head } = await query.start;
  let cursor = revision;

  // The tail may not have read yet what was written before the watch was asked for.
  if (cursor < head && tail.cursor < head) await tail.drain();
  while (cursor < tail.cursor) {
    const chunk = await tail.after(cursor);
    for (const entry of chunk.entries) {
      if (signal.aborted) return;
      const event = selection.covers(entry.key) ? entry.toEvent(matches) : undefined;
      if (event !== undefined) yield event;
    }
    cursor = chunk.upTo;
  }
  if (signal.aborted) return;

  const subscription = tail.subscribe((entry) => selection.covers(entry.key));
  let bookmarkAt = performance.now();
  try {
    while (!signal.aborted) {
      const waitMs = bookmarkEveryMs === undefined ? undefined : bookmarkAt - performance.now();
      if (waitMs !== undefined && waitMs <= 0 && subscription.pending === 0) {
        // With nothing pending, everything up to the tail's cursor has been delivered or does not concern this watch.
        if (tail.cursor > cursor) cursor = tail.cursor;
        bookmarkAt = performance.now() + (bookmarkEveryMs ?? 0);
        yield { type: 'BOOKMARK', resourceVersion: cursor.toString() };
        continue;
      }
      for (const entry of await subscription.take({ signal, timeoutMs: waitMs })) {
        if (signal.aborted) return;
        // The history may have reached beyond the tail's cursor when the subscription began.
        if (entry.revision <= cursor) continue;
        cursor = entry.revision;
        const event = entry.toEvent(matches);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    subscription.close();
  }
}
