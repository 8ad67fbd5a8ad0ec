import { BatchIterator } from './batchIterator';
import type { LogEntry } from './logEntry';
import type { LogTail } from './logTail';
import { selectKeys } from './objectKey';
import type { StoreEvent, WatchQuery } from './store';

export interface WatchStart {
  /** Where the watch begins, exclusively. */
  readonly revision: bigint;
  /** The store's head when it was asked for. */
  readonly head: bigint;
}

/** A change, or how far the watch is. */
type News = Pick<LogEntry, 'toEvent'>;

/**
 * One watch: catching up, then live, then ended. While it catches up it reads the log at its own pace and holds no buffer; once it
 * has everything that the tail has published it subscribes, in the same turn, and from then on takes what the tail hands out.
 */
export function watchLog(tail: LogTail, query: WatchQuery & { start: Promise<WatchStart> }): AsyncIterable<StoreEvent> {
  const { signal, matches } = query;
  return new BatchIterator<News, StoreEvent>(newsOf(tail, query), { pick: (news) => news.toEvent(matches), signal });
}

/** A batch is asked for when the one before has been told. */
async function* newsOf(tail: LogTail, query: WatchQuery & { start: Promise<WatchStart> }): AsyncGenerator<readonly News[]> {
  const { signal, bookmarkEveryMs } = query;
  const selection = selectKeys(query);
  const { revision, head } = await query.start;
  let cursor = revision;

  // The tail may not have read yet what was written before the watch was asked for.
  if (cursor < head && tail.cursor < head) await tail.drain();
  while (cursor < tail.cursor) {
    const chunk = await tail.after(cursor);
    yield chunk.entries.filter(({ key }) => selection.covers(key));
    if (signal.aborted) return;
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
        yield [bookmark(cursor)];
        continue;
      }
      // The history may have reached beyond the tail's cursor when the subscription began.
      const entries = (await subscription.take({ signal, timeoutMs: waitMs })).filter((entry) => entry.revision > cursor);
      cursor = entries.at(-1)?.revision ?? cursor;
      yield entries;
    }
  } finally {
    subscription.close();
  }
}

function bookmark(cursor: bigint): News {
  return { toEvent: () => ({ type: 'BOOKMARK', resourceVersion: cursor.toString() }) };
}
