import type { SqliteAnswers, SqliteOperation, SqliteWrite } from './sqliteWrites';
import type { WriterFailure } from './writerFailure';

/** What the thread is started with. */
export interface WriterThreadData {
  /** Path of the database file, whose schema is up to date. */
  readonly path: string;
  /** Shared with who started it: its one element is 1 while the thread has nothing to do, and set to 0 by whoever sends it something. */
  readonly idle: Int32Array;
}

/** To the thread: writes, in the order in which they were asked for; or that there are no more. */
export type WriterMessage = readonly SqliteWrite[] | 'close';

/** From the thread: how the longest unanswered writes came out, in their order, and what was done for how many ms. */
export interface WriterReply {
  readonly settled: readonly ({ readonly result: SqliteAnswers[SqliteOperation] } | { readonly failure: WriterFailure })[];
  readonly operations: readonly (readonly [operation: string, durationMs: number])[];
  /** Why writes that were to share a transaction got one each. */
  readonly apart: readonly WriterFailure[];
}
