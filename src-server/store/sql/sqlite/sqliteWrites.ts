import type { ChainDraft, ChainHead } from '../../chain';
import type { StoredEvent } from '../../eventLog';
import type { WriteRecord } from '../../store';
import type { AppendOutcome, AppendRequest } from '../dialect';
import type { EncodedEvent } from './sqliteStreams';

/** A record without what only its asker can do. */
export type PlainRecord = Pick<WriteRecord, 'stream' | 'draft'>;

/** What is written to the database. Plain data: it may be carried out by another thread. */
export type SqliteWrite =
  | { readonly op: 'append'; readonly request: AppendRequest; readonly record: PlainRecord | undefined }
  | { readonly op: 'appendEvents'; readonly stream: string; readonly entries: readonly EncodedEvent[] }
  | { readonly op: 'link'; readonly stream: string; readonly drafts: readonly ChainDraft[] }
  | { readonly op: 'raiseFloor'; readonly target: bigint }
  | { readonly op: 'trimLog' }
  | { readonly op: 'tidy' }
  | { readonly op: 'trimEvents'; readonly stream: string; readonly through: number }
  | { readonly op: 'dropStream'; readonly stream: string }
  | { readonly op: 'sweepEvents' };

export type SqliteOperation = SqliteWrite['op'];

/** What each is answered with. */
export interface SqliteAnswers {
  /** `head`: the end of the record's chain, where one was stored. */
  readonly append: { readonly outcome: AppendOutcome; readonly head?: ChainHead | undefined };
  /** The stream's highest seq, and how many entries were new. */
  readonly appendEvents: { readonly lastSeq: number; readonly stored: number };
  /** Each as it is stored; undefined in the place of one whose id was taken. */
  readonly link: readonly (StoredEvent | undefined)[];
  readonly raiseFloor: undefined;
  /** How many rows it deleted. */
  readonly trimLog: number;
  /** Whether there is more to do. */
  readonly tidy: boolean;
  /** How many rows it deleted. */
  readonly trimEvents: number;
  readonly dropStream: undefined;
  /** Whether there is more to do. */
  readonly sweepEvents: boolean;
}

/** Whoever writes to the one SQLite file. What is sent is carried out in this order, and answered when it is safe on the disk. */
export interface SqliteWrites {
  send<TOp extends SqliteOperation>(write: Extract<SqliteWrite, { op: TOp }>): Promise<SqliteAnswers[TOp]>;
  /** Resolves when everything that was sent is answered. */
  flush(): Promise<void>;
  /** Carries out what was sent, and closes. Later writes fail with `ServiceUnavailable`. */
  close(): Promise<void>;
}
