import { hash } from 'node:crypto';
import { canonicalJson } from '#shared/kind/canonicalJson';
import type { ObjectOf, SpecOf } from '#shared/kind/defineKind';
import { namespaceFor } from '#shared/kind/names';
import { API_VERSION, PLATFORM_NAMESPACE } from '#shared/kind/objectMeta';
import { AuditEvent } from '#shared/kinds/audit/auditEvent';
import type { EventEntry, StoredEvent, StreamEnd } from '../../store/eventLog';

export type AuditRecord = ObjectOf<typeof AuditEvent>;
export type AuditSpec = SpecOf<typeof AuditEvent>;

/** The log of what belongs to no organization. No organization can have this name. */
export const INSTALLATION_LOG = ':installation';

/** A record before it has its place in the chain. */
export interface RecordDraft {
  readonly name: string;
  readonly uid: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: Omit<AuditSpec, 'sequence' | 'previousDigest' | 'digest'>;
}

/** The end of a chain. */
export interface ChainHead {
  /** 0 when there is no record yet. */
  readonly sequence: number;
  readonly digest?: string;
  /** When its record was made, in microseconds since the epoch: rising along the chain, and the record's resourceVersion. */
  readonly atUs: number;
}

const EMPTY_CHAIN: ChainHead = { sequence: 0, atUs: 0 };

/** What is stored of a record beside its name, time and type. */
interface RecordData {
  readonly uid: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly spec: AuditSpec;
}

/** The stream that a log is kept in. */
export function auditStream(log: string): string {
  return `audit/${log}`;
}

/** Puts a record at the end of a chain. Two records of a chain never have the same time, whatever the clock says. */
export function seal(draft: RecordDraft, head: ChainHead, nowMs: number): { entry: StoredEvent; head: ChainHead } {
  const atUs = Math.max(nowMs * 1000, head.atUs + 1);
  const at = timeOf(atUs);
  const sequence = head.sequence + 1;
  const { name: id, spec: said, ...rest } = draft;
  const unsigned: AuditSpec = { ...said, timestamp: said.timestamp ?? toMilliseconds(at), sequence, ...(head.digest === undefined ? {} : { previousDigest: head.digest }) };
  const type = unsigned.type;
  const digest = digestOf({ id, at, type, data: { ...rest, spec: unsigned } });
  return { entry: { seq: sequence, id, at, type, data: { ...rest, spec: { ...unsigned, digest } } }, head: { sequence, digest, atUs } };
}

/** The digest that a record should have: of everything that is stored of it but the digest itself. */
export function digestOf(entry: EventEntry): string {
  const { spec, ...rest } = entry.data as RecordData;
  const { digest: _digest, ...unsigned } = spec;
  const text = canonicalJson({ ...rest, name: entry.id, at: entry.at, type: entry.type, spec: unsigned });
  return `sha256:${hash('sha256', text)}`;
}

/** What is wrong with an entry that stands behind `previous` in its chain; undefined when nothing is. `first` may follow what was cut off. */
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

/** Where a chain ends whose stream ends so. Where the last records were taken out of the database the chain goes on behind them, so that the gap shows. */
export function headAt({ seq, last }: StreamEnd): ChainHead {
  return { ...(last === undefined ? EMPTY_CHAIN : headOf(last)), sequence: seq };
}

/** The entry as an object of its kind. */
export function toRecord(log: string, entry: EventEntry): AuditRecord {
  const { uid, labels, annotations, spec } = entry.data as RecordData;
  return {
    apiVersion: API_VERSION,
    kind: AuditEvent.names.kind,
    metadata: {
      name: entry.id,
      namespace: log === INSTALLATION_LOG ? PLATFORM_NAMESPACE : namespaceFor(AuditEvent, log),
      uid,
      resourceVersion: String(microsecondsOf(entry.at)),
      generation: 1,
      creationTimestamp: toMilliseconds(entry.at),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec,
  };
}

/** The entry that an object was made of by {@link toRecord}: what an exported record is checked by. */
export function toEntry({ metadata, spec }: AuditRecord): StoredEvent {
  const { name: id, uid, labels, annotations, resourceVersion } = metadata;
  const data: RecordData = { uid, ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }), spec };
  return { seq: spec.sequence ?? 0, id, at: timeOf(Number(resourceVersion)), type: spec.type, data };
}

/** `2026-11-21T12:00:00.123456Z`. */
export function timeOf(atUs: number): string {
  const ms = Math.floor(atUs / 1000);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(atUs - ms * 1000).padStart(3, '0')}Z`;
}

export function microsecondsOf(at: string): number {
  return Date.parse(toMilliseconds(at)) * 1000 + Number(at.slice(-4, -1));
}

/** The time as objects carry it. */
function toMilliseconds(at: string): string {
  return `${at.slice(0, -4)}Z`;
}

function specOf(entry: EventEntry): AuditSpec | undefined {
  const data = entry.data as Partial<RecordData> | null;
  return typeof data === 'object' && data !== null && typeof data.spec === 'object' ? data.spec : undefined;
}
