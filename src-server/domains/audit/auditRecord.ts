import type { ObjectOf, SpecOf } from '#shared/kind/defineKind';
import { namespaceFor } from '#shared/kind/names';
import { API_VERSION, PLATFORM_NAMESPACE } from '#shared/kind/objectMeta';
import { AuditEvent } from '#shared/kinds/audit/auditEvent';
import { microsecondsOf, timeOf, toMilliseconds, type ChainDraft } from '../../store/chain';
import type { EventEntry, StoredEvent } from '../../store/eventLog';

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

/** What is stored of a record beside its name, time and type. */
interface RecordData {
  readonly uid: string;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  readonly spec: AuditSpec;
}

/** The stream that a log is kept in. */
export function auditStream(log: string): string {
  return `audit/${log}`;
}

/** The record as it is put at the end of its chain; `nowMs` is when it is made. */
export function toChainDraft({ name, uid, labels, annotations, spec }: RecordDraft, nowMs: number): ChainDraft {
  const data: Omit<RecordData, 'spec'> & Pick<RecordDraft, 'spec'> = { uid, spec };
  if (labels !== undefined) data.labels = labels;
  if (annotations !== undefined) data.annotations = annotations;
  return { id: name, type: spec.type, atMs: nowMs, data };
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
