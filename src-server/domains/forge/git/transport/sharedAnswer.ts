import type { GitProcess } from '../git';

/** One client's place in an answer. */
export interface AnswerReader {
  /** Bytes of the whole answer, where it was there before this reader. */
  readonly sizeBytes: number | undefined;
  /** What has come since, about a MiB at most; undefined at the end, and after `leave`. Rejects with what ended git from outside. */
  next(): Promise<readonly Buffer[] | undefined>;
  /** Exit code of git, once `next` has answered undefined, and what it wrote to standard error. */
  outcome(): Promise<{ readonly code: number | undefined; readonly stderr: string }>;
  /** Nothing more is read. When the last reader leaves before the end, git is ended. */
  leave(): void;
}

interface Place {
  /** Chunks read, from the start of the answer. */
  chunks: number;
  bytes: number;
}

/** Git runs ahead of who reads by so much, and no further. */
const MAX_LEAD_BYTES = 1024 * 1024;
/** What one `next` answers: large enough that a client's socket gets it in few calls. */
const BATCH_BYTES = 1024 * 1024;

/**
 * What one git writes, for any number of readers, who all begin at its first byte. As long as it is kept whole, others may come, and git goes on at
 * the pace of the fastest; from then on at that of the slowest, because what all have read is dropped.
 */
export class SharedAnswer {
  readonly #child: GitProcess;
  readonly #places = new Set<Place>();
  readonly #waiting = new Set<() => void>();
  #chunks: Buffer[] = [];
  #dropped = 0;
  #madeBytes = 0;
  #isWhole = true;
  #phase: 'running' | 'complete' | 'failed' = 'running';
  #isWaking = false;

  /** `onStep` is called when the answer has grown, and when it has ended. */
  constructor(child: GitProcess, onStep: (answer: SharedAnswer) => void) {
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#madeBytes += chunk.length;
      onStep(this);
      this.#pace();
      this.#wakeSoon();
    });
    // Who ends git from outside destroys the stream; `ended` tells why.
    child.stdout.on('error', () => undefined);
    const settle = (phase: 'complete' | 'failed'): void => {
      this.#phase = phase;
      onStep(this);
      this.#wake();
    };
    child.ended.then((code) => settle(code === 0 ? 'complete' : 'failed'), () => settle('failed'));
  }

  get phase(): 'running' | 'complete' | 'failed' {
    return this.#phase;
  }

  /** Whether everything is still here, and another reader may come. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  get keptBytes(): number {
    return this.#isWhole ? this.#madeBytes : 0;
  }

  read(): AnswerReader {
    const place: Place = { chunks: 0, bytes: 0 };
    let isGone = false;
    this.#places.add(place);
    this.#pace();
    return {
      sizeBytes: this.#phase === 'complete' ? this.#madeBytes : undefined,
      next: async () => {
        for (;;) {
          if (isGone) return undefined;
          const batch = this.#take(place);
          if (batch.length > 0) return batch;
          if (this.#phase !== 'running') {
            await this.#child.ended;
            return undefined;
          }
          await new Promise<void>((resolve) => this.#waiting.add(resolve));
        }
      },
      outcome: async () => ({ code: await this.#child.ended, stderr: this.#child.stderrTail() }),
      leave: () => {
        if (isGone) return;
        isGone = true;
        this.#places.delete(place);
        if (this.#places.size === 0 && this.#phase === 'running') this.end();
        this.#pace();
        this.#wake();
      },
    };
  }

  /** Lets nobody else come, and drops what all have read. */
  stopKeeping(): void {
    this.#isWhole = false;
    this.#pace();
  }

  end(): void {
    this.#isWhole = false;
    this.#child.kill();
  }

  #take(place: Place): Buffer[] {
    const batch: Buffer[] = [];
    let size = 0;
    for (let index = place.chunks - this.#dropped; index < this.#chunks.length && size < BATCH_BYTES; index += 1) {
      const chunk = this.#chunks[index] ?? Buffer.alloc(0);
      batch.push(chunk);
      size += chunk.length;
    }
    if (batch.length === 0) return batch;
    place.chunks += batch.length;
    place.bytes += size;
    this.#pace();
    return batch;
  }

  #pace(): void {
    if (!this.#isWhole) this.#dropRead();
    if (this.#phase !== 'running') return;
    const read = [...this.#places].map(({ bytes }) => bytes);
    const lead = this.#madeBytes - (this.#isWhole ? Math.max(0, ...read) : Math.min(...read));
    if (lead > MAX_LEAD_BYTES) this.#child.stdout.pause();
    else this.#child.stdout.resume();
  }

  #dropRead(): void {
    const readByAll = Math.min(this.#dropped + this.#chunks.length, ...[...this.#places].map(({ chunks }) => chunks));
    if (readByAll > this.#dropped) this.#chunks.splice(0, readByAll - this.#dropped);
    this.#dropped = Math.max(this.#dropped, readByAll);
  }

  /** A pipe is read in pieces of 64 KiB; what comes in one turn of the event loop goes out together. */
  #wakeSoon(): void {
    if (this.#isWaking) return;
    this.#isWaking = true;
    setImmediate(() => {
      this.#isWaking = false;
      this.#wake();
    });
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
