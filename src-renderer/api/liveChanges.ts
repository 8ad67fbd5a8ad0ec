import { useSyncExternalStore } from 'react';
import type { QueryClient } from '@tanstack/react-query';
import type { KradleObject } from '#shared/kind/defineKind';
import { compareResourceVersions } from '#shared/kind/resourceVersion';
import { applyEvent, newerObject, objectKey, type ObjectChanges, type ObjectEvent } from './applyEvent';

/** What a list asks for; the part of its key that says which objects it holds. */
export interface ListIdentity {
  /** Plural. */
  readonly kind: string;
  readonly org: string;
  readonly q?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly sort?: string | undefined;
  readonly limit?: number | undefined;
}

/**
 * The changes to the lists of this window, beside the query cache: a page that is fetched again must not lose what the stream said
 * while it was under way.
 */
export class LiveChanges {
  readonly #lists = new Map<string, List>();

  /** The changes of a list, empty for one that is not known. */
  changes(key: string): ObjectChanges {
    return this.#lists.get(key)?.changes ?? NO_CHANGES;
  }

  /** Revision that the list is known up to by the stream. */
  cursor(key: string): string | undefined {
    return this.#lists.get(key)?.cursor;
  }

  subscribe(key: string, listener: () => void): () => void {
    const list = this.#list(key, undefined);
    list.listeners.add(listener);
    return () => list.listeners.delete(listener);
  }

  /** The list was fetched: older changes are in it. */
  listed(key: string, opts: { identity: ListIdentity; resourceVersion: string }): void {
    const list = this.#list(key, opts.identity);
    list.cursor = laterOf(list.cursor, opts.resourceVersion);
    const kept = [...list.changes].filter(([, change]) => compareResourceVersions(change.resourceVersion, opts.resourceVersion) > 0);
    if (kept.length < list.changes.size) list.changes = new Map(kept);
  }

  /** The stream said something about this list. */
  receive(key: string, event: ObjectEvent): void {
    const list = this.#list(key, undefined);
    list.cursor = laterOf(list.cursor, event.resourceVersion);
    this.#apply(list, event);
  }

  /**
   * The answer of a write, before the stream brings it. A list that selects gets only what it certainly holds: whether a changed
   * object still is one of its own, the server says.
   */
  recordWrite(identity: { kind: string; org: string }, event: ObjectEvent, holds: (key: string, object: KradleObject) => boolean): void {
    for (const [key, list] of this.#lists) {
      if (list.identity?.kind !== identity.kind || list.identity.org !== identity.org) continue;
      const { q, labelSelector, fieldSelector } = list.identity;
      const selects = [q, labelSelector, fieldSelector].some((each) => each !== undefined && each !== '');
      const held = list.changes.get(objectKey(event.object))?.object !== undefined || holds(key, event.object);
      if (event.type === 'ADDED' ? !selects : held) this.#apply(list, held && event.type === 'ADDED' ? { ...event, type: 'MODIFIED' } : event);
    }
  }

  forget(key: string): void {
    const list = this.#lists.get(key);
    if (list?.listeners.size === 0) this.#lists.delete(key);
  }

  #list(key: string, identity: ListIdentity | undefined): List {
    const existing = this.#lists.get(key);
    if (existing !== undefined) {
      existing.identity ??= identity;
      return existing;
    }
    const list: List = { identity, changes: NO_CHANGES, cursor: undefined, listeners: new Set() };
    this.#lists.set(key, list);
    return list;
  }

  #apply(list: List, event: ObjectEvent): void {
    const changes = applyEvent(list.changes, event);
    if (changes === list.changes) return;
    list.changes = changes;
    for (const listener of list.listeners) listener();
  }
}

/** The window's own. */
export const liveChanges = new LiveChanges();

/** The changes of one list, as state. */
export function useLiveChanges(key: string): ObjectChanges {
  return useSyncExternalStore((listener) => liveChanges.subscribe(key, listener), () => liveChanges.changes(key));
}

/**
 * Puts the answer of a write into every list and page that shows the object, so that one's own change is there at once. The echo
 * on the stream is ignored then, because it is not newer.
 */
export function recordObject(queries: QueryClient, about: { kind: string; org: string; type: ObjectEvent['type'] }, object: KradleObject): void {
  const { resourceVersion, name } = object.metadata;
  liveChanges.recordWrite(about, { type: about.type, resourceVersion, object }, (key, wanted) => {
    const pages = queries.getQueryCache().get(key)?.state.data as { pages?: readonly { items: readonly KradleObject[] }[] } | undefined;
    return pages?.pages?.some((page) => page.items.some((item) => objectKey(item) === objectKey(wanted))) === true;
  });
  if (about.type === 'DELETED') return;
  queries.setQueryData<{ object: KradleObject; deleted: boolean }>(objectQueryKey(about.kind, about.org, name), (current) =>
    current === undefined ? undefined : { object: newerObject(current.object, object), deleted: false },
  );
}

/** Key of one object in the query cache. */
export function objectQueryKey(kind: string, org: string, name: string): readonly unknown[] {
  return ['resources.get', { kind, org, name }];
}

interface List {
  identity: ListIdentity | undefined;
  changes: ObjectChanges;
  cursor: string | undefined;
  readonly listeners: Set<() => void>;
}

const NO_CHANGES: ObjectChanges = new Map();

function laterOf(a: string | undefined, b: string): string {
  return a === undefined || compareResourceVersions(b, a) > 0 ? b : a;
}
