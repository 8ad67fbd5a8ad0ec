import type { Database, Statement } from 'better-sqlite3';
import { encodeEventData } from '../../eventEntry';
import type { EventLink, StoredEvent, StreamEnd } from '../../eventLog';
import type { StreamEnds } from '../streamEnds';

/** The position of an entry is `stream << 32 | seq`; see migration 2. */
const SEQ_BITS = 32n;
const MAX_SEQ = 2 ** 32 - 1;

export interface StreamRow {
  readonly id: bigint;
  readonly last_seq: bigint;
}

export interface EventRow {
  readonly position: bigint;
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly data: string;
}

/** A stream that the transaction appends to. */
interface OpenStream {
  readonly id: bigint;
  readonly before: number;
  end: StreamEnd;
}

/**
 * Appends to streams over one connection, in transactions of its caller, who says how each came out: `flush` before it is committed, then
 * `committed` or `abandoned`.
 */
export class SqliteStreams {
  readonly #ends: StreamEnds;
  readonly #findStream: Statement<[string], StreamRow>;
  readonly #addStream: Statement<[string]>;
  readonly #setLastSeq: Statement<[bigint, bigint]>;
  readonly #insertEvent: Statement<[bigint, bigint, string, string, string, string]>;
  readonly #lastEvent: Statement<[bigint], EventRow>;
  readonly #open = new Map<string, OpenStream>();

  /** The connection's integers are bigint. */
  constructor(db: Database, ends: StreamEnds) {
    this.#ends = ends;
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
  append(stream: string, rows: readonly Omit<EventRow, 'position'>[]): { lastSeq: number; stored: number } {
    const found = this.find(stream);
    const before = Number(found?.last_seq ?? 0);
    if (rows.length === 0) return { lastSeq: before, stored: 0 };
    const id = found?.id ?? this.#add(stream);
    let last = before;
    for (const row of rows) last += this.#insertEvent.run(positionOf(id, last + 1), id, row.id, row.at, row.type, row.data).changes;
    if (last > before) this.#setLastSeq.run(BigInt(last), id);
    return { lastSeq: last, stored: last - before };
  }

  /** As `EventLog.link` of one. */
  link(stream: string, link: EventLink): StoredEvent | undefined {
    const open = this.#open.get(stream) ?? this.#begin(stream);
    const entry = link(open.end);
    const seq = open.end.seq + 1;
    const { changes } = this.#insertEvent.run(positionOf(open.id, seq), open.id, entry.id, entry.at, entry.type, encodeEventData(entry));
    if (changes === 0) return undefined;
    const last = { ...entry, seq };
    open.end = { seq, last };
    return last;
  }

  /** Writes what is due before the transaction is committed. */
  flush(): void {
    for (const { id, before, end } of this.#open.values()) if (end.seq > before) this.#setLastSeq.run(BigInt(end.seq), id);
  }

  /** Answers the streams that have become longer. */
  committed(): readonly string[] {
    const longer: string[] = [];
    for (const [stream, { id, before, end }] of this.#open) {
      this.#ends.set(stream, { id, end });
      if (end.seq > before) longer.push(stream);
    }
    this.#open.clear();
    return longer;
  }

  abandoned(): void {
    this.#open.clear();
  }

  #begin(stream: string): OpenStream {
    const found = this.find(stream);
    const id = found?.id ?? this.#add(stream);
    const before = Number(found?.last_seq ?? 0);
    const known = this.#ends.get(stream);
    const open = { id, before, end: known?.id === id && known.end.seq === before ? known.end : this.#readEnd(id, before) };
    this.#open.set(stream, open);
    return open;
  }

  #add(stream: string): bigint {
    return BigInt(this.#addStream.run(stream).lastInsertRowid);
  }

  #readEnd(id: bigint, seq: number): StreamEnd {
    const row = this.#lastEvent.get(positionOf(id, seq));
    return { seq, ...(row === undefined ? {} : { last: toEvent(row) }) };
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
