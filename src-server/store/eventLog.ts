import type { ChainDraft } from './chain';

/**
 * Append-only streams of high-rate data (agent events, logs), beside the resource log. A stream is named by the domain that owns
 * it: `run/<namespace>/<run>`. An entry is stored once by its id: appending an id again changes nothing.
 */
export interface EventEntry {
  /** Unique within the stream; chosen by the producer so that a resend is harmless. */
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly type: string;
  /** JSON-serialisable. At most 1 MiB serialised; the producer splits what is larger. */
  readonly data: unknown;
}

export interface StoredEvent extends EventEntry {
  /** Position in the stream, from 1, rising, possibly with gaps. */
  readonly seq: number;
}

export interface EventPage {
  readonly items: StoredEvent[];
  /** Highest seq of the stream at the time of reading; 0 when it is empty. */
  readonly lastSeq: number;
}

export interface EventLog {
  /** Stores what is new, in order, in one transaction, and when it is safe on the disk answers the stream's highest seq and how many were new. */
  append(stream: string, entries: readonly EventEntry[]): Promise<{ lastSeq: number; stored: number }>;
  /**
   * Appends to a chain, in one transaction, whoever else writes: each entry is sealed when its place is known. When they are safe on the disk,
   * answers each as it is stored; undefined in the place of one whose id was taken, which the next does not stand behind.
   */
  link(stream: string, drafts: readonly ChainDraft[]): Promise<(StoredEvent | undefined)[]>;
  /** Entries with `seq > after`, ascending; or, with `before`, the last `limit` entries with `seq < before`, ascending. Limit at most 5,000. */
  read(stream: string, opts: { after?: number; before?: number; limit: number }): Promise<EventPage>;
  /** Yields batches of new entries from `after` on, in order, without gap or repeat, until the signal or `drop` ends it. Bounded buffers: a slow reader reads from disk. */
  follow(stream: string, opts: { after: number; signal: AbortSignal }): AsyncIterable<StoredEvent[]>;
  /** The entry of this id. */
  find(stream: string, id: string): Promise<StoredEvent | undefined>;
  count(stream: string): Promise<number>;
  /** Deletes the entries up to and with this seq, in batches. The others stay as they are, and the numbering goes on. */
  trim(stream: string, through: number): Promise<void>;
  drop(stream: string): Promise<void>;
}
