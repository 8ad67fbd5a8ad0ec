import { Bell } from './bell';
import { expired } from './storeErrors';

export interface Subscription<TItem> {
  /** Takes what is there, or waits for it until the signal or `timeoutMs`; may be empty. Throws what the subscription was ended with. */
  take(opts: { signal: AbortSignal; timeoutMs?: number }): Promise<TItem[]>;
  /** Items that wait to be taken. */
  readonly pending: number;
  close(): void;
}

/**
 * One source, many subscribers. Publishing never waits: each subscriber has its own buffer of at most `bufferItems`, and one that lets
 * it run over is ended with `Expired` and its buffer dropped, so that it lists again. It is neither waited for nor silently skipped.
 * Subscribers wake at the end of the turn of the event loop, once for all that was published in it, and after those who wrote it have their
 * answers.
 */
export class Broadcaster<TItem> {
  readonly #subscribers = new Set<Subscriber<TItem>>();
  readonly #bufferItems: number;
  #isWaking = false;

  constructor(opts: { bufferItems: number }) {
    this.#bufferItems = opts.bufferItems;
  }

  /** Open subscriptions. */
  get size(): number {
    return this.#subscribers.size;
  }

  /** Items published from now on that `accepts` says yes to. */
  subscribe(accepts: (item: TItem) => boolean): Subscription<TItem> {
    const subscriber = new Subscriber(accepts, () => this.#subscribers.delete(subscriber));
    this.#subscribers.add(subscriber);
    return subscriber;
  }

  publish(items: readonly TItem[]): void {
    for (const subscriber of this.#subscribers) {
      subscriber.offer(items, this.#bufferItems);
    }
    if (this.#isWaking || this.#subscribers.size === 0) return;
    this.#isWaking = true;
    setImmediate(() => this.#wake());
  }

  #wake(): void {
    this.#isWaking = false;
    for (const subscriber of this.#subscribers) subscriber.wake();
  }

  /** Ends every subscription with this error. */
  end(reason: Error): void {
    for (const subscriber of this.#subscribers) subscriber.end(reason);
  }
}

class Subscriber<TItem> implements Subscription<TItem> {
  readonly #bell = new Bell();
  readonly #accepts: (item: TItem) => boolean;
  readonly #detach: () => void;
  #items: TItem[] = [];
  #endedWith: Error | undefined;

  constructor(accepts: (item: TItem) => boolean, detach: () => void) {
    this.#accepts = accepts;
    this.#detach = detach;
  }

  get pending(): number {
    return this.#items.length;
  }

  offer(items: readonly TItem[], limit: number): void {
    for (const item of items) {
      if (this.#accepts(item)) this.#items.push(item);
    }
    if (this.#items.length > limit) this.end(expired('The watch fell too far behind and was ended; list again'));
  }

  wake(): void {
    if (this.#items.length > 0) this.#bell.ring();
  }

  async take(opts: { signal: AbortSignal; timeoutMs?: number }): Promise<TItem[]> {
    if (this.#endedWith === undefined && this.#items.length === 0) await this.#bell.wait(opts);
    if (this.#endedWith !== undefined) throw this.#endedWith;
    const items = this.#items;
    this.#items = [];
    return items;
  }

  end(reason: Error): void {
    this.#endedWith = reason;
    this.#items = [];
    this.#detach();
    this.#bell.ring();
  }

  close(): void {
    this.#items = [];
    this.#detach();
  }
}
