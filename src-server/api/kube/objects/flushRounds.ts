/** Something that has bytes to send. */
export interface Flushable {
  /** Sends what is pending. `join` makes one buffer of several, the same one for all who send the same. */
  flush(join: (parts: readonly Buffer[]) => Buffer): void;
}

/** How many times as long as sending took the process is free for everything else. */
const REST_FACTOR = 3;

/**
 * Sends for many streams in rounds. A change reaches every watcher, and each of them would cost a system call for each change; in a
 * round a watcher costs one for all changes since the last. After a round the process is free for three times as long as the round took,
 * so that sending takes at most a quarter of its time however many watch, while a few watchers get each change at once.
 */
export class FlushRounds {
  #waiting = new Set<Flushable>();
  #isBusy = false;
  #restUntil = 0;

  /** Lets `stream` take part in the next round. */
  join(stream: Flushable): void {
    this.#waiting.add(stream);
    if (!this.#isBusy) this.#schedule();
  }

  #schedule(): void {
    this.#isBusy = true;
    const restMs = this.#restUntil - performance.now();
    // What else is ready in this turn of the event loop comes into the same round.
    if (restMs >= 1) setTimeout(this.#run, restMs);
    else setImmediate(this.#run);
  }

  readonly #run = (): void => {
    const startedAt = performance.now();
    const streams = this.#waiting;
    this.#waiting = new Set();
    const join = createJoin();
    for (const stream of streams) stream.flush(join);
    // Node hands the bytes of an answer to the system only at the end of this turn, and that is what takes the time.
    setImmediate(() => {
      const endedAt = performance.now();
      this.#restUntil = endedAt + REST_FACTOR * (endedAt - startedAt);
      this.#isBusy = false;
      if (this.#waiting.size > 0) this.#schedule();
    });
  };
}

/** Concatenates, once for all who ask for the same buffers. */
function createJoin(): (parts: readonly Buffer[]) => Buffer {
  const joined = new Map<Buffer, { parts: readonly Buffer[]; bytes: Buffer }>();
  return (parts) => {
    const last = parts.at(-1);
    if (last === undefined || parts.length === 1) return last ?? Buffer.alloc(0);
    const known = joined.get(last);
    if (known !== undefined && known.parts.length === parts.length && known.parts.every((part, index) => part === parts[index])) return known.bytes;
    const bytes = Buffer.concat(parts);
    joined.set(last, { parts, bytes });
    return bytes;
  };
}
