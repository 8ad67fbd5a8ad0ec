import { isStatusError, StatusError } from '#shared/api/status';
import type { Clock } from '../../app/clock';

/** A session looks at a screen's worth of things. */
const MAX_SUBSCRIPTIONS = 64;
/** Changes within this time, in ms, are told once. */
const QUIET_MS = 500;

export interface SubscriptionDeps {
  readonly clock: Clock;
  /** Tells the client that what is at the address is another now. */
  readonly notify: (uri: string) => void;
  /** A subscription ended by itself; it is gone. */
  readonly onFailure: (uri: string, error: unknown) => void;
}

type Watch = (signal: AbortSignal) => AsyncIterable<{ readonly type: string }>;

/** What a session has subscribed to, each watched until it unsubscribes or ends. */
export class Subscriptions {
  readonly #open = new Map<string, AbortController>();
  readonly #deps: SubscriptionDeps;

  constructor(deps: SubscriptionDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves once changes are seen; `watch` must say something when it has begun (a bookmark). Again for the same address, nothing happens.
   * Refusals of the watch are thrown here.
   */
  async add(uri: string, watch: Watch): Promise<void> {
    if (this.#open.has(uri)) return;
    if (this.#open.size >= MAX_SUBSCRIPTIONS) throw new StatusError('TooManyRequests', `A session subscribes to at most ${MAX_SUBSCRIPTIONS} resources; unsubscribe from one first.`);
    const abort = new AbortController();
    this.#open.set(uri, abort);
    const events = watch(abort.signal)[Symbol.asyncIterator]();
    try {
      await events.next();
    } catch (error) {
      this.remove(uri);
      throw error;
    }
    void this.#follow(uri, { events, watch, signal: abort.signal });
  }

  remove(uri: string): void {
    this.#open.get(uri)?.abort();
    this.#open.delete(uri);
  }

  close(): void {
    for (const uri of [...this.#open.keys()]) this.remove(uri);
  }

  async #follow(uri: string, subscription: { events: AsyncIterator<{ readonly type: string }>; watch: Watch; signal: AbortSignal }): Promise<void> {
    const { signal, watch } = subscription;
    let { events } = subscription;
    const tell = this.#coalesced(uri, signal);
    for (;;) {
      try {
        const step = await events.next();
        if (signal.aborted || step.done === true) return;
        if (step.value.type !== 'BOOKMARK') tell();
      } catch (error) {
        if (signal.aborted) return;
        if (!isStatusError(error, 'Expired')) {
          this.remove(uri);
          this.#deps.onFailure(uri, error);
          return;
        }
        // We were too slow, and something has changed: say so, and go on from now.
        events = watch(signal)[Symbol.asyncIterator]();
        tell();
      }
    }
  }

  #coalesced(uri: string, signal: AbortSignal): () => void {
    let waiting = false;
    return () => {
      if (waiting) return;
      waiting = true;
      this.#deps.clock.after(QUIET_MS, () => {
        waiting = false;
        if (!signal.aborted) this.#deps.notify(uri);
      });
    };
  }
}
