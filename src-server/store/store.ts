/**
 * The store: an append-only revision log plus the current objects, behind one contract.
 *
 * Guarantees, each a named test in `test/conformance/storeSuite.ts`, on every implementation:
 *
 * 1. Revisions rise in commit order; a reader that has seen R never later sees a new revision at or below R.
 * 2. `update` and `delete` with a stale revision fail `Conflict` and change nothing; of N concurrent creates of a key one wins.
 * 3. `list` answers objects and one revision consistent with each other; the pages of one list share it.
 * 4. `watch` from R yields every change above R, once, in order, then stays live. Below the floor: `Expired`; above head: `BadRequest`.
 * 5. A delete event carries the last object under the delete's own revision. An object that leaves the watched selection is
 *    reported as deleted, one that enters it as added.
 * 6. An update that changes no byte writes nothing and answers the same revision.
 * 7. A slow or dead subscriber blocks neither writers nor others; it is ended with `Expired`.
 * 8. Compaction never removes current objects, never crosses the floor, survives a crash half way, never stalls the loop over 25 ms.
 * 9. Gaps in revisions are legal; nothing assumes density.
 * 10. A write and its record are stored in one transaction: both are there, or neither is.
 * 11. An object with a condition is created only while the condition holds: between the two nobody else's write has a place.
 *
 * A resourceVersion is a string outside this folder and a bigint inside. Objects that are answered or told of are shared, and may be
 * frozen: copy one to change it.
 */
import type { KradleObject } from '#shared/kind/defineKind';
import type { ChainDraft, ChainHead } from './chain';

/** The address of an object: `plural/namespace/name`. */
export interface ObjectKey {
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
}

/** Which objects a list or watch covers; absent fields match everything. */
export interface Selection {
  readonly plural?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Further test on the object, for label and field selectors. Must be pure. */
  readonly matches?: (object: KradleObject) => boolean;
}

export interface ListQuery extends Selection {
  /** Objects a page; 0 or absent means all. */
  readonly limit?: number;
  /** Token of the previous page; it carries the list's revision. */
  readonly continue?: string;
  /** The state at exactly this revision. `Expired` below the floor, `Timeout` above the head. Not together with `continue`. */
  readonly atResourceVersion?: string;
  /** Ends the reading when it aborts: nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
}

export interface ListPage {
  readonly items: KradleObject[];
  /** The revision that every page of this list is consistent with. */
  readonly resourceVersion: string;
  /** Token of the next page; absent on the last. */
  readonly continue?: string;
  /** How many more there are, when the store knows it without reading them. */
  readonly remainingItemCount?: number;
}

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  /** Revision of the change; of the head for a bookmark. */
  readonly resourceVersion: string;
  /** Absent on a bookmark. */
  readonly object?: KradleObject;
}

export interface WatchQuery extends Selection {
  /** Exclusive start; absent means from now. */
  readonly resourceVersion?: string;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Sends a bookmark after the history is delivered and then whenever this many ms pass without one. */
  readonly bookmarkEveryMs?: number;
}

/** An entry of a chain that is stored with a write, and names the version that the write made. A write that changes nothing leaves none. */
export interface WriteRecord {
  readonly stream: string;
  /** Its id is new. */
  readonly draft: ChainDraft;
  /** Told of the chain's end behind the entry when both are safe on the disk, before whoever wrote hears of it. Must not throw. */
  readonly onStored?: (head: ChainHead) => void;
}

/** What every write takes. */
export interface WriteOptions {
  readonly record?: WriteRecord | undefined;
}

/** An object as it stands at one version. */
export interface ObjectVersion {
  readonly key: ObjectKey;
  readonly resourceVersion: string;
}

export interface CreateOptions extends WriteOptions {
  /** Another object, without which this one is not to be: created only while that one stands at this very version. */
  readonly condition?: ObjectVersion | undefined;
}

export interface UpdateOptions extends WriteOptions {
  readonly expectedResourceVersion?: string | undefined;
}

export interface DeleteOptions extends UpdateOptions {
  readonly expectedUid?: string | undefined;
}

/** Every method may throw a `StatusError`; all else is a fault. */
export interface Store {
  /**
   * Stores a new object and answers it with its resourceVersion. `AlreadyExists` when the key is taken; `Conflict` when the condition does
   * not hold (any more). Every write may fail with `RequestEntityTooLarge` (see `objectCodec.ts`) and `InsufficientStorage`; then nothing has
   * changed and reads go on.
   */
  create(key: ObjectKey, object: KradleObject, opts?: CreateOptions): Promise<KradleObject>;
  /** Replaces an object. `NotFound`; `Conflict` when `expectedResourceVersion` is given and is not the current one. */
  update(key: ObjectKey, object: KradleObject, opts: UpdateOptions): Promise<KradleObject>;
  /** Removes an object and answers its last state under the delete's revision. `NotFound`, `Conflict`. */
  delete(key: ObjectKey, opts: DeleteOptions): Promise<KradleObject>;
  get(key: ObjectKey): Promise<KradleObject | undefined>;
  /** As `get`, and at once where this process remembers the object: it may have changed since. For a write that has it as its condition. */
  recall(key: ObjectKey): KradleObject | Promise<KradleObject | undefined>;
  list(query: ListQuery): Promise<ListPage>;
  /** Needs a started store; `stop` ends it with `ServiceUnavailable`. "From now" is from this call on, not from the first item asked for. */
  watch(query: WatchQuery): AsyncIterable<StoreEvent>;
  /** Number of current objects in a selection, without reading them. `matches` is not supported here. */
  count(selection: Pick<Selection, 'plural' | 'namespace'>): Promise<number>;
  /** The newest revision, and the one below which history is gone. */
  revisions(): Promise<{ head: string; floor: string }>;
  /** Drops history below `target` in bounded batches; resolves when done. */
  compact(target: string): Promise<void>;
  /** Starts the log tail and housekeeping. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
