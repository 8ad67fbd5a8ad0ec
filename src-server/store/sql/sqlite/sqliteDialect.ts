import type { Database } from 'better-sqlite3';
import type { EventFollowers } from '../../eventFollowers';
import type { LogRow } from '../../logEntry';
import type { KeyRange } from '../../objectKey';
import type { WriteRecord } from '../../store';
import { boundedRows } from '../boundedRows';
import type { AppendOutcome, AppendRequest, Dialect, ObjectPage, ObjectRow, Page, Revisions } from '../dialect';
import type { ObserveOperation } from '../observeOperation';
import { sqliteOperation } from './openSqlite';
import { RowCache } from './rowCache';
import { SqliteStatements } from './sqliteStatements';
import type { SqliteWrites } from './sqliteWrites';

/** Who signs in, the organization, what a controller works on: read again and again. */
const CACHED = { maxRows: 4_096, maxCharacters: 8 * 1024 * 1024 };

export interface SqliteDialectOptions {
  readonly observe: ObserveOperation;
  /** Of the same file. */
  readonly writes: SqliteWrites;
  readonly followers: EventFollowers;
}

/** Writes to one key that are under way. */
interface Writing {
  count: number;
  /** The row was in the cache, and is to be there again. */
  readonly isWanted: boolean;
}

/**
 * The dialect of one SQLite file with one writer. It reads over a connection of its own, which sees a commit when that is on the disk; what is
 * written goes to {@link SqliteWrites}. better-sqlite3 is synchronous, so a read runs to its end without anything in between. Integers are
 * bigint on this connection.
 */
export class SqliteDialect implements Dialect {
  readonly #opts: SqliteDialectOptions;
  readonly #statements: SqliteStatements;
  readonly #rows = new RowCache<ObjectRow>(CACHED);
  readonly #writing = new Map<string, Writing>();

  constructor(db: Database, opts: SqliteDialectOptions) {
    this.#opts = opts;
    this.#statements = new SqliteStatements(db);
  }

  async append(request: AppendRequest, record: WriteRecord | undefined): Promise<AppendOutcome> {
    const { writes, followers } = this.#opts;
    const writing = this.#beginWriting(request.key);
    try {
      const { outcome, head } = await writes.send({ op: 'append', request, record: record && { stream: record.stream, draft: record.draft } });
      if (record !== undefined && head !== undefined) {
        record.onStored?.(head);
        followers.wake(record.stream);
      }
      if (outcome.outcome === 'stored' && request.type !== 'D' && writing.isWanted && writing.count === 1) {
        this.#rows.add({ key: request.key, revision: outcome.revision, value: request.value });
      }
      return outcome;
    } finally {
      writing.count -= 1;
      if (writing.count === 0) this.#writing.delete(request.key);
    }
  }

  async get(key: string): Promise<ObjectRow | undefined> {
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = this.#run('get', () => this.#statements.first<ObjectRow>('getObject', key));
    if (row !== undefined && !this.#writing.has(key)) this.#rows.add(row);
    return row;
  }

  async page(query: KeyRange & { asOf?: bigint; limit: number; withTotal?: boolean }): Promise<ObjectPage> {
    return this.#read('page', () => {
      const revisions = this.#statements.revisions();
      const { from, before, limit, asOf } = query;
      const bounds = { limit, sizeOf: (row: ObjectRow) => row.value.length };
      const page =
        asOf === undefined || asOf === revisions.head
          ? boundedRows(this.#statements.get<[string, string, number], ObjectRow>('pageCurrent'), [from, before, limit + 1], bounds)
          : boundedRows(
              this.#statements.get<[string, string, bigint, string, string, bigint, bigint, number], ObjectRow>('pageAsOf'),
              [from, before, asOf, from, before, asOf, asOf, limit + 1],
              bounds,
            );
      return { ...revisions, ...page, ...(query.withTotal ? { total: this.#count(query) } : {}) };
    });
  }

  async count(range: KeyRange): Promise<number> {
    return this.#run('count', () => this.#count(range));
  }

  async firstKey(from: string): Promise<string | undefined> {
    return this.#run('firstKey', () => this.#statements.first<{ key: string }>('firstKey', from)?.key);
  }

  async revisions(): Promise<Revisions> {
    return this.#run('revisions', () => this.#statements.revisions());
  }

  async logAfter(revision: bigint, limit: number): Promise<Page<LogRow>> {
    return this.#read('logAfter', () => ({
      ...this.#statements.revisions(),
      ...boundedRows(this.#statements.get<[bigint, number], LogRow>('logAfter'), [revision, limit + 1], {
        limit,
        sizeOf: (row) => (row.value?.length ?? 0) + (row.prev_value?.length ?? 0),
      }),
    }));
  }

  async stampAfter(revision: bigint): Promise<{ revision: bigint; at: number } | undefined> {
    return this.#run('stampAfter', () => {
      const row = this.#statements.first<{ revision: bigint; at: bigint }>('stampAfter', revision);
      return row && { revision: row.revision, at: Number(row.at) };
    });
  }

  async raiseFloor(target: bigint): Promise<void> {
    await this.#opts.writes.send({ op: 'raiseFloor', target });
  }

  async trimLog(): Promise<number> {
    return this.#opts.writes.send({ op: 'trimLog' });
  }

  async tidy(): Promise<boolean> {
    return this.#opts.writes.send({ op: 'tidy' });
  }

  /** Never: one process owns the file. */
  onForeignCommit(): () => void {
    return () => undefined;
  }

  /** Until it is known what became of it, readers find what is in the file. */
  #beginWriting(key: string): Writing {
    const writing = this.#writing.get(key) ?? { count: 0, isWanted: this.#rows.get(key) !== undefined };
    writing.count += 1;
    this.#writing.set(key, writing);
    this.#rows.remove(key);
    return writing;
  }

  #count(range: KeyRange): number {
    return Number(this.#statements.first<{ total: bigint }>('countKeys', range.from, range.before)?.total ?? 0);
  }

  /** Several reads that must agree with each other. */
  #read<TResult>(operation: string, work: () => TResult): TResult {
    return this.#run(operation, () => {
      this.#statements.control('BEGIN');
      try {
        return work();
      } finally {
        this.#statements.control('COMMIT');
      }
    });
  }

  #run<TResult>(operation: string, work: () => TResult): TResult {
    return sqliteOperation(this.#opts.observe, operation, work);
  }
}
