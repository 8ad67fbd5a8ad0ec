import type { KradleObject } from '#shared/kind/defineKind';
import { getPath, parsePath } from '#shared/kind/paths';
import { compareResourceVersions } from '#shared/kind/resourceVersion';

/** One change of one object. */
export interface ObjectEvent<TObject extends KradleObject = KradleObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Revision of the change. */
  readonly resourceVersion: string;
  readonly object: TObject;
}

/** What happened to one object since the list was made. */
export interface ObjectChange<TObject extends KradleObject = KradleObject> {
  readonly resourceVersion: string;
  /** The object as it is now; absent: it is gone, or no longer one of the list's. */
  readonly object: TObject | undefined;
  /** When it came and went, oldest first: says whether a list of any revision has it. */
  readonly turns: readonly { readonly resourceVersion: string; readonly present: boolean }[];
}

/** By `namespace/name`: two objects never have one at the same time. */
export type ObjectChanges<TObject extends KradleObject = KradleObject> = ReadonlyMap<string, ObjectChange<TObject>>;

/**
 * The changes with one more event. The same map comes back for an event that is not newer than what is known: a replay after a
 * reconnect, or the echo of one's own write.
 */
export function applyEvent<TObject extends KradleObject>(changes: ObjectChanges<TObject>, event: ObjectEvent<TObject>): ObjectChanges<TObject> {
  const key = objectKey(event.object);
  const known = changes.get(key);
  if (known !== undefined) {
    const order = compareResourceVersions(event.resourceVersion, known.resourceVersion);
    // The write that took an object out of a list's selection is known by its answer first; that it is out, the stream says at the same revision.
    const leaves = order === 0 && event.type === 'DELETED' && known.object !== undefined;
    if (order <= 0 && !leaves) return changes;
  }
  const { type, resourceVersion } = event;
  const present = type !== 'DELETED';
  const wasPresent = known === undefined ? type !== 'ADDED' : known.object !== undefined;
  const turns = known?.turns ?? [];
  return new Map(changes).set(key, {
    resourceVersion,
    object: present ? event.object : undefined,
    turns: present === wasPresent ? turns : [...turns, { resourceVersion, present }],
  });
}

/** A list as the server sent it. */
export interface ListedPage<TObject extends KradleObject = KradleObject> {
  readonly items: readonly TObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string | undefined };
  /** On the first page. */
  readonly total?: number | undefined;
}

/**
 * The list as it is now: the pages with the changes laid over them. New objects are put where `sort` (`-metadata.creationTimestamp`;
 * default: by name) wants them; one that belongs behind the last loaded page waits for that page.
 */
export function mergeList<TObject extends KradleObject>(pages: readonly ListedPage<TObject>[], changes: ObjectChanges<TObject>, sort?: string): { items: TObject[]; total: number } {
  const first = pages[0];
  if (first === undefined) return { items: [], total: 0 };
  const { resourceVersion } = first.metadata;
  const unseen = new Map([...changes].filter(([, change]) => isAfter(change, resourceVersion)));
  const compare = byPath(sort ?? 'metadata.name');
  const items: TObject[] = [];
  const places = new Map<string, number>();
  /** New ones, and those that a change may have moved. */
  const toPlace = new Map<string, TObject>();
  for (const page of pages) {
    for (const item of page.items) {
      const key = objectKey(item);
      const change = changes.get(key);
      unseen.delete(key);
      // A sorted page is as new as its own revision, and an object that moved may be on two of them.
      const isChanged = change !== undefined && isAfter(change, page.metadata.resourceVersion);
      const place = places.get(key);
      const current = isChanged ? change.object : item;
      if (place !== undefined) {
        if (!isChanged) items[place] = newerObject(items[place], item);
      } else if (current !== undefined && isChanged && compare(item, current) !== 0) toPlace.set(key, current);
      else if (current !== undefined && !toPlace.has(key)) places.set(key, items.push(current) - 1);
    }
  }
  const hasMore = pages.at(-1)?.metadata.continue !== undefined;
  const last = pages.at(-1)?.items.at(-1);
  for (const [key, { object }] of unseen) {
    if (object !== undefined && !(hasMore && last !== undefined && compare(object, last) > 0)) toPlace.set(key, object);
  }
  for (const object of toPlace.values()) items.splice(placeOf(items, object, compare), 0, object);
  let total = first.total ?? first.items.length;
  for (const change of changes.values()) {
    if (isAfter(change, resourceVersion)) total += Number(change.object !== undefined) - Number(wasPresentAt(change, resourceVersion));
  }
  return { items, total: Math.max(total, items.length) };
}

/** Whichever is newer; a tie keeps the one that is there. */
export function newerObject<TObject extends KradleObject>(current: TObject | undefined, incoming: TObject): TObject {
  if (current === undefined || current.metadata.uid !== incoming.metadata.uid) return incoming;
  return compareResourceVersions(incoming.metadata.resourceVersion, current.metadata.resourceVersion) > 0 ? incoming : current;
}

/** Names an object within its kind. */
export function objectKey(object: KradleObject): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}

/** Where it belongs in a list that is in order: a binary search. */
function placeOf<TObject extends KradleObject>(items: readonly TObject[], object: TObject, compare: (a: KradleObject, b: KradleObject) => number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = items[middle];
    if (there !== undefined && compare(there, object) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function wasPresentAt(change: ObjectChange, resourceVersion: string): boolean {
  const last = change.turns.findLast((turn) => compareResourceVersions(turn.resourceVersion, resourceVersion) <= 0);
  if (last !== undefined) return last.present;
  const [next] = change.turns;
  return next === undefined ? change.object !== undefined : !next.present;
}

function isAfter(change: ObjectChange, resourceVersion: string): boolean {
  return compareResourceVersions(change.resourceVersion, resourceVersion) > 0;
}

/** As the server sorts: numbers by value, everything else as text without regard to case, what has no value last; then by name. */
function byPath(sort: string): (a: KradleObject, b: KradleObject) => number {
  const descending = sort.startsWith('-');
  const path = parsePath(descending ? sort.slice(1) : sort);
  return (a, b) => {
    const [left, right] = [getPath(a, path), getPath(b, path)];
    if (left === undefined || right === undefined) {
      if (left !== right) return left === undefined ? 1 : -1;
    } else {
      const order = typeof left === 'number' && typeof right === 'number' ? left - right : compareText(String(left), String(right));
      if (order !== 0) return descending ? -order : order;
    }
    return compareText(a.metadata.name, b.metadata.name);
  };
}

function compareText(a: string, b: string): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  if (left !== right) return left < right ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
