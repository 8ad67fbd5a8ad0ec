import { checkPosition, checkReadOptions, encodeEventData, movedOn } from './eventEntry';
import { EventFollowers } from './eventFollowers';
import type { AppendOptions, EventEntry, EventLog, EventPage, StoredEvent } from './eventLog';

const FOLLOW_BATCH = 500;

/** The event log of unit tests, and the oracle of the others. */
export function createMemoryEventLog(): EventLog {
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

class MemoryEventLog implements EventLog {
  readonly #streams = new Map<string, Stream>();
  readonly #followers = new EventFollowers();

  async append(stream: string, entries: readonly EventEntry[], { expectedLastSeq }: AppendOptions = {}): Promise<{ lastSeq: number; stored: number }> {
    checkPosition('expectedLastSeq', expectedLastSeq);
    const encoded = entries.map((entry) => ({ ...entry, data: encodeEventData(entry) }));
    const known = this.#streams.get(stream) ?? { events: [], trimmed: 0, ids: new Set() };
    const before = lastSeqOf(known);
    if (encoded.length === 0) return { lastSeq: before, stored: 0 };
    if (expectedLastSeq !== undefined && (before !== expectedLastSeq || hasRepeats(encoded, known.ids))) throw movedOn(stream);
    this.#streams.set(stream, known);
    const { events, ids } = known;
    for (const { id, at, type, data } of encoded) {
      if (!ids.has(id)) events.push({ seq: lastSeqOf(known) + 1, id, at, type, data });
      ids.add(id);
    }
    const lastSeq = lastSeqOf(known);
    if (lastSeq > before) this.#followers.wake(stream);
    return { lastSeq, stored: lastSeq - before };
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

/** Whether one of the entries is there already, or twice among them. */
function hasRepeats(entries: readonly { readonly id: string }[], ids: ReadonlySet<string>): boolean {
  return new Set(entries.map(({ id }) => id)).size < entries.length || entries.some(({ id }) => ids.has(id));
}

function decode(event: Stored): StoredEvent {
  return { ...event, data: JSON.parse(event.data) as unknown };
}
