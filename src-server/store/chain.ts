import { hash } from 'node:crypto';
import { canonicalJson } from '#shared/kind/canonicalJson';
import { isPlainObject } from '#shared/kind/paths';
import type { EventEntry, StoredEvent } from './eventLog';

/**
 * A stream whose entries are chained: each carries the digest of the one before it, so that none can be changed, taken out or slipped in
 * without a trace. What ties an entry to its place stands in the `spec` of its data: `sequence`, `previousDigest`, `digest`.
 */
export interface ChainDraft {
  /** As {@link EventEntry.id}. */
  readonly id: string;
  readonly type: string;
  /** When it was made, in ms since the epoch. */
  readonly atMs: number;
  readonly data: ChainedData;
}

interface ChainedData {
  readonly spec: Readonly<Record<string, unknown>>;
}

/** The end of a chain. */
export interface ChainHead {
  /** 0 when nothing is in it yet. */
  readonly sequence: number;
  readonly digest?: string;
  /** The time of its entry, in microseconds since the epoch: rising along the chain. */
  readonly atUs: number;
}

const EMPTY_CHAIN: ChainHead = { sequence: 0, atUs: 0 };

/**
 * The entry that a draft becomes behind `head`. Two of a chain never have the same time, whatever the clock says. `resourceVersion`, of the
 * write that the entry tells of, is put into the draft's `spec.target`, where it has one.
 */
export function seal({ id, type, atMs, data }: ChainDraft, head: ChainHead, resourceVersion?: string): { entry: StoredEvent; head: ChainHead } {
  const atUs = Math.max(atMs * 1000, head.atUs + 1);
  const at = timeOf(atUs);
  const sequence = head.sequence + 1;
  const spec = copied(data.spec);
  if (resourceVersion !== undefined && isPlainObject(spec.target)) spec.target = Object.assign(copied(spec.target), { resourceVersion });
  spec.timestamp ??= toMilliseconds(at);
  spec.sequence = sequence;
  if (head.digest !== undefined) spec.previousDigest = head.digest;
  const entry = { seq: sequence, id, at, type, data: { ...data, spec } };
  const digest = digestOf(entry);
  spec.digest = digest;
  return { entry, head: { sequence, digest, atUs } };
}

/** The digest that an entry should have: of everything that is stored of it but the digest itself. */
export function digestOf({ id, at, type, data }: EventEntry): string {
  const signed = copied(data as ChainedData);
  const spec = copied((data as ChainedData).spec);
  // What is undefined has no place in the text.
  spec.digest = undefined;
  signed.name = id;
  signed.at = at;
  signed.type = type;
  signed.spec = spec;
  return `sha256:${hash('sha256', canonicalJson(signed))}`;
}

/** What is wrong with an entry that stands behind `previous` in its chain; undefined when nothing is. Without `previous` it may follow what was cut off. */
export function brokenLink(entry: StoredEvent, previous: ChainHead | undefined): string | undefined {
  const spec = specOf(entry);
  if (spec === undefined) return 'it is no record';
  if (previous !== undefined && entry.seq !== previous.sequence + 1) return `the records from ${previous.sequence + 1} to ${entry.seq - 1} are missing`;
  if (spec.sequence !== entry.seq) return `it says that it is record ${spec.sequence ?? '(none)'}`;
  if (previous !== undefined && spec.previousDigest !== previous.digest) return 'the record before it is another than the one that it was written after';
  if (spec.digest !== digestOf(entry)) return 'it has been changed since it was written';
  return undefined;
}

/** Where a chain ends that ends with this entry. */
export function headOf(entry: StoredEvent): ChainHead {
  const digest = specOf(entry)?.digest;
  return { sequence: entry.seq, atUs: microsecondsOf(entry.at), ...(digest === undefined ? {} : { digest }) };
}

/**
 * Where a chain ends whose stream's last number is `seq`. Its entry is absent where nothing is in the stream yet, and where the last ones were
 * taken out of the database: then the chain goes on behind them, so that the gap shows.
 */
export function headAt(seq: number, last: StoredEvent | undefined): ChainHead {
  return { ...(last === undefined ? EMPTY_CHAIN : headOf(last)), sequence: seq };
}

/** Characters of a time of {@link timeOf}. */
const MICROSECOND_TIME = 27;

/** `2026-11-21T12:00:00.123456Z`. */
export function timeOf(atUs: number): string {
  const ms = Math.floor(atUs / 1000);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(atUs - ms * 1000).padStart(3, '0')}Z`;
}

/** Of a time of {@link timeOf}, or of one with fewer digits. */
export function microsecondsOf(at: string): number {
  return at.length === MICROSECOND_TIME ? Date.parse(toMilliseconds(at)) * 1000 + Number(at.slice(-4, -1)) : Date.parse(at) * 1000;
}

/** A time of {@link timeOf} as objects carry it. */
export function toMilliseconds(at: string): string {
  return `${at.slice(0, -4)}Z`;
}

/** To be added to: where that is done to a spread it takes V8 twenty times as long. */
function copied(data: object): Record<string, unknown> {
  return Object.assign({}, data) as Record<string, unknown>;
}

/** What is said of an entry's place, if it is one of a chain. */
function specOf(entry: EventEntry): { sequence?: number; previousDigest?: string; digest?: string } | undefined {
  const data = entry.data as Partial<ChainedData> | null;
  return typeof data === 'object' && data !== null && typeof data.spec === 'object' ? data.spec : undefined;
}
