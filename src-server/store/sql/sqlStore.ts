import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { StatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import { Compactor } from '../compactor';
import { decodeContinueToken, encodeContinueToken, invalidToken, type ContinueToken } from '../continueToken';
import { readExactRevision } from '../exactRevision';
import { LogEntry } from '../logEntry';
import { LogTail } from '../logTail';
import { encodeKey, keyAfter, selectKeys, type KeySelection } from '../objectKey';
import { decodeObject, decodeShared, toStoredForm, type StoredForm } from '../objectCodec';
import { parseRevision, readRevision } from '../revision';
import type { CreateOptions, DeleteOptions, ListPage, ListQuery, ObjectKey, ObjectVersion, Selection, Store, StoreEvent, UpdateOptions, WatchQuery, WriteRecord } from '../store';
import { aheadOfStore, alreadyExists, conditionChanged, expired, notFound, staleRevision, staleUid, tooLargeRevision } from '../storeErrors';
import { watchLog, type WatchStart } from '../watchLog';
import type { AppendCondition, AppendOutcome, AppendRequest, Dialect, Revisions } from './dialect';
import { ObjectReader } from './objectReader';

/** Rows that a list reads at one time: each is a way to the database and back, where that is not in this process. */
const LIST_ROWS = 1_000;
/** Rows decoded before the event loop gets a turn. */
const DECODED_ROWS = 250;
/** Changes that a live watch may be behind before it is ended. */
const WATCH_BUFFER_EVENTS = 4_096;
/** Changes kept in memory, so that a browser that reconnects seldom costs a query. */
const RECENT_EVENTS = 1_000;

export interface SqlStoreOptions {
  readonly log: Logger;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly clock?: () => number;
  /** Milliseconds since some moment, whatever becomes of the clock; default `performance.now`. */
  readonly elapsed?: () => number;
  /** Changes that a live watch may be behind before it is ended; default 4,096. */
  readonly watchBufferEvents?: number;
  /** Changes kept in memory for watches that resume; default 1,000. They are found on disk as well. */
  readonly recentEvents?: number;
}

/** The store over any SQL database that a {@link Dialect} speaks to. Knows objects and revisions, but no database. */
export class SqlStore implements Store {
  readonly #dialect: Dialect;
  readonly #clock: () => number;
  readonly #tail: LogTail;
  readonly #compactor: Compactor;
  readonly #reader: ObjectReader;
  /** The newest revision that this process has been told of. */
  #known = 0n;
  #stopHints: (() => void) | undefined;

  constructor(dialect: Dialect, opts: SqlStoreOptions) {
    this.#dialect = dialect;
    this.#clock = opts.clock ?? Date.now;
    const elapsed = opts.elapsed ?? (() => performance.now());
    this.#reader = new ObjectReader(elapsed);
    this.#tail = new LogTail(dialect, {
      log: opts.log,
      bufferItems: opts.watchBufferEvents ?? WATCH_BUFFER_EVENTS,
      recentEntries: opts.recentEvents ?? RECENT_EVENTS,
      onPublished: (entries) => {
        for (const { key } of entries) this.#reader.forget(key);
      },
    });
    this.#compactor = new Compactor(dialect, { log: opts.log, clock: this.#clock, elapsed });
  }

  /** Watches that are live, for metrics. */
  get watchers(): number {
    return this.#tail.subscribers;
  }

  async create(key: ObjectKey, object: KradleObject, { record, condition }: CreateOptions = {}): Promise<KradleObject> {
    const { uid } = object.metadata;
    const { text, share } = toStoredForm(object);
    const request = { type: 'C', key: encodeKey(key), at: this.#clock(), uid, value: text, condition: condition && toAppendCondition(condition) } as const;
    return await this.#append(key, request, { record, condition, share });
  }

  async update(key: ObjectKey, object: KradleObject, opts: UpdateOptions): Promise<KradleObject> {
    const { uid } = object.metadata;
    const { text, share } = toStoredForm(object);
    const expectedRevision = readExpected(opts.expectedResourceVersion);
    return await this.#append(key, { type: 'U', key: encodeKey(key), at: this.#clock(), uid, value: text, expectedRevision }, { ...opts, share });
  }

  async delete(key: ObjectKey, opts: DeleteOptions): Promise<KradleObject> {
    const expectedRevision = readExpected(opts.expectedResourceVersion);
    const { expectedUid } = opts;
    return await this.#append(key, { type: 'D', key: encodeKey(key), at: this.#clock(), expectedRevision, expectedUid }, opts);
  }

  async get(key: ObjectKey): Promise<KradleObject | undefined> {
    const row = await this.#dialect.get(encodeKey(key));
    return row && this.#reader.read(row);
  }

  recall(key: ObjectKey): KradleObject | Promise<KradleObject | undefined> {
    return this.#reader.recall(encodeKey(key)) ?? this.get(key);
  }

  async list(query: ListQuery): Promise<ListPage> {
    const selection = selectKeys(query);
    const exact = readExactRevision(query);
    const token = query.continue === undefined ? undefined : readToken(query.continue, selection);
    const limit = query.limit || Infinity;
    // Without a further test every row is an object of the page, so the page's end and what is left are known.
    const countable = selection.exact && query.matches === undefined;
    const items: KradleObject[] = [];
    let remaining = token?.remaining;
    let revision = token?.revision ?? exact;
    let from = token === undefined ? selection.range.from : keyAfter(token.key);
    let lastKey = '';
    for (;;) {
      query.signal?.throwIfAborted();
      const page = await this.#dialect.page({
        from,
        before: selection.range.before,
        asOf: revision,
        limit: countable ? Math.min(LIST_ROWS, limit - items.length + 1) : LIST_ROWS,
        withTotal: countable && revision === undefined && limit !== Infinity,
      });
      this.#learn(page.head);
      revision ??= page.head;
      remaining ??= page.total;
      if (revision < page.floor) throw expired();
      if (revision > page.head) throw exact === undefined ? invalidToken() : tooLargeRevision(exact, page.head);
      for (const [index, row] of page.rows.entries()) {
        if (index > 0 && index % DECODED_ROWS === 0) await nextTurn();
        from = keyAfter(row.key);
        if (!selection.covers(row.key)) continue;
        const object = decodeObject(row.value, row.revision);
        if (query.matches?.(object) === false) continue;
        if (items.length >= limit) return cutList(items, { revision, key: lastKey, remaining });
        items.push(object);
        lastKey = row.key;
      }
      if (!page.more) return { items, resourceVersion: revision.toString() };
      await nextTurn();
    }
  }

  watch(query: WatchQuery): AsyncIterable<StoreEvent> {
    // "From now" means from this call on, not from the first item that is asked for: so what now is must be known here.
    const start = query.resourceVersion === undefined ? Promise.resolve(this.#now()) : this.#startAt(query.resourceVersion);
    start.catch(() => undefined);
    return watchLog(this.#tail, { ...query, start });
  }

  async count(selection: Pick<Selection, 'plural' | 'namespace'>): Promise<number> {
    const { range, exact } = selectKeys(selection);
    if (exact) return this.#dialect.count(range);
    // A namespace in every plural: hop over the index from plural to plural instead of walking along it.
    let total = 0;
    let key = await this.#dialect.firstKey(range.from);
    while (key !== undefined) {
      const plural = key.slice(0, key.indexOf('/'));
      total += await this.#dialect.count(selectKeys({ ...selection, plural }).range);
      key = await this.#dialect.firstKey(selectKeys({ plural }).range.before);
    }
    return total;
  }

  async revisions(): Promise<{ head: string; floor: string }> {
    const { head, floor } = await this.#revisions();
    return { head: head.toString(), floor: floor.toString() };
  }

  async compact(target: string): Promise<void> {
    const floor = parseRevision(target);
    const { head } = await this.#revisions();
    if (floor > head) throw aheadOfStore();
    // The tail must have read what is about to go, or its watchers would miss it.
    await this.#tail.drain();
    await this.#compactor.compactTo(floor);
  }

  /** One round of compaction by the rule of `compactor.ts`, as happens once a minute. */
  async housekeep(): Promise<void> {
    await this.#compactor.runOnce();
  }

  async start(): Promise<void> {
    const { head } = await this.#revisions();
    this.#tail.start(head);
    this.#stopHints = this.#dialect.onForeignCommit((revision) => {
      if (revision === undefined || revision > this.#tail.cursor) this.#tail.poke();
    });
    this.#compactor.start();
  }

  async stop(): Promise<void> {
    this.#stopHints?.();
    await this.#tail.stop();
    await this.#compactor.stop();
  }

  /** Writes, and turns the outcome into its answer; the watchers hear of what was stored. */
  async #append(key: ObjectKey, request: AppendRequest, opts: CreateOptions & DeleteOptions & Partial<StoredForm>): Promise<KradleObject> {
    const result = await this.#outcomeOf(request, opts.record);
    switch (result.outcome) {
      case 'stored':
        this.#learn(result.revision);
        return this.#published(request, opts.share, result);
      case 'unchanged':
        return answerOf(opts.share, result);
      case 'exists':
        throw alreadyExists(key);
      case 'unmet':
        throw this.#unmet(key, opts.condition);
      case 'missing':
        throw notFound(key);
      case 'stale':
        if (opts.expectedUid !== undefined && opts.expectedUid !== result.uid) throw staleUid(key);
        throw staleRevision(key, opts.expectedResourceVersion ?? '', result.revision.toString());
    }
  }

  async #outcomeOf(request: AppendRequest, record: WriteRecord | undefined): Promise<AppendOutcome> {
    try {
      return await this.#dialect.append(request, record);
    } catch (error) {
      // It may have been stored all the same, its answer lost on the way.
      this.#tail.poke();
      throw error;
    }
  }

  /** Tells the watchers of a change that was stored, and answers the object, which they share with the writer. */
  #published(request: AppendRequest, share: StoredForm['share'] | undefined, { revision, previous }: Extract<AppendOutcome, { outcome: 'stored' }>): KradleObject {
    const { key, type } = request;
    const object = answerOf(share, { revision, previous });
    // The change is in the log with what it replaced; only where that is known here it need not be read.
    if (type === 'U' && previous === undefined) this.#tail.poke();
    else this.#tail.publish(new LogEntry({ revision, key, type, value: valueOf(request) ?? null, prev_value: previous ?? null }, object));
    return object;
  }

  /** What the condition was taken from is not as it is remembered. */
  #unmet(key: ObjectKey, condition: ObjectVersion | undefined): StatusError {
    if (condition === undefined) throw new Error('Without a condition none can fail');
    this.#reader.forget(encodeKey(condition.key));
    return conditionChanged(key, condition);
  }

  async #startAt(resourceVersion: string): Promise<WatchStart> {
    const { head, floor } = await this.#revisions();
    const revision = parseRevision(resourceVersion);
    if (revision > head) throw aheadOfStore();
    if (revision < floor) throw expired();
    return { revision, head };
  }

  /** Everything that was acknowledged before, by this process, is at or below it; everything that is written later is above. */
  #now(): WatchStart {
    this.#learn(this.#tail.cursor);
    return { revision: this.#known, head: this.#known };
  }

  async #revisions(): Promise<Revisions> {
    const revisions = await this.#dialect.revisions();
    this.#learn(revisions.head);
    return revisions;
  }

  #learn(revision: bigint): void {
    if (revision > this.#known) this.#known = revision;
  }
}

/** The object as the write left it, or as it was when it was deleted. */
function answerOf(share: StoredForm['share'] | undefined, { revision, previous }: { revision: bigint; previous?: string | undefined }): KradleObject {
  if (share !== undefined) return share(revision);
  if (previous === undefined) throw new Error('Nothing is known of what was deleted');
  return decodeShared(previous, revision);
}

function valueOf(request: AppendRequest): string | undefined {
  return request.type === 'D' ? undefined : request.value;
}

function toAppendCondition({ key, resourceVersion }: ObjectVersion): AppendCondition {
  return { key: encodeKey(key), revision: readRevision(resourceVersion) ?? -1n };
}

/** -1 for text that is no revision: it is that of no object, so the write is stale. */
function readExpected(resourceVersion: string | undefined): bigint | undefined {
  return resourceVersion === undefined ? undefined : (readRevision(resourceVersion) ?? -1n);
}

function readToken(text: string, selection: KeySelection): ContinueToken {
  const token = decodeContinueToken(text);
  if (!selection.covers(token.key)) throw invalidToken();
  return token;
}

/** A page with more after it. `place.remaining` counts the objects from the first of this page on. */
function cutList(items: KradleObject[], place: ContinueToken): ListPage {
  const remaining = place.remaining === undefined ? undefined : place.remaining - items.length;
  const answer = { items, resourceVersion: place.revision.toString(), continue: encodeContinueToken({ ...place, remaining }) };
  return remaining === undefined ? answer : { ...answer, remainingItemCount: remaining };
}
