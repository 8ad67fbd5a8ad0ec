import { encodeEventData } from '../../eventEntry';
import { seal, type ChainDraft, type ChainHead } from '../../chain';
import type { StoredEvent } from '../../eventLog';
import type { AppendCondition, AppendOutcome, AppendRequest } from '../dialect';
import type { KnownEnd } from '../streamEnds';
import type { WriteRecord } from '../../store';
import { bigintArray, textArray } from './postgresArrays';

/** A change of an object, and whoever asked for it. */
export interface Change {
  readonly request: AppendRequest;
  readonly record: WriteRecord | undefined;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Entries that build on the end of a stream. */
interface Linking {
  readonly stream: string;
  readonly drafts: readonly ChainDraft[];
  readonly resolve: (entries: (StoredEvent | undefined)[]) => void;
  readonly reject: (error: unknown) => void;
}

export type Pending = Change | Linking;

/** What is said of a change: the object as it was, if it was there; of the whole: whether it is stored, and at which revision the database stands. */
export interface AppendRow {
  readonly head: bigint;
  readonly stored: boolean;
  /** Of the changes, from 1. Those of which there is nothing to say have no row where everything is stored. */
  readonly place: bigint | null;
  readonly fits: boolean | null;
  readonly revision: bigint | null;
  readonly uid: string | null;
  readonly value: string | null;
  /** The same bytes are stored already. */
  readonly same: boolean | null;
}

/** What a batch comes to if the database stands where it is thought to. */
export interface AppendDraft {
  /** The revision at which the database is thought to stand. */
  readonly head: bigint;
  readonly changes: readonly Change[];
  /** What other objects must be at, each once. */
  readonly conditions: readonly AppendCondition[];
  readonly entries: readonly { readonly streamId: bigint; readonly entry: StoredEvent; readonly data: string }[];
  /** The streams that become longer: how they stand now, and how after it. */
  readonly streams: ReadonlyMap<string, { readonly before: KnownEnd; readonly after: KnownEnd }>;
  /** What each of the changes is told once it is stored, `previous` being the value that it replaced. */
  readonly tellChange: readonly ((previous: string | undefined) => void)[];
  readonly tellLinking: readonly (() => void)[];
}

/** What a draft is made from. */
export interface DraftBasis {
  readonly head: bigint;
  readonly endOf: (stream: string) => KnownEnd | undefined;
  /** The stream has an entry of this id. */
  readonly isTaken: (stream: string, id: string) => boolean;
}

/** One of the batch cannot be drafted: it fails alone. */
export class Undraftable extends Error {
  constructor(readonly pending: Pending, options: { cause: unknown }) {
    super('It cannot be drafted', options);
  }
}

/**
 * Numbers changes and seals entries.
 *
 * @throws Undraftable
 */
export function draftAppends(batch: readonly Pending[], { head, endOf, isTaken }: DraftBasis): AppendDraft {
  const changes: Change[] = [];
  const entries: { streamId: bigint; entry: StoredEvent; data: string }[] = [];
  const streams = new Map<string, { before: KnownEnd; after: KnownEnd }>();
  const conditions: AppendCondition[] = [];
  const tellChange: ((previous: string | undefined) => void)[] = [];
  const tellLinking: (() => void)[] = [];
  const ids = new Set<string>();
  const add = (stream: string, draft: ChainDraft, resourceVersion?: string): { entry: StoredEvent; head: ChainHead } | undefined => {
    const known = streams.get(stream);
    const end = known?.after ?? endOf(stream);
    if (end === undefined) throw new Error(`Nothing is known of the event stream "${stream}"`);
    const id = JSON.stringify([stream, draft.id]);
    if (ids.has(id) || isTaken(stream, draft.id)) return undefined;
    ids.add(id);
    const sealed = seal(draft, end.head, resourceVersion);
    entries.push({ streamId: end.id, entry: sealed.entry, data: encodeEventData(sealed.entry) });
    streams.set(stream, { before: known?.before ?? end, after: { id: end.id, head: sealed.head } });
    return sealed;
  };
  for (const pending of batch) {
    try {
      if ('drafts' in pending) {
        const made = pending.drafts.map((draft) => add(pending.stream, draft)?.entry);
        tellLinking.push(() => pending.resolve(made));
        continue;
      }
      const { record, resolve } = pending;
      changes.push(pending);
      const condition = conditionOf(pending);
      const isNew = !conditions.some(({ key, revision }) => key === condition?.key && revision === condition.revision);
      if (condition !== undefined && isNew) conditions.push(condition);
      const revision = head + BigInt(changes.length);
      const sealed = record && add(record.stream, record.draft, revision.toString());
      if (record !== undefined && sealed === undefined) throw new Error(`The event stream "${record.stream}" has an entry of the record's id already`);
      tellChange.push((previous) => {
        if (sealed !== undefined) record?.onStored?.(sealed.head);
        resolve({ outcome: 'stored', revision, ...(previous === undefined ? {} : { previous }) });
      });
    } catch (cause) {
      throw new Undraftable(pending, { cause });
    }
  }
  return { head, changes, conditions, entries, streams, tellChange, tellLinking };
}

/** The parameters of the statement `append`. */
export function appendParameters(draft: AppendDraft, { notify }: { readonly notify: boolean }): unknown[] {
  const requests = draft.changes.map(({ request }) => request);
  return [
    draft.head,
    textArray(requests.map(({ type }) => type)),
    textArray(requests.map(({ key }) => key)),
    textArray(requests.map((request) => (request.type === 'D' ? null : request.uid))),
    textArray(requests.map((request) => (request.type === 'D' ? null : request.value))),
    bigintArray(requests.map(({ at }) => at)),
    bigintArray(requests.map((request) => (request.type === 'C' ? null : request.expectedRevision))),
    textArray(requests.map((request) => (request.type === 'D' ? request.expectedUid : null))),
    ...streamParameters(draft),
    notify,
    ...conditionParameters(draft),
  ];
}

/** The parameters of the statement `appendCreations`; undefined for a draft that is more than creations, or less. */
export function creationParameters(draft: AppendDraft): unknown[] | undefined {
  const requests = draft.changes.flatMap(({ request }) => (request.type === 'C' ? [request] : []));
  if (requests.length === 0 || requests.length < draft.changes.length) return undefined;
  return [
    draft.head,
    textArray(requests.map(({ key }) => key)),
    textArray(requests.map(({ uid }) => uid)),
    textArray(requests.map(({ value }) => value)),
    bigintArray(requests.map(({ at }) => at)),
    ...streamParameters(draft),
    ...conditionParameters(draft),
  ];
}

function streamParameters({ entries, streams }: AppendDraft): unknown[] {
  const ends = [...streams.values()];
  return [
    textArray([...streams.keys()]),
    bigintArray(ends.map(({ before }) => before.id)),
    bigintArray(ends.map(({ before }) => before.head.sequence)),
    bigintArray(ends.map(({ after }) => after.head.sequence)),
    bigintArray(entries.map(({ streamId }) => streamId)),
    bigintArray(entries.map(({ entry }) => entry.seq)),
    textArray(entries.map(({ entry }) => entry.id)),
    textArray(entries.map(({ entry }) => entry.at)),
    textArray(entries.map(({ entry }) => entry.type)),
    textArray(entries.map(({ data }) => data)),
  ];
}

function conditionParameters({ conditions }: AppendDraft): unknown[] {
  return [textArray(conditions.map(({ key }) => key)), bigintArray(conditions.map(({ revision }) => revision))];
}

/** Answers everybody of a draft that is stored. */
export function tellStored({ tellChange, tellLinking }: AppendDraft, rows: readonly AppendRow[]): void {
  const replaced = new Map(rows.map(({ place, value }) => [Number(place), value ?? undefined]));
  for (const [index, tell] of tellChange.entries()) tell(replaced.get(index + 1));
  for (const tell of tellLinking) tell();
}

/** Why a change by itself cannot be made. */
export function refusalOf(request: AppendRequest, { revision, uid, same }: AppendRow): AppendOutcome {
  if (request.type === 'C') return { outcome: 'exists' };
  if (revision === null) return { outcome: 'missing' };
  const isMeant = request.expectedRevision === undefined || request.expectedRevision === revision;
  return request.type === 'U' && isMeant && same === true ? { outcome: 'unchanged', revision } : { outcome: 'stale', revision, uid: uid ?? '' };
}

export function conditionOf({ request }: Change): AppendCondition | undefined {
  return request.type === 'C' ? request.condition : undefined;
}

export function streamsOf(batch: readonly Pending[]): ReadonlySet<string> {
  const streams = new Set<string>();
  for (const pending of batch) {
    const stream = 'request' in pending ? pending.record?.stream : pending.stream;
    if (stream !== undefined) streams.add(stream);
  }
  return streams;
}
