/** What a request finds in its bucket. */
export interface Taken {
  readonly allowed: boolean;
  /** Requests in a window. */
  readonly limit: number;
  /** That may follow at once. */
  readonly remaining: number;
  /** Until the bucket is full again. */
  readonly resetSeconds: number;
  /** Until there is room for one more; 0 when there is. */
  readonly retryAfterSeconds: number;
}

/** Buckets that are remembered; the one that was not asked for longest is forgotten first. */
const MAX_BUCKETS = 20_000;

/** A token bucket for each key: `perWindow` at once, and as many again in every window, evenly. */
export class TokenBuckets {
  readonly #perWindow: number;
  readonly #windowMs: number;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(opts: { perWindow: number; windowMs: number }) {
    this.#perWindow = opts.perWindow;
    this.#windowMs = opts.windowMs;
  }

  /** @param nowMs of a clock that may be set back: then nothing is gained, and nothing lost. */
  take(key: string, nowMs: number): Taken {
    const known = this.#buckets.get(key);
    const perMs = this.#perWindow / this.#windowMs;
    const bucket = known ?? { tokens: this.#perWindow, atMs: nowMs };
    bucket.tokens = Math.min(this.#perWindow, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * perMs);
    bucket.atMs = nowMs;
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    this.#remember(key, bucket);
    return {
      allowed,
      limit: this.#perWindow,
      remaining: Math.floor(bucket.tokens),
      resetSeconds: Math.ceil((this.#perWindow - bucket.tokens) / perMs / 1000),
      retryAfterSeconds: bucket.tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / perMs / 1000)),
    };
  }

  /** Behind all others, so that the first is the one that was not asked for longest. */
  #remember(key: string, bucket: { tokens: number; atMs: number }): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= MAX_BUCKETS) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
