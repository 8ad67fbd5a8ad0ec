import type { KradleObject } from '#shared/kind/defineKind';
import type { Store } from '../store/store';

/** `deleted` tells the last state of an object, under the revision at which it went. */
export type WriteListener = (object: KradleObject, operation: 'stored' | 'deleted') => void;

/** A store that tells of what this process writes through it. */
export interface WriteFeed {
  readonly store: Store;
  /** Called after each write that went through, before whoever wrote hears of it. The answer takes it back. Listeners must not throw. */
  onWrite(listener: WriteListener): () => void;
}

/**
 * Wraps a store, for those who keep facts of objects and may not be late: a watch tells of every change, but perhaps after the writer has
 * its answer and asked the next thing.
 */
export function createWriteFeed(store: Store): WriteFeed {
  const listeners = new Set<WriteListener>();
  const told = (object: KradleObject, operation: 'stored' | 'deleted'): KradleObject => {
    for (const listener of listeners) listener(object, operation);
    return object;
  };
  return {
    store: {
      create: async (key, object, opts) => told(await store.create(key, object, opts), 'stored'),
      update: async (key, object, opts) => told(await store.update(key, object, opts), 'stored'),
      delete: async (key, opts) => told(await store.delete(key, opts), 'deleted'),
      get: (key) => store.get(key),
      recall: (key) => store.recall(key),
      list: (query) => store.list(query),
      watch: (query) => store.watch(query),
      count: (selection) => store.count(selection),
      revisions: () => store.revisions(),
      compact: (target) => store.compact(target),
      start: () => store.start(),
      stop: () => store.stop(),
    },
    onWrite(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
