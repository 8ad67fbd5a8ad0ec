import type { ServerResponse } from 'node:http';
import type { Flushable, FlushRounds } from './flushRounds';

/** Bytes that may wait for a client that reads slower than things happen. They are shared between clients. */
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
  /** Runs while the client has not taken what was sent last. */
  #stall: NodeJS.Timeout | undefined;
  #onRoom: (() => void) | undefined;

  constructor(res: ServerResponse, rounds: FlushRounds, opts: { stallMs?: number } = {}) {
    this.#res = res;
    this.#rounds = rounds;
    this.#stallMs = opts.stallMs ?? STALL_MS;
    res.on('drain', () => this.#proceed());
    res.once('close', () => this.#proceed());
  }

  /** Whether events may be pushed; otherwise wait for {@link room}. */
  get hasRoom(): boolean {
    return this.#pendingBytes < MAX_PENDING_BYTES || this.#res.destroyed;
  }

  /** Begins the answer; the client knows then that it watches. */
  open(): void {
    this.#res.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private', 'X-Accel-Buffering': 'no' });
    this.#res.flushHeaders();
  }

  push(line: Buffer): void {
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    if (this.#stall === undefined) this.#rounds.join(this);
  }

  /** Resolves when there is room for more, or when nobody reads any longer: a client that takes nothing is cut off. */
  async room(): Promise<void> {
    while (!this.hasRoom) await new Promise<void>((resolve) => (this.#onRoom = resolve));
  }

  flush(join: (parts: readonly Buffer[]) => Buffer): void {
    if (this.#pending.length === 0 || this.#stall !== undefined) return;
    const bytes = this.#res.destroyed ? undefined : join(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    if (bytes !== undefined && !this.#res.write(bytes)) this.#stall = setTimeout(() => this.#res.destroy(), this.#stallMs);
    this.#onRoom?.();
  }

  /** Sends what is pending and ends the answer. */
  end(): void {
    if (this.#res.destroyed) return;
    if (this.#pending.length > 0) this.#res.write(Buffer.concat(this.#pending));
    this.#pending = [];
    this.#res.end();
  }

  #proceed(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
    if (this.#pending.length > 0) this.#rounds.join(this);
    this.#onRoom?.();
  }
}
