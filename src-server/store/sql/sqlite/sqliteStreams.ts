import type { Database, Statement } from 'better-sqlite3';
import { headAt, seal, type ChainDraft, type ChainHead } from '../../chain';
import { encodeEventData } from '../../eventEntry';
import type { EventEntry, StoredEvent } from '../../eventLog';
import { StreamEnds } from '../streamEnds';

/** The position of an entry is `stream << 32 | seq`; see migration 2. */
const SEQ_BITS = 32n;
const MAX_SEQ = 2 ** 32 - 1;

/** An entry whose data is JSON text. */
export type EncodedEvent = Omit<EventEntry, 'data'> & { readonly data: string };

export interface StreamRow {
  readonly id: bigint;
  readonly last_seq: bigint;
}

export interface EventRow extends EncodedEvent {
  readonly position: bigint;
}

/** A stream that the transaction appends to. */
interface OpenStream {
  readonly id: bigint;
  readonly before: number;
  lastSeq: number;
  /** Where its chain ends, as far as that was asked for. */
  head?: ChainHead | undefined;
}

/**
 * Appends to streams over one connection, in transactions of its caller, who says how each came out: `flush` before it is committed, then
 * `committed` or `abandoned`. Nobody else writes to the file.
 */
export class SqliteStreams {
  readonly #ends = new StreamEnds();
  readonly #findStream: Statement<[string], StreamRow>;
  readonly #addStream: Statement<[string]>;
  readonly #setLastSeq: Statement<[bigint, bigint]>;
  readonly #insertEvent: Statement<[bigint, bigint, string, string, string, string]>;
  readonly #lastEvent: Statement<[bigint], EventRow>;
  readonly #open = new Map<string, OpenStream>();

  /** The connection's integers are bigint. */
  constructor(db: Database) {
    this.#findStream = db.prepare('SELECT id, last_seq FROM event_stream WHERE name = ?');
    this.#addStream = db.prepare('INSERT INTO event_stream (name) VALUES (?)');
    this.#setLastSeq = db.prepare('UPDATE event_stream SET last_seq = ? WHERE id = ?');
    this.#insertEvent = db.prepare('INSERT INTO event (position, stream, id, at, type, data) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (stream, id) DO NOTHING');
    this.#lastEvent = db.prepare('SELECT position, id, at, type, data FROM event WHERE position = ?');
  }

  find(stream: string): StreamRow | undefined {
    return this.#findStream.get(stream);
  }

  /** Appends what is new and answers the stream's last seq and how many were. */
  append(stream: string, entries: readonly EncodedEvent[]): { lastSeq: number; stored: number } {
    if (entries.length === 0) return { lastSeq: this.#open.get(stream)?.lastSeq ?? Number(this.find(stream)?.last_seq ?? 0), stored: 0 };
    const open = this.#opened(stream);
    const before = open.lastSeq;
    for (const entry of entries) this.#insert(open, entry);
    if (open.lastSeq > before) open.head = undefined;
    return { lastSeq: open.lastSeq, stored: open.lastSeq - before };
  }

  /** As `EventLog.link` of one; `resourceVersion` as in `seal`. */
  link(stream: string, draft: ChainDraft, resourceVersion?: string): { entry: StoredEvent; head: ChainHead } | undefined {
    const open = this.#opened(stream);
    open.head ??= this.#readHead(open);
    const sealed = seal(draft, open.head, resourceVersion);
    if (!this.#insert(open, { ...sealed.entry, data: encodeEventData(sealed.entry) })) return undefined;
    open.head = sealed.head;
    return sealed;
  }

  /** Writes what is due before the transaction is committed. Answers whether anything is. */
  flush(): boolean {
    let longer = false;
    for (const { id, before, lastSeq } of this.#open.values()) {
      if (lastSeq === before) continue;
      this.#setLastSeq.run(BigInt(lastSeq), id);
      longer = true;
    }
    return longer;
  }

  committed(): void {
    for (const [stream, { id, head }] of this.#open) {
      if (head === undefined) this.#ends.delete(stream);
      else this.#ends.set(stream, { id, head });
    }
    this.#open.clear();
  }

  abandoned(): void {
    this.#open.clear();
  }

  /** Entries were taken out: what the next stands behind is what is there then. */
  forgetEnd(stream: string): void {
    this.#ends.delete(stream);
  }

  #opened(stream: string): OpenStream {
    const known = this.#open.get(stream);
    if (known !== undefined) return known;
    const found = this.find(stream);
    const id = found?.id ?? BigInt(this.#addStream.run(stream).lastInsertRowid);
    const before = Number(found?.last_seq ?? 0);
    const end = this.#ends.get(stream);
    const open = { id, before, lastSeq: before, head: end?.id === id && end.head.sequence === before ? end.head : undefined };
    this.#open.set(stream, open);
    return open;
  }

  /** Answers whether it is new. */
  #insert(open: OpenStream, { id, at, type, data }: EncodedEvent): boolean {
    const { changes } = this.#insertEvent.run(positionOf(open.id, open.lastSeq + 1), open.id, id, at, type, data);
    open.lastSeq += changes;
    return changes > 0;
  }

  #readHead({ id, lastSeq }: OpenStream): ChainHead {
    const row = this.#lastEvent.get(positionOf(id, lastSeq));
    return headAt(lastSeq, row && toEvent(row));
  }
}

/** A seq beyond what a stream can hold stands for its end. */
export function positionOf(stream: bigint, seq: number): bigint {
  return (stream << SEQ_BITS) + BigInt(Math.min(seq, MAX_SEQ));
}

export function seqOf(position: bigint): number {
  return Number(BigInt.asUintN(Number(SEQ_BITS), position));
}

export function toEvent(row: EventRow): StoredEvent {
  return { seq: seqOf(row.position), id: row.id, at: row.at, type: row.type, data: JSON.parse(row.data) as unknown };
}
