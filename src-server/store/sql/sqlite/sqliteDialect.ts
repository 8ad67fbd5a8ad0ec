import type { Database, Statement } from 'better-sqlite3';
import { BatchPacer } from '../../batchPacer';
import { EventFollowers } from '../../eventFollowers';
import type { StoredEvent } from '../../eventLog';
import type { ChangeType, LogRow } from '../../logEntry';
import type { KeyRange } from '../../objectKey';
import { boundedRows } from '../boundedRows';
import type { AppendOutcome, AppendRequest, Dialect, ObjectPage, ObjectRow, Page, Revisions } from '../dialect';
import type { ObserveOperation } from '../observeOperation';
import { translatingSqliteErrors } from './openSqlite';
import { RowCache } from './rowCache';
import { SqliteStreams } from './sqliteStreams';
import { STATEMENTS, type StatementName } from '../statements';
import { StreamEnds } from '../streamEnds';
import type { WalSync } from './walSync';
import { WriteQueue, type Settled } from './writeQueue';

/** Pages (of 4 KiB) given back to the file system at one time. */
const RECLAIM_PAGES = 200;
/** Free pages that are kept, because the next minute's history fills them again: this many, or a quarter of the file. */
const SPARE_PAGES = 2_000;
const SPARE_SHARE = 0.25;

/** What one transaction takes of the changes that wait. */
const MAX_APPENDS = 128;
const MAX_APPEND_CHARACTERS = 2 * 1024 * 1024;

/** Who signs in, the organization, what a controller works on: read again and again. */
const CACHED = { maxRows: 4_096, maxCharacters: 8 * 1024 * 1024 };

interface StoredRow extends ObjectRow {
  readonly uid: string;
}

export interface SqliteDialectOptions {
  readonly observe: ObserveOperation;
  /** Shared with whoever commits to the same file. */
  readonly sync: WalSync;
  /** Shared with the event log, which may append to the same streams. */
  readonly ends?: StreamEnds;
  readonly followers?: EventFollowers;
}

/** An append that is carried out, and not committed yet. */
interface Applied {
  readonly outcome: AppendOutcome;
  readonly entry?: StoredEvent | undefined;
}

/**
 * The dialect of one SQLite file with one writer. better-sqlite3 is synchronous, so a transaction runs from BEGIN to COMMIT without
 * anything in between: no reader sees what is not committed. Changes are acknowledged, and seen by readers, when they are on the disk, for which
 * the event loop does not wait: the connection commits with `synchronous = NORMAL`, and {@link WalSync} syncs. Changes that are asked for in one turn
 * of the event loop, or while a sync is under way, share a transaction and a sync. Integers are bigint on this connection.
 */
export class SqliteDialect implements Dialect {
  readonly #db: Database;
  readonly #observe: ObserveOperation;
  readonly #sync: WalSync;
  readonly #followers: EventFollowers;
  readonly #streams: SqliteStreams;
  readonly #prepared = new Map<string, Statement<unknown[]>>();
  readonly #pacer = new BatchPacer();
  readonly #rows = new RowCache<StoredRow>(CACHED);
  readonly #appends = new WriteQueue<AppendRequest, AppendOutcome>({
    run: (requests) => this.#appendTogether(requests),
    secure: () => this.#secure(),
    sizeOf: (request) => ('value' in request ? request.value.length : 0),
    maxRequests: MAX_APPENDS,
    maxSize: MAX_APPEND_CHARACTERS,
  });

  /** What is to be done about the changes that are committed and not on the disk yet, once it is known whether they are safe. */
  #unsynced: ((safe: boolean) => void)[] = [];
  /** Never rejects. */
  #syncing: Promise<void> | undefined;

  constructor(db: Database, opts: SqliteDialectOptions) {
    this.#db = db.defaultSafeIntegers(true);
    this.#observe = opts.observe;
    this.#sync = opts.sync;
    this.#followers = opts.followers ?? new EventFollowers();
    this.#streams = new SqliteStreams(db, opts.ends ?? new StreamEnds());
  }

  append(request: AppendRequest): Promise<AppendOutcome> {
    return this.#appends.add(request);
  }

  /** Carries out without delay what was asked for and still waits for its turn. */
  flush(): Promise<void> {
    return this.#appends.flush();
  }

  async get(key: string): Promise<ObjectRow | undefined> {
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = await this.#seen('get', () => this.#get<[string], StoredRow>('getObject', [key]));
    if (row !== undefined) this.#rows.add(row);
    return row;
  }

  async page(query: KeyRange & { asOf?: bigint; limit: number; withTotal?: boolean }): Promise<ObjectPage> {
    return this.#read('page', () => {
      const revisions = this.#revisions();
      const { from, before, limit, asOf } = query;
      const bounds = { limit, sizeOf: (row: ObjectRow) => row.value.length };
      const page =
        asOf === undefined || asOf === revisions.head
          ? boundedRows(this.#statement<[string, string, number], ObjectRow>('pageCurrent'), [from, before, limit + 1], bounds)
          : boundedRows(
              this.#statement<[string, string, bigint, string, string, bigint, bigint, number], ObjectRow>('pageAsOf'),
              [from, before, asOf, from, before, asOf, asOf, limit + 1],
              bounds,
            );
      return { ...revisions, ...page, ...(query.withTotal ? { total: this.#count(query) } : {}) };
    });
  }

  async count(range: KeyRange): Promise<number> {
    return this.#seen('count', () => this.#count(range));
  }

  async firstKey(from: string): Promise<string | undefined> {
    return this.#seen('firstKey', () => this.#get<[string], { key: string }>('firstKey', [from])?.key);
  }

  async revisions(): Promise<Revisions> {
    return this.#seen('revisions', () => this.#revisions());
  }

  async logAfter(revision: bigint, limit: number): Promise<Page<LogRow>> {
    return this.#read('logAfter', () => ({
      ...this.#revisions(),
      ...boundedRows(this.#statement<[bigint, number], LogRow>('logAfter'), [revision, limit + 1], {
        limit,
        sizeOf: (row) => (row.value?.length ?? 0) + (row.prev_value?.length ?? 0),
      }),
    }));
  }

  async stampAfter(revision: bigint): Promise<{ revision: bigint; at: number } | undefined> {
    return this.#run('stampAfter', () => {
      const row = this.#get<[bigint], { revision: bigint; at: bigint }>('stampAfter', [revision]);
      return row && { revision: row.revision, at: Number(row.at) };
    });
  }

  async raiseFloor(target: bigint): Promise<void> {
    this.#run('raiseFloor', () => this.#statement<[bigint, bigint]>('raiseFloor').run(target, target));
  }

  async trimLog(): Promise<number> {
    return this.#pacer.pace((rows) => this.#run('trimLog', () => this.#write('trimLog', [rows])));
  }

  async tidy(): Promise<boolean> {
    return this.#run('tidy', () => {
      const spare = Math.max(SPARE_PAGES, this.#number('page_count') * SPARE_SHARE);
      const free = this.#number('freelist_count');
      if (free > spare) {
        this.#db.pragma(`incremental_vacuum(${RECLAIM_PAGES})`);
        return this.#number('freelist_count') < free;
      }
      // PASSIVE: takes what it can and waits for nobody.
      this.#db.pragma('wal_checkpoint(PASSIVE)');
      return false;
    });
  }

  /** Appends in one transaction, which costs one sync. When that fails nothing has happened: each then gets a transaction of its own. */
  #appendTogether(requests: readonly AppendRequest[]): Settled<AppendOutcome>[] {
    let begun = false;
    try {
      return this.#run('append', () => {
        this.#control('BEGIN IMMEDIATE');
        begun = true;
        try {
          return this.#applyAll(requests).map((result) => ({ result }));
        } catch (error) {
          // A full disk makes SQLite roll back by itself; a COMMIT that failed for another reason leaves the transaction open.
          if (this.#db.inTransaction) this.#control('ROLLBACK');
          throw error;
        }
      });
    } catch (error) {
      // A database that is locked by another program, or closed, is so for all of them.
      if (requests.length === 1 || !begun) return requests.map(() => ({ error }));
      return requests.flatMap((request) => this.#appendTogether([request]));
    }
  }

  #applyAll(requests: readonly AppendRequest[]): AppendOutcome[] {
    try {
      const { head } = this.#revisions();
      let revision = head;
      const applied = requests.map((request): Applied => {
        const outcome = this.#apply(request, revision + 1n);
        if (outcome.outcome !== 'stored') return { outcome };
        revision = outcome.revision;
        return { outcome, entry: this.#record(request, outcome.revision) };
      });
      if (revision === head) this.#control('ROLLBACK');
      else {
        this.#streams.flush();
        this.#statement<[bigint]>('setRevision').run(revision);
        this.#control('COMMIT');
        const longer = this.#streams.committed();
        this.#unsynced.push((safe) => {
          for (const stream of longer) this.#followers.wake(stream);
          for (const [index, each] of applied.entries()) this.#remember(requests[index], each, safe);
        });
      }
      return applied.map(({ outcome }) => outcome);
    } finally {
      this.#streams.abandoned();
    }
  }

  /** When the sync fails, what was committed stands all the same, and the next change builds on it; but nobody was promised anything. */
  #secure(): Promise<void> | undefined {
    const unsynced = this.#unsynced.splice(0);
    if (unsynced.length === 0) return undefined;
    const settle = (safe: boolean): void => {
      this.#syncing = undefined;
      for (const each of unsynced) each(safe);
    };
    const secured = this.#sync.flushed();
    this.#syncing = secured.then(() => settle(true), () => settle(false));
    return this.#syncing.then(() => secured);
  }

  #record({ record }: AppendRequest, revision: bigint): StoredEvent | undefined {
    if (record === undefined) return undefined;
    const { stream, entry } = record;
    const stored = this.#streams.link(stream, (end) => entry(revision.toString(), end));
    if (stored === undefined) throw new Error(`The event stream "${stream}" has an entry of the record's id already`);
    return stored;
  }

  /** What was read before stays true, because this process alone writes. */
  #remember(request: AppendRequest | undefined, { outcome, entry }: Applied, safe: boolean): void {
    if (request === undefined || outcome.outcome !== 'stored') return;
    if (entry !== undefined && safe) request.record?.onStored?.(entry);
    const { key, type } = request;
    if (type === 'D') this.#rows.remove(key);
    else this.#rows.replace({ key, uid: request.uid, revision: outcome.revision, value: request.value });
  }

  /** Never: one process owns the file. */
  onForeignCommit(): () => void {
    return () => undefined;
  }

  #apply(request: AppendRequest, revision: bigint): AppendOutcome {
    const { key, type, at } = request;
    if (type === 'C') {
      if (this.#write('insertObject', [key, request.uid, revision, request.value]) === 0) return { outcome: 'exists' };
      this.#logChange({ revision, key, type, at, value: request.value });
      return { outcome: 'stored', revision, value: request.value };
    }
    const current = this.#get<[string], StoredRow>('getObject', [key]);
    if (current === undefined) return { outcome: 'missing' };
    const isMeant =
      (request.expectedRevision === undefined || request.expectedRevision === current.revision) &&
      (request.type === 'U' || request.expectedUid === undefined || request.expectedUid === current.uid);
    if (!isMeant) return { outcome: 'stale', revision: current.revision, uid: current.uid };
    if (request.type === 'D') {
      this.#write('deleteObject', [key]);
      this.#logChange({ revision, key, type, at, previous: current });
      return { outcome: 'stored', revision, value: current.value };
    }
    if (request.value === current.value) return { outcome: 'unchanged', revision: current.revision, value: current.value };
    this.#write('updateObject', [request.uid, revision, request.value, key]);
    this.#logChange({ revision, key, type, at, value: request.value, previous: current });
    return { outcome: 'stored', revision, value: request.value, previous: current.value };
  }

  #logChange(change: { revision: bigint; key: string; type: ChangeType; at: number; value?: string; previous?: StoredRow }): void {
    const { revision, key, type, at, value, previous } = change;
    this.#write('insertLog', [revision, key, type, previous?.revision ?? null, BigInt(at), value ?? null, previous?.value ?? null]);
  }

  #revisions(): Revisions {
    const revisions = this.#get<[], { head: bigint; floor: bigint }>('revisions', []);
    if (revisions === undefined) throw new Error('The database has lost its revision counter');
    return revisions;
  }

  #count(range: KeyRange): number {
    return Number(this.#get<[string, string], { total: bigint }>('countKeys', [range.from, range.before])?.total ?? 0);
  }

  #number(pragma: 'page_count' | 'freelist_count'): number {
    return Number(this.#db.pragma(pragma, { simple: true }));
  }

  #write(name: StatementName, parameters: unknown[]): number {
    return this.#statement(name).run(...parameters).changes;
  }

  #get<TParameters extends unknown[], TRow>(name: StatementName, parameters: TParameters): TRow | undefined {
    return this.#statement<TParameters, TRow>(name).get(...parameters);
  }

  #statement<TParameters extends unknown[], TRow = unknown>(name: StatementName): Statement<TParameters, TRow> {
    return this.#prepare(STATEMENTS[name]);
  }

  #control(sql: 'BEGIN' | 'BEGIN IMMEDIATE' | 'COMMIT' | 'ROLLBACK'): void {
    this.#prepare(sql).run();
  }

  #prepare<TParameters extends unknown[], TRow>(sql: string): Statement<TParameters, TRow> {
    const known = this.#prepared.get(sql) ?? this.#db.prepare<unknown[]>(sql);
    this.#prepared.set(sql, known);
    // The text of a statement and the row type that its caller names belong together; the conformance suite holds them to it.
    return known as unknown as Statement<TParameters, TRow>;
  }

  /** A read of what is committed, answered when that is on the disk: what a reader has seen stays, whatever happens to the machine. */
  #seen<TResult>(operation: string, work: () => TResult): TResult | Promise<TResult> {
    const result = this.#run(operation, work);
    return this.#syncing === undefined ? result : this.#syncing.then(() => result);
  }

  /** Several reads that must agree with each other. */
  #read<TResult>(operation: string, work: () => TResult): TResult | Promise<TResult> {
    return this.#seen(operation, () => {
      this.#control('BEGIN');
      try {
        return work();
      } finally {
        this.#control('COMMIT');
      }
    });
  }

  #run<TResult>(operation: string, work: () => TResult): TResult {
    const startedAt = performance.now();
    try {
      return translatingSqliteErrors(work);
    } finally {
      this.#observe(operation, performance.now() - startedAt);
    }
  }
}
