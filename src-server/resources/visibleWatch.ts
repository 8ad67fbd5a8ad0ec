import { setTimeout as delay } from 'node:timers/promises';
import { isStatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import type { Selection, Store, StoreEvent } from '../store/store';
import type { Visible } from './authorize';

/** How often a watch whose client wants no bookmarks learns how far it is, in ms. */
const BOOKMARK_EVERY_MS = 30_000;

export interface VisibleWatchOptions {
  /** What is asked for, whoever asks. */
  readonly selection: Selection;
  /** Where it begins, exclusively. */
  readonly resourceVersion: string | Promise<string>;
  readonly bookmarkEveryMs?: number | undefined;
  readonly signal: AbortSignal;
  /** What the actor may see now; throws when they may not watch any more. The same function as before when nothing has changed. */
  readonly visibility: () => Promise<Visible | undefined>;
  /** Tells of changes of what that rests on; answers how to stop it. */
  readonly onChange: (listener: () => void) => () => void;
}

/**
 * A watch of what an actor may see. When that changes, the stream tells DELETED of every object that disappears and ADDED of every one that
 * appears, as a selector watch of Kubernetes does when an object changes; both as of where the stream stands.
 */
export async function* watchVisible(store: Pick<Store, 'watch' | 'list'>, opts: VisibleWatchOptions): AsyncGenerator<StoreEvent> {
  const { selection, signal } = opts;
  let changed = new AbortController();
  const stopListening = opts.onChange(() => changed.abort());
  try {
    let visible = await opts.visibility();
    let position = await opts.resourceVersion;
    let isStale = false;
    let hasBegun = false;
    while (!signal.aborted) {
      try {
        if (isStale) {
          // Before the question: what changes after it asks again.
          changed = new AbortController();
          const now = await opts.visibility();
          if (now !== visible) yield* difference(store, selection, { at: position, before: visible ?? EVERYTHING, after: now ?? EVERYTHING });
          visible = now;
          isStale = false;
        }
        const events = store.watch({
          ...matching(selection, visible), resourceVersion: position, bookmarkEveryMs: opts.bookmarkEveryMs ?? BOOKMARK_EVERY_MS, signal: AbortSignal.any([signal, changed.signal]),
        });
        for await (const event of events) {
          hasBegun = true;
          position = event.resourceVersion;
          if (event.type !== 'BOOKMARK' || opts.bookmarkEveryMs !== undefined) yield event;
        }
        if (signal.aborted || !changed.signal.aborted) return;
        isStale = true;
        hasBegun = true;
      } catch (error) {
        // A database that is away for a moment ends no watch that has begun; nothing new comes out of it meanwhile.
        if (!hasBegun || !isStatusError(error, 'ServiceUnavailable', 'Timeout')) throw error;
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  } finally {
    stopListening();
  }
}

const EVERYTHING: Visible = () => true;
/** Between two tries while the database is away, in ms. */
const RETRY_MS = 500;

async function* difference(store: Pick<Store, 'list'>, selection: Selection, { at, before, after }: { at: string; before: Visible; after: Visible }): AsyncGenerator<StoreEvent> {
  const { matches = EVERYTHING } = selection;
  const changes = (object: KradleObject) => matches(object) && before(object) !== after(object);
  let token: string | undefined;
  do {
    const page = await store.list({ ...selection, matches: changes, limit: PAGE_SIZE, ...(token === undefined ? { atResourceVersion: at } : { continue: token }) });
    for (const object of page.items) {
      yield after(object)
        ? { type: 'ADDED', resourceVersion: at, object }
        // As a deletion has it: the last state, under the revision at which it went.
        : { type: 'DELETED', resourceVersion: at, object: { ...object, metadata: { ...object.metadata, resourceVersion: at } } };
    }
    token = page.continue;
  } while (token !== undefined);
}

const PAGE_SIZE = 500;

/** The selection, limited to what is visible. */
export function matching(selection: Selection, visible: Visible | undefined): Selection {
  const { matches } = selection;
  if (visible === undefined) return selection;
  return { ...selection, matches: matches === undefined ? visible : (object) => matches(object) && visible(object) };
}
