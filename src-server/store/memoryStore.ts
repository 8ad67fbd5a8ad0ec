import type { KradleObject } from '#shared/kind/defineKind';
import { Bell } from './bell';
import { headOf } from './chain';
import { decodeContinueToken, encodeContinueToken, invalidToken } from './continueToken';
import { readExactRevision } from './exactRevision';
import { encodeKey, selectKeys } from './objectKey';
import { decodeShared, encodeObject } from './objectCodec';
import type { MemoryEventLog } from './memoryEventLog';
import { parseRevision } from './revision';
import type { CreateOptions, DeleteOptions, ListPage, ListQuery, ObjectKey, Selection, Store, StoreEvent, UpdateOptions, WatchQuery, WriteRecord } from './store';
import { aheadOfStore, alreadyExists, conditionChanged, expired, notFound, staleRevision, staleUid, notRunning, tooLargeRevision } from './storeErrors';

export interface MemoryStoreOptions {
  /** Where records of writes go; without it there can be none. */
  readonly eventLog?: MemoryEventLog;
  /** Changes that a live watch may be behind before it is ended; default 4,096. */
  readonly watchBufferEvents?: number;
  /** How far the next revision is from the last, at least 1; default always 1. */
  readonly revisionStep?: () => bigint;
}

interface Version {
  readonly text: string;
  readonly revision: bigint;
}

interface Change {
  readonly revision: bigint;
  readonly key: string;
  readonly before?: Version;
  readonly after?: Version;
}

/**
 * The contract in its plainest form: the oracle that other stores are tested against, and the store of unit tests. Pages replay the
 * history up to their revision instead of being clever.
 */
export function createMemoryStore(opts: MemoryStoreOptions = {}): Store {
  return new MemoryStore(opts);
}

class MemoryStore implements Store {
  readonly #current = new Map<string, Version>();
  /** The objects as of the floor; the log replayed over them gives every later state. */
  readonly #base = new Map<string, Version>();
  readonly #watchers = new Set<Bell>();
  readonly #opts: MemoryStoreOptions;
  #log: Change[] = [];
  #head = 0n;
  #floor = 0n;
  #stopped = false;

  constructor(opts: MemoryStoreOptions) {
    this.#opts = opts;
  }

  async create(key: ObjectKey, object: KradleObject, { record, condition }: CreateOptions = {}): Promise<KradleObject> {
    const id = encodeKey(key);
    const holds = condition === undefined || this.#current.get(encodeKey(condition.key))?.revision.toString() === condition.resourceVersion;
    if (!holds) throw conditionChanged(key, condition);
    if (this.#current.has(id)) throw alreadyExists(key);
    return this.#commit(id, { text: encodeObject(object), record });
  }

  async update(key: ObjectKey, object: KradleObject, opts: UpdateOptions): Promise<KradleObject> {
    const id = encodeKey(key);
    const text = encodeObject(object);
    const current = this.#expect(key, opts);
    if (text === current.text) return decodeShared(text, current.revision);
    return this.#commit(id, { before: current, text, record: opts.record });
  }

  async delete(key: ObjectKey, opts: DeleteOptions): Promise<KradleObject> {
    return this.#commit(encodeKey(key), { before: this.#expect(key, opts), record: opts.record });
  }

  async get(key: ObjectKey): Promise<KradleObject | undefined> {
    const version = this.#current.get(encodeKey(key));
    return version && decodeShared(version.text, version.revision);
  }

  recall(key: ObjectKey): Promise<KradleObject | undefined> {
    return this.get(key);
  }

  async list(query: ListQuery): Promise<ListPage> {
    const exact = readExactRevision(query);
    const token = query.continue === undefined ? undefined : decodeContinueToken(query.continue);
    const revision = token?.revision ?? exact ?? this.#head;
    if (exact !== undefined && exact > this.#head) throw tooLargeRevision(exact, this.#head);
    if (revision > this.#head || (token && !selectKeys(query).covers(token.key))) throw invalidToken();
    if (revision < this.#floor) throw expired();
    const matching = [...this.#asOf(revision)]
      .filter(([key]) => selectKeys(query).covers(key))
      .map(([key, version]) => ({ key, object: decodeShared(version.text, version.revision) }))
      .filter(({ key, object }) => (token === undefined || key > token.key) && (query.matches?.(object) ?? true))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const page = matching.slice(0, query.limit || matching.length);
    const last = page.at(-1);
    const remaining = matching.length - page.length;
    const answer = { items: page.map(({ object }) => object), resourceVersion: revision.toString() };
    if (last === undefined || remaining === 0) return answer;
    if (query.matches) return { ...answer, continue: encodeContinueToken({ revision, key: last.key }) };
    return { ...answer, continue: encodeContinueToken({ revision, key: last.key, remaining }), remainingItemCount: remaining };
  }

  watch(query: WatchQuery): AsyncIterable<StoreEvent> {
    // "From now" means from this call, not from the first item that is asked for.
    return this.#follow(query, this.#head);
  }

  async count(selection: Pick<Selection, 'plural' | 'namespace'>): Promise<number> {
    return [...this.#current.keys()].filter((key) => selectKeys(selection).covers(key)).length;
  }

  async revisions(): Promise<{ head: string; floor: string }> {
    return { head: this.#head.toString(), floor: this.#floor.toString() };
  }

  async compact(target: string): Promise<void> {
    const floor = parseRevision(target);
    if (floor > this.#head) throw aheadOfStore();
    for (const change of this.#log) {
      if (change.revision <= floor) apply(this.#base, change);
    }
    this.#log = this.#log.filter((change) => change.revision > floor);
    if (floor > this.#floor) this.#floor = floor;
  }

  async start(): Promise<void> {
    this.#stopped = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const bell of this.#watchers) bell.ring();
  }

  #expect(key: ObjectKey, opts: DeleteOptions): Version {
    const current = this.#current.get(encodeKey(key));
    if (!current) throw notFound(key);
    const { expectedResourceVersion: expected, expectedUid } = opts;
    if (expectedUid !== undefined && decodeShared(current.text, 0n).metadata.uid !== expectedUid) throw staleUid(key);
    if (expected !== undefined && expected !== current.revision.toString()) {
      throw staleRevision(key, expected, current.revision.toString());
    }
    return current;
  }

  #commit(key: string, change: { before?: Version; text?: string; record: WriteRecord | undefined }): KradleObject {
    const revision = this.#head + (this.#opts.revisionStep?.() ?? 1n);
    if (change.record !== undefined) this.#store(change.record, revision);
    this.#head = revision;
    const after = change.text === undefined ? undefined : { text: change.text, revision };
    const entry = { revision, key, before: change.before, after };
    this.#log.push(entry);
    apply(this.#current, entry);
    for (const bell of this.#watchers) bell.ring();
    return decodeShared(change.text ?? change.before?.text ?? 'null', revision);
  }

  #store({ stream, draft, onStored }: WriteRecord, revision: bigint): void {
    const [stored] = this.#opts.eventLog?.linkNow(stream, [draft], revision.toString()) ?? [];
    if (stored === undefined) throw new Error('A record needs an event log, and an id of its own');
    onStored?.(headOf(stored));
  }

  #asOf(revision: bigint): Map<string, Version> {
    const objects = new Map(this.#base);
    for (const change of this.#log) {
      if (change.revision <= revision) apply(objects, change);
    }
    return objects;
  }

  async *#follow(query: WatchQuery, now: bigint): AsyncGenerator<StoreEvent> {
    let cursor = query.resourceVersion === undefined ? now : parseRevision(query.resourceVersion);
    if (cursor > this.#head) throw aheadOfStore();
    const bell = new Bell();
    this.#watchers.add(bell);
    const everyMs = query.bookmarkEveryMs;
    let live = false;
    let bookmarkAt = 0;
    try {
      while (!query.signal.aborted) {
        if (this.#stopped) throw notRunning();
        const news = this.#log.filter((change) => change.revision > cursor);
        if (cursor < this.#floor || (live && news.length > (this.#opts.watchBufferEvents ?? 4_096))) throw expired();
        const next = news[0];
        if (next !== undefined) {
          cursor = next.revision;
          const event = toEvent(next, query);
          if (event !== undefined) yield event;
          continue;
        }
        live = true;
        cursor = this.#head;
        if (everyMs !== undefined && Date.now() >= bookmarkAt) {
          bookmarkAt = Date.now() + everyMs;
          yield { type: 'BOOKMARK', resourceVersion: cursor.toString() };
          continue;
        }
        await bell.wait({ signal: query.signal, timeoutMs: everyMs === undefined ? undefined : bookmarkAt - Date.now() });
      }
    } finally {
      this.#watchers.delete(bell);
    }
  }
}

function apply(objects: Map<string, Version>, change: Change): void {
  if (change.after === undefined) objects.delete(change.key);
  else objects.set(change.key, change.after);
}

function toEvent(change: Change, query: WatchQuery): StoreEvent | undefined {
  if (!selectKeys(query).covers(change.key)) return undefined;
  const see = (version: Version | undefined): KradleObject | undefined => {
    const object = version && decodeShared(version.text, change.revision);
    return object && (query.matches?.(object) ?? true) ? object : undefined;
  };
  const before = see(change.before);
  const after = see(change.after);
  const resourceVersion = change.revision.toString();
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', resourceVersion, object: after };
  return before && { type: 'DELETED', resourceVersion, object: before };
}
