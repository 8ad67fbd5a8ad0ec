import type { KeyRange } from '../objectKey';
import type { LogRow } from '../logEntry';
import type { WriteRecord } from '../store';

interface Append {
  readonly key: string;
  /** Ms since the epoch. */
  readonly at: number;
}

/** The revision that another object must be at. */
export interface AppendCondition {
  readonly key: string;
  readonly revision: bigint;
}

/** What a write means to do. */
export type AppendRequest =
  | Append & { readonly type: 'C'; readonly uid: string; readonly value: string; readonly condition?: AppendCondition | undefined }
  | Append & { readonly type: 'U'; readonly uid: string; readonly value: string; readonly expectedRevision?: bigint | undefined }
  | Append & { readonly type: 'D'; readonly expectedRevision?: bigint | undefined; readonly expectedUid?: string | undefined };

/** `unchanged`: the same bytes are stored already. `stale`: an expectation did not hold; the object is as the rest says. */
export type AppendOutcome =
  /** `previous` is the value that an update replaced, where that is known, or that a delete took away. */
  | { readonly outcome: 'stored'; readonly revision: bigint; readonly previous?: string }
  | { readonly outcome: 'unchanged'; readonly revision: bigint }
  | { readonly outcome: 'exists' }
  /** The condition does not hold. */
  | { readonly outcome: 'unmet' }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'stale'; readonly revision: bigint; readonly uid: string };

export interface ObjectRow {
  readonly key: string;
  readonly revision: bigint;
  readonly value: string;
}

export interface Revisions {
  readonly head: bigint;
  /** History at and below it is gone, or is being deleted. */
  readonly floor: bigint;
}

/** Rows in order. A page may be shorter than its limit: it is also bounded in bytes. `more`: there are rows after the last one. */
export interface Page<TRow> extends Revisions {
  readonly rows: readonly TRow[];
  readonly more: boolean;
}

export interface ObjectPage extends Page<ObjectRow> {
  /** Objects in the whole range, when it was asked for. */
  readonly total?: number;
}

/**
 * What differs between databases, and nothing else; made over a database whose schema is up to date. Each method is one short transaction: what it answers is consistent in itself, and
 * no transaction or cursor stays open when it has returned. A failure of the database throws; a full disk throws
 * `InsufficientStorage` and has changed nothing.
 */
export interface Dialect {
  /**
   * Takes the next revision from the counter row, checks, writes the object, the log row and `record`, all or nothing. The counter row comes
   * first and its lock is held until commit: so the next writer gets its number only when this change can be seen, and commit order
   * is revision order.
   */
  append(request: AppendRequest, record: WriteRecord | undefined): Promise<AppendOutcome>;

  get(key: string): Promise<ObjectRow | undefined>;

  /** Objects of a range in key order; with `asOf`, as they were at that revision (which must not be below the floor). */
  page(query: KeyRange & { readonly asOf?: bigint; readonly limit: number; readonly withTotal?: boolean }): Promise<ObjectPage>;

  /** Number of keys in a range, from the index alone. */
  count(range: KeyRange): Promise<number>;

  /** The first key at or after a text. */
  firstKey(from: string): Promise<string | undefined>;

  revisions(): Promise<Revisions>;

  /** Log rows above a revision, oldest first. */
  logAfter(revision: bigint, limit: number): Promise<Page<LogRow>>;

  /** Revision and time (ms since the epoch) of the first log row above a revision. */
  stampAfter(revision: bigint): Promise<{ revision: bigint; at: number } | undefined>;

  /** Declares the history at and below `target` gone; never lowers the floor. */
  raiseFloor(target: bigint): Promise<void>;

  /** Deletes some log rows at or below the floor, few enough to disturb nobody, and answers how many: none when none is left to this process. */
  trimLog(): Promise<number>;

  /** One bounded step of tidying (space given back, write-ahead log emptied). Answers whether there is more to do. */
  tidy(): Promise<boolean>;

  /**
   * Calls `hint` when another process may have committed, with the revision when that is known; hints may come late, twice or in vain.
   * Answers how to stop.
   */
  onForeignCommit(hint: (revision?: bigint) => void): () => void;
}
