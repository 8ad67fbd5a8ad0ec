import { checkPosition, checkReadOptions, encodeEventData } from './eventEntry';
import { EventFollowers } from './eventFollowers';
import type { EventEntry, EventLog, EventPage, StoredEvent } from './eventLog';

const FOLLOW_BATCH = 500;

/** The event log of unit tests, and the oracle of the others. */
export function createMemoryEventLog(): EventLog {
  return new MemoryEventLog();
}

interface Stream {
  readonly events: Stored[];
  readonly ids: Set<string>;
}

interface Stored extends Omit<StoredEvent, 'data'> {
  readonly data: string;
}

class MemoryEventLog implements EventLog {
  readonly #streams = new Map<string, Stream>();
  readonly #followers = new EventFollowers();

  async append(stream: string, entries: readonly EventEntry[]): Promise<{ lastSeq: number; stored: number }> {
    const encoded = entries.map((entry) => ({ ...entry, data: encodeEventData(entry) }));
    if (encoded.length === 0) return { lastSeq: this.#events(stream).length, stored: 0 };
    const { events, ids } = this.#streams.get(stream) ?? { events: [], ids: new Set() };
    this.#streams.set(stream, { events, ids });
    const sizeBefore = events.length;
    for (const { id, at, type, data } of encoded) {
      if (!ids.has(id)) events.push({ seq: events.length + 1, id, at, type, data });
      ids.add(id);
    }
    if (events.length > sizeBefore) this.#followers.wake(stream);
    return { lastSeq: events.length, stored: events.length - sizeBefore };
  }

  async read(stream: string, opts: { after?: number; before?: number; limit: number }): Promise<EventPage> {
    checkReadOptions(opts);
    const events = this.#events(stream);
    const inside = events.filter(({ seq }) => seq > (opts.after ?? 0) && seq < (opts.before ?? Infinity));
    const items = opts.before === undefined ? inside.slice(0, opts.limit) : inside.slice(-opts.limit);
    return { items: items.map(decode), lastSeq: events.length };
  }

  follow(stream: string, opts: { after: number; signal: AbortSignal }): AsyncIterable<StoredEvent[]> {
    checkPosition('after', opts.after);
    const readAfter = (seq: number): StoredEvent[] => this.#events(stream).slice(seq, seq + FOLLOW_BATCH).map(decode);
    return this.#followers.follow(stream, { ...opts, readAfter });
  }

  async count(stream: string): Promise<number> {
    return this.#events(stream).length;
  }

  async drop(stream: string): Promise<void> {
    this.#streams.delete(stream);
    this.#followers.end(stream);
  }

  #events(stream: string): readonly Stored[] {
    return this.#streams.get(stream)?.events ?? [];
  }
}

function decode(event: Stored): StoredEvent {
  return { ...event, data: JSON.parse(event.data) as unknown };
}
