import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Flushable, FlushRounds } from './flushRounds';

/** Bytes that wait for a round before the watch has to wait, too. */
const MAX_PENDING_BYTES = 1024 * 1024;
/** A client that reads nothing for so long is gone, or might as well be. */
const STALL_MS = 30_000;

/** The answer of a watch: events as lines of JSON, sent in rounds, never faster than the client reads. */
export class WatchStream implements Flushable {
  readonly #res: ServerResponse;
  readonly #rounds: FlushRounds;
  readonly #stallMs: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Pending until the client has taken what was sent. */
  #draining: Promise<unknown> | undefined;
  #sent: (() => void) | undefined;

  constructor(res: ServerResponse, rounds: FlushRounds, opts: { stallMs?: number } = {}) {
    this.#res = res;
    this.#rounds = rounds;
    this.#stallMs = opts.stallMs ?? STALL_MS;
  }

  /** Begins the answer; the client knows then that it watches. */
  open(): void {
    this.#res.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private', 'X-Accel-Buffering': 'no' });
    this.#res.flushHeaders();
  }

  /** Takes an event. When this answers false, {@link room} must be waited for before the next one. */
  push(line: Buffer): boolean {
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    if (this.#draining === undefined) this.#rounds.join(this);
    return this.#draining === undefined && this.#pendingBytes < MAX_PENDING_BYTES;
  }

  /** Resolves when there is room for more. A client that does not read is cut off. */
  async room(): Promise<void> {
    while (!this.#res.destroyed && (this.#draining !== undefined || this.#pendingBytes >= MAX_PENDING_BYTES)) {
      if (this.#draining !== undefined) await this.#draining;
      else await new Promise<void>((resolve) => (this.#sent = resolve));
    }
  }

  flush(join: (parts: readonly Buffer[]) => Buffer): void {
    if (this.#pending.length > 0 && this.#draining === undefined && !this.#res.destroyed) {
      const taken = this.#res.write(join(this.#pending));
      this.#pending = [];
      this.#pendingBytes = 0;
      if (!taken) this.#draining = this.#drain();
    }
    this.#sent?.();
    this.#sent = undefined;
  }

  /** Sends what is pending and ends the answer. */
  async end(): Promise<void> {
    await this.room();
    if (this.#res.destroyed) return;
    this.flush((parts) => Buffer.concat(parts));
    this.#res.end();
  }

  async #drain(): Promise<void> {
    const stalled = setTimeout(() => this.#res.destroy(), this.#stallMs);
    const settled = new AbortController();
    await Promise.race([once(this.#res, 'drain', { signal: settled.signal }), once(this.#res, 'close', { signal: settled.signal })]).catch(() => undefined);
    settled.abort();
    clearTimeout(stalled);
    this.#draining = undefined;
    if (this.#pending.length > 0) this.#rounds.join(this);
  }
}
