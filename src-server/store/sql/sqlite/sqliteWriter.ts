import type { Database } from 'better-sqlite3';
import { BatchPacer } from '../../batchPacer';
import type { ChangeType } from '../../logEntry';
import type { AppendCondition, AppendOutcome, AppendRequest, ObjectRow } from '../dialect';
import type { ObserveOperation } from '../observeOperation';
import { sqliteOperation } from './openSqlite';
import { SqliteStatements } from './sqliteStatements';
import { positionOf, SqliteStreams } from './sqliteStreams';
import type { SqliteAnswers, SqliteOperation, SqliteWrite } from './sqliteWrites';

/** Pages (of 4 KiB) given back to the file system at one time. */
const RECLAIM_PAGES = 200;
/** Free pages that are kept, because the next minute's history fills them again: this many, or a quarter of the file. */
const SPARE_PAGES = 2_000;
const SPARE_SHARE = 0.25;

/** What one transaction takes of the writes that wait. */
const MAX_WRITES = 128;
const MAX_CHARACTERS = 2 * 1024 * 1024;

/** How one of several that were done together came out. */
export type Settled = { readonly result: SqliteAnswers[SqliteOperation] } | { readonly error: unknown };

/** Writes that can share a transaction. */
type SharedWrite = Extract<SqliteWrite, { op: 'append' | 'appendEvents' | 'link' }>;

/** Writes that have a transaction of their own. */
type Chore = Exclude<SqliteWrite, SharedWrite>;

interface StoredRow extends ObjectRow {
  readonly uid: string;
}

/**
 * Everything that writes to the one SQLite file, over one connection whose commits are synced before they return. Synchronous: it belongs on a
 * thread that serves nobody else. Writes that wait share a transaction, and so what a commit costs.
 */
export class SqliteWriter {
  readonly #db: Database;
  readonly #observe: ObserveOperation;
  readonly #onApart: (error: unknown) => void;
  readonly #statements: SqliteStatements;
  readonly #streams: SqliteStreams;
  readonly #chores: ReturnType<typeof prepareChores>;
  readonly #pacer = new BatchPacer();

  /** `onApart` is told why writes that were to share a transaction get one each. */
  constructor(db: Database, opts: { readonly observe: ObserveOperation; readonly onApart: (error: unknown) => void }) {
    this.#db = db;
    this.#observe = opts.observe;
    this.#onApart = opts.onApart;
    this.#statements = new SqliteStatements(db);
    this.#streams = new SqliteStreams(db);
    this.#chores = prepareChores(db);
  }

  /** Carries out the first of what waits, with those behind it that can go along, and says of each how it came out: as many as were taken. */
  next(waiting: readonly SqliteWrite[]): readonly Settled[] {
    const together = takeTogether(waiting);
    if (together.length > 0) return this.#commitTogether(together);
    const [first] = waiting;
    return first === undefined || isShared(first) ? [] : [this.#settle(first)];
  }

  /** One transaction. When that fails nothing has happened: each then gets a transaction of its own. */
  #commitTogether(writes: readonly SharedWrite[]): readonly Settled[] {
    let begun = false;
    try {
      return this.#run('append', () => {
        this.#statements.control('BEGIN IMMEDIATE');
        begun = true;
        try {
          return this.#commitAll(writes).map((result) => ({ result }));
        } catch (error) {
          // A full disk makes SQLite roll back by itself; a COMMIT that failed for another reason leaves the transaction open.
          if (this.#db.inTransaction) this.#statements.control('ROLLBACK');
          throw error;
        }
      });
    } catch (error) {
      // A database that is locked by another program, or closed, is so for all of them.
      if (writes.length === 1 || !begun) return writes.map(() => ({ error }));
      this.#onApart(error);
      return writes.flatMap((write) => this.#commitTogether([write]));
    }
  }

  #commitAll(writes: readonly SharedWrite[]): SqliteAnswers[SharedWrite['op']][] {
    try {
      const { head } = this.#statements.revisions();
      let revision = head;
      const answers = writes.map((write) => {
        switch (write.op) {
          case 'append': {
            const answer = this.#append(write, revision + 1n);
            if (answer.outcome.outcome === 'stored') revision = answer.outcome.revision;
            return answer;
          }
          case 'appendEvents':
            return this.#streams.append(write.stream, write.entries);
          case 'link':
            return write.drafts.map((draft) => this.#streams.link(write.stream, draft)?.entry);
        }
      });
      const isLonger = this.#streams.flush();
      if (revision > head) this.#statements.run('setRevision', revision);
      this.#statements.control(revision > head || isLonger ? 'COMMIT' : 'ROLLBACK');
      this.#streams.committed();
      return answers;
    } finally {
      this.#streams.abandoned();
    }
  }

  #append({ request, record }: Extract<SqliteWrite, { op: 'append' }>, revision: bigint): SqliteAnswers['append'] {
    const outcome = this.#apply(request, revision);
    if (outcome.outcome !== 'stored' || record === undefined) return { outcome };
    const sealed = this.#streams.link(record.stream, record.draft, revision.toString());
    if (sealed === undefined) throw new Error(`The event stream "${record.stream}" has an entry of the record's id already`);
    return { outcome, head: sealed.head };
  }

  #apply(request: AppendRequest, revision: bigint): AppendOutcome {
    const { type, key, at } = request;
    if (type === 'C') {
      if (!this.#holds(request.condition)) return { outcome: 'unmet' };
      if (this.#statements.run('insertObject', key, request.uid, revision, request.value) === 0) return { outcome: 'exists' };
      this.#logChange({ revision, key, type, at });
      return { outcome: 'stored', revision };
    }
    const current = this.#statements.first<StoredRow>('getObject', key);
    if (current === undefined) return { outcome: 'missing' };
    const { expectedRevision } = request;
    const expectedUid = type === 'D' ? request.expectedUid : undefined;
    const isStale = (expectedRevision !== undefined && expectedRevision !== current.revision) || (expectedUid !== undefined && expectedUid !== current.uid);
    if (isStale) return { outcome: 'stale', revision: current.revision, uid: current.uid };
    if (type === 'D') {
      this.#statements.run('deleteObject', key);
      this.#logChange({ revision, key, type, at, previous: current });
      return { outcome: 'stored', revision, previous: current.value };
    }
    if (request.value === current.value) return { outcome: 'unchanged', revision: current.revision };
    this.#statements.run('updateObject', request.uid, revision, request.value, key);
    this.#logChange({ revision, key, type, at, previous: current });
    return { outcome: 'stored', revision, previous: current.value };
  }

  #holds(condition: AppendCondition | undefined): boolean {
    return condition === undefined || this.#statements.first<Pick<StoredRow, 'revision'>>('revisionOf', condition.key)?.revision === condition.revision;
  }

  #logChange({ revision, key, type, at, previous }: { revision: bigint; key: string; type: ChangeType; at: number; previous?: StoredRow }): void {
    this.#statements.run('insertLog', revision, key, type, previous?.revision ?? null, BigInt(at), previous?.value ?? null);
  }

  #settle(chore: Chore): Settled {
    try {
      return { result: this.#run(chore.op, () => this.#do(chore)) };
    } catch (error) {
      return { error };
    }
  }

  #do(chore: Chore): SqliteAnswers[Chore['op']] {
    switch (chore.op) {
      case 'raiseFloor':
        this.#statements.run('raiseFloor', chore.target, chore.target);
        return undefined;
      case 'trimLog':
        return this.#pacer.pace((rows) => this.#statements.run('trimLog', rows));
      case 'tidy':
        return this.#tidy();
      case 'trimEvents': {
        const found = this.#streams.find(chore.stream);
        this.#streams.forgetEnd(chore.stream);
        return found === undefined ? 0 : this.#deleteSome(found.id, Math.min(chore.through, Number(found.last_seq)) + 1);
      }
      case 'dropStream':
        this.#chores.dropStream.run(chore.stream);
        return undefined;
      case 'sweepEvents':
        return this.#sweep();
    }
  }

  #tidy(): boolean {
    const spare = Math.max(SPARE_PAGES, this.#number('page_count') * SPARE_SHARE);
    const free = this.#number('freelist_count');
    if (free > spare) {
      this.#db.pragma(`incremental_vacuum(${RECLAIM_PAGES})`);
      return this.#number('freelist_count') < free;
    }
    // PASSIVE: takes what it can and waits for nobody.
    this.#db.pragma('wal_checkpoint(PASSIVE)');
    return false;
  }

  /** Deletes some rows of a stream that was dropped, or its name when none is left. */
  #sweep(): boolean {
    const dropped = this.#chores.findDropped.get();
    if (dropped === undefined) return false;
    if (this.#deleteSome(dropped.id, Infinity) === 0) this.#chores.forgetStream.run(dropped.id);
    return true;
  }

  /** Of a stream, the first entries before a seq. */
  #deleteSome(stream: bigint, before: number): number {
    return this.#pacer.pace((rows) => this.#chores.deleteEvents.run(positionOf(stream, 0), positionOf(stream, before), rows).changes);
  }

  #number(pragma: 'page_count' | 'freelist_count'): number {
    return Number(this.#db.pragma(pragma, { simple: true }));
  }

  #run<TResult>(operation: string, work: () => TResult): TResult {
    return sqliteOperation(this.#observe, operation, work);
  }
}

function isShared(write: SqliteWrite): write is SharedWrite {
  return write.op === 'append' || write.op === 'appendEvents' || write.op === 'link';
}

/** Those at the head of the queue that one transaction takes. One always fits. */
function takeTogether(waiting: readonly SqliteWrite[]): readonly SharedWrite[] {
  const together: SharedWrite[] = [];
  let size = 0;
  for (const write of waiting) {
    if (!isShared(write)) break;
    size += sizeOf(write);
    if (together.length > 0 && (together.length >= MAX_WRITES || size > MAX_CHARACTERS)) break;
    together.push(write);
  }
  return together;
}

/** In characters, of what may be large. */
function sizeOf(write: SharedWrite): number {
  switch (write.op) {
    case 'append':
      return write.request.type === 'D' ? 0 : write.request.value.length;
    case 'appendEvents':
      return write.entries.reduce((sum, { data }) => sum + data.length, 0);
    case 'link':
      return 0;
  }
}

function prepareChores(db: Database) {
  return {
    dropStream: db.prepare<[string]>('UPDATE event_stream SET name = NULL WHERE name = ?'),
    findDropped: db.prepare<[], { id: bigint }>('SELECT id FROM event_stream WHERE name IS NULL LIMIT 1'),
    deleteEvents: db.prepare<[bigint, bigint, number]>(
      'DELETE FROM event WHERE position IN (SELECT position FROM event WHERE position > ? AND position < ? ORDER BY position LIMIT ?)',
    ),
    forgetStream: db.prepare<[bigint]>('DELETE FROM event_stream WHERE id = ?'),
  };
}
