import { headAt, seal, type ChainDraft } from './chain';
import { checkPosition, checkReadOptions, encodeEventData } from './eventEntry';
import { EventFollowers } from './eventFollowers';
import type { EventEntry, EventLog, EventPage, StoredEvent } from './eventLog';

const FOLLOW_BATCH = 500;

/** The event log of unit tests, and the oracle of the others. A memory store may write its records into it. */
export function createMemoryEventLog(): MemoryEventLog {
  return new MemoryEventLog();
}

interface Stream {
  readonly events: Stored[];
  /** Entries that were trimmed away: the first that is left has the next seq. */
  trimmed: number;
  readonly ids: Set<string>;
}

interface Stored extends Omit<StoredEvent, 'data'> {
  readonly data: string;
}

export class MemoryEventLog implements EventLog {
  readonly #streams = new Map<string, Stream>();
  readonly #followers = new EventFollowers();

  async append(stream: string, entries: readonly EventEntry[]): Promise<{ lastSeq: number; stored: number }> {
    const encoded = entries.map((entry) => ({ ...entry, data: encodeEventData(entry) }));
    const before = this.#lastSeq(stream);
    this.#add(stream, encoded);
    const lastSeq = this.#lastSeq(stream);
    return { lastSeq, stored: lastSeq - before };
  }

  async link(stream: string, drafts: readonly ChainDraft[]): Promise<(StoredEvent | undefined)[]> {
    return this.linkNow(stream, drafts);
  }

  /** As {@link link}, at once. `resourceVersion` as in `seal`. */
  linkNow(stream: string, drafts: readonly ChainDraft[], resourceVersion?: string): (StoredEvent | undefined)[] {
    const ids = new Set(this.#streams.get(stream)?.ids);
    const last = this.#events(stream).at(-1);
    let end = headAt(this.#lastSeq(stream), last && decode(last));
    const made = drafts.map((draft) => {
      const { entry, head } = seal(draft, end, resourceVersion);
      if (ids.has(entry.id)) return undefined;
      ids.add(entry.id);
      end = head;
      return { ...entry, data: encodeEventData(entry) };
    });
    this.#add(stream, made.filter((entry) => entry !== undefined));
    return made.map((entry) => entry && decode(entry));
  }

  async read(stream: string, opts: { after?: number; before?: number; limit: number }): Promise<EventPage> {
    checkReadOptions(opts);
    const events = this.#events(stream);
    const inside = events.filter(({ seq }) => seq > (opts.after ?? 0) && seq < (opts.before ?? Infinity));
    const items = opts.before === undefined ? inside.slice(0, opts.limit) : inside.slice(-opts.limit);
    return { items: items.map(decode), lastSeq: this.#lastSeq(stream) };
  }

  follow(stream: string, opts: { after: number; signal: AbortSignal }): AsyncIterable<StoredEvent[]> {
    checkPosition('after', opts.after);
    const readAfter = (seq: number): StoredEvent[] => {
      const from = Math.max(0, seq - (this.#streams.get(stream)?.trimmed ?? 0));
      return this.#events(stream).slice(from, from + FOLLOW_BATCH).map(decode);
    };
    return this.#followers.follow(stream, { ...opts, readAfter });
  }

  async find(stream: string, id: string): Promise<StoredEvent | undefined> {
    const found = this.#events(stream).find((event) => event.id === id);
    return found === undefined ? undefined : decode(found);
  }

  async count(stream: string): Promise<number> {
    return this.#events(stream).length;
  }

  async trim(stream: string, through: number): Promise<void> {
    checkPosition('through', through);
    const known = this.#streams.get(stream);
    if (known === undefined) return;
    const gone = known.events.splice(0, Math.max(0, through - known.trimmed));
    for (const { id } of gone) known.ids.delete(id);
    known.trimmed += gone.length;
  }

  async drop(stream: string): Promise<void> {
    this.#streams.delete(stream);
    this.#followers.end(stream);
  }

  #add(stream: string, entries: readonly Omit<Stored, 'seq'>[]): void {
    if (entries.length === 0) return;
    const known = this.#streams.get(stream) ?? { events: [], trimmed: 0, ids: new Set() };
    this.#streams.set(stream, known);
    for (const { id, at, type, data } of entries) {
      if (!known.ids.has(id)) known.events.push({ seq: lastSeqOf(known) + 1, id, at, type, data });
      known.ids.add(id);
    }
    this.#followers.wake(stream);
  }

  #events(stream: string): readonly Stored[] {
    return this.#streams.get(stream)?.events ?? [];
  }

  #lastSeq(stream: string): number {
    const known = this.#streams.get(stream);
    return known === undefined ? 0 : lastSeqOf(known);
  }
}

function lastSeqOf({ events, trimmed }: Pick<Stream, 'events' | 'trimmed'>): number {
  return trimmed + events.length;
}

function decode(event: Stored): StoredEvent {
  return { ...event, data: JSON.parse(event.data) as unknown };
}
