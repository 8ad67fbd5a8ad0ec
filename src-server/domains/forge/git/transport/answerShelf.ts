import type { GitProcess } from '../git';
import { type AnswerReader, SharedAnswer } from './sharedAnswer';

export interface AnswerShelfOptions {
  readonly now: () => number;
  /** Bytes of all answers. Default 96 MiB. */
  readonly maxBytes?: number;
  /** Bytes of one answer that others may share. Default 32 MiB; larger ones are the pack cache's. */
  readonly maxAnswerBytes?: number;
  /** Milliseconds after its last reader came that an answer is kept. Default 60,000. */
  readonly maxAgeMs?: number;
}

interface Entry {
  readonly answer: SharedAnswer;
  usedAt: number;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Answers of git in memory, as it wrote them, for clients that ask the same at the same time or soon after: a crowd that clones costs one git. The key says
 * everything that an answer depends on; who reads was let into the repository before.
 */
export class AnswerShelf {
  readonly #options: Required<AnswerShelfOptions>;
  /** In order of use. */
  readonly #entries = new Map<string, Entry>();
  readonly #running = new Set<SharedAnswer>();
  readonly #timer: NodeJS.Timeout;
  #shared = 0;

  constructor(options: AnswerShelfOptions) {
    this.#options = { maxBytes: 96 * MEBIBYTE, maxAnswerBytes: 32 * MEBIBYTE, maxAgeMs: 60_000, ...options };
    this.#timer = setInterval(() => this.#expire(), Math.max(100, this.#options.maxAgeMs / 4));
    this.#timer.unref();
  }

  /** `shared` counts answers that were read instead of made, since the start. */
  get stats(): { readonly shared: number; readonly keptBytes: number } {
    return { shared: this.#shared, keptBytes: this.#bytes() };
  }

  /** The answer of this key; `start` starts the git that makes it, where there is none. */
  read(key: string, start: () => GitProcess): AnswerReader {
    const known = this.#entries.get(key);
    if (known?.answer.isWhole === true && (known.answer.phase === 'running' || known.usedAt + this.#options.maxAgeMs > this.#options.now())) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      known.usedAt = this.#options.now();
      this.#shared += 1;
      return known.answer.read();
    }
    const answer = new SharedAnswer(start(), (grown) => this.#look(key, grown));
    this.#forget(key);
    this.#entries.set(key, { answer, usedAt: this.#options.now() });
    this.#running.add(answer);
    return answer.read();
  }

  /** Ends what is being made and drops everything. */
  close(): void {
    clearInterval(this.#timer);
    for (const answer of this.#running) answer.end();
    this.#entries.clear();
  }

  #look(key: string, answer: SharedAnswer): void {
    if (answer.phase !== 'running') this.#running.delete(answer);
    if (this.#entries.get(key)?.answer !== answer) return;
    if (answer.phase === 'failed' || answer.keptBytes > this.#options.maxAnswerBytes) this.#forget(key);
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes() <= this.#options.maxBytes) break;
      this.#forget(oldest);
    }
  }

  #expire(): void {
    for (const [key, { answer, usedAt }] of this.#entries) {
      if (answer.phase !== 'running' && usedAt + this.#options.maxAgeMs <= this.#options.now()) this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#entries.get(key)?.answer.stopKeeping();
    this.#entries.delete(key);
  }

  #bytes(): number {
    let sum = 0;
    for (const { answer } of this.#entries.values()) sum += answer.keptBytes;
    return sum;
  }
}
