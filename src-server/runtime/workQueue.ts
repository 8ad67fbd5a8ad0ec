import type { Clock } from '../app/clock';

/** First and last step of the back-off, in ms: 1 s doubling to 60 s. */
const BACKOFF_BASE_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;
/** A timer holds 31 bits of milliseconds, and what is further off may be so by a clock that was wrong: looking too early harms nothing. */
const MAX_DELAY_MS = 24 * 3_600_000;

/**
 * Keys that wait to be worked on. Two guarantees, on which everything above rests: a key that is added twice before it is taken is
 * taken once, and a key is never taken while it is being worked on: it is queued again when that work is done.
 * Source: client-go, `util/workqueue`.
 */
export interface WorkQueue {
  add(key: string): void;
  /** Adds after a delay, or after a day if that is sooner. Of several delays of one key the earliest counts; an `add` before that makes the delay moot. */
  addAfter(key: string, delayMs: number): void;
  /** Adds after the key's back-off, which doubles with each call until {@link forget}. */
  addWithBackoff(key: string): void;
  /** The key's last work succeeded: its back-off starts over. */
  forget(key: string): void;
  /** How often the key was backed off since it was forgotten. */
  failures(key: string): number;
  /** The next key, when there is one; undefined once the queue is shut down. Every taken key must be given back by {@link done}. */
  take(): Promise<string | undefined>;
  done(key: string): void;
  /** Resolves when no key is ready or being worked on. Keys that wait for a time do not count. */
  drain(): Promise<void>;
  /** Nothing ready and nothing being worked on, now. */
  readonly idle: boolean;
  /** Keys that are ready. */
  readonly depth: number;
  /** Keys that wait for a time. */
  readonly delayed: number;
  /** Keys that have been given back so far. */
  readonly completed: number;
  /** Takes no more keys, and lets every waiting `take` answer undefined. */
  shutDown(): void;
}

export function createWorkQueue(clock: Clock): WorkQueue {
  return new DirtySetQueue(clock);
}

class DirtySetQueue implements WorkQueue {
  readonly #clock: Clock;
  /** Keys to take, oldest first. A key here is also dirty, and not processing. */
  readonly #ready: string[] = [];
  /** Keys that need work: those ready, and those to be queued again when their present work is done. */
  readonly #dirty = new Set<string>();
  readonly #processing = new Set<string>();
  readonly #delays = new Map<string, { dueMs: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  #takers: ((key: string | undefined) => void)[] = [];
  #drainers: (() => void)[] = [];
  #shutDown = false;
  #completed = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(key: string): void {
    if (this.#shutDown) return;
    this.#cancelDelay(key);
    if (this.#dirty.has(key)) return;
    this.#dirty.add(key);
    if (!this.#processing.has(key)) this.#makeReady(key);
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#shutDown) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const boundedMs = Math.min(delayMs, MAX_DELAY_MS);
    const dueMs = this.#clock.now() + boundedMs;
    const waiting = this.#delays.get(key);
    if (waiting !== undefined && waiting.dueMs <= dueMs) return;
    this.#cancelDelay(key);
    this.#delays.set(key, { dueMs, cancel: this.#clock.after(boundedMs, () => this.add(key)) });
  }

  addWithBackoff(key: string): void {
    const failures = this.failures(key);
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(failures, 16)));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  take(): Promise<string | undefined> {
    if (this.#shutDown) return Promise.resolve(undefined);
    const key = this.#ready.shift();
    if (key === undefined) return new Promise((resolve) => this.#takers.push(resolve));
    this.#begin(key);
    return Promise.resolve(key);
  }

  done(key: string): void {
    if (!this.#processing.delete(key)) throw new Error(`key "${key}" was not being worked on`);
    this.#completed += 1;
    if (this.#dirty.has(key)) this.#makeReady(key);
    this.#settleDrains();
  }

  drain(): Promise<void> {
    return this.idle ? Promise.resolve() : new Promise((resolve) => this.#drainers.push(resolve));
  }

  get idle(): boolean {
    return this.#ready.length === 0 && this.#processing.size === 0;
  }

  get depth(): number {
    return this.#ready.length;
  }

  get delayed(): number {
    return this.#delays.size;
  }

  get completed(): number {
    return this.#completed;
  }

  shutDown(): void {
    this.#shutDown = true;
    for (const { cancel } of this.#delays.values()) cancel();
    this.#delays.clear();
    this.#ready.length = 0;
    this.#dirty.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
    this.#settleDrains();
  }

  #makeReady(key: string): void {
    const taker = this.#takers.shift();
    if (taker === undefined) {
      this.#ready.push(key);
    } else {
      this.#begin(key);
      taker(key);
    }
  }

  #begin(key: string): void {
    this.#dirty.delete(key);
    this.#processing.add(key);
  }

  #cancelDelay(key: string): void {
    this.#delays.get(key)?.cancel();
    this.#delays.delete(key);
  }

  #settleDrains(): void {
    if (this.idle) for (const drainer of this.#drainers.splice(0)) drainer();
  }
}
