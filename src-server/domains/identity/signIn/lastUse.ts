import type { Clock } from '../../../app/clock';

/** Uses within it are one, in ms: last-used times are written at most so often. */
const WRITE_EVERY_MS = 60_000;
const MAX_REMEMBERED = 20_000;

/** When credentials were last used: to the request in memory, to the minute in the store. */
export class LastUse {
  readonly #clock: Clock;
  readonly #used = new Map<string, number>();
  readonly #writing = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The later of what is stored and what is remembered, in ms. */
  latest(id: string, storedAt: string): number {
    return Math.max(this.#used.get(id) ?? 0, Date.parse(storedAt));
  }

  /** Notes a use now. `write` is called when the stored time is old; that it fails costs no more than a time that is a little off. */
  note(id: string, { storedAt, write }: { readonly storedAt: string | undefined; readonly write: (at: string) => Promise<unknown> }): void {
    const now = this.#clock.now();
    this.#used.set(id, now);
    // Either way: a clock that was set back is no reason to stop.
    if (storedAt !== undefined && Math.abs(now - Date.parse(storedAt)) < WRITE_EVERY_MS) return;
    if (this.#writing.has(id)) return;
    if (this.#used.size > MAX_REMEMBERED) this.#used.clear();
    this.#writing.add(id);
    void write(new Date(now).toISOString()).catch(() => undefined).finally(() => this.#writing.delete(id));
  }
}
