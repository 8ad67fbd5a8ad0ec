/** Something that has bytes to send. */
export interface Flushable {
  /** Sends what is pending. `join` makes one buffer of several, the same one for all who send the same. */
  flush(join: (parts: readonly Buffer[]) => Buffer): void;
}

/**
 * Sends for many streams in rounds. A change reaches every watcher, and each of them would cost a system call for each change; in a
 * round a watcher costs one for all changes since the last. After a round the process is free for as long as the round took, so that
 * sending takes at most half of its time however many watch, while a few watchers get each change at once.
 */
export class FlushRounds {
  #waiting = new Set<Flushable>();
  #isScheduled = false;
  #restUntil = 0;

  /** Lets `stream` take part in the next round. */
  join(stream: Flushable): void {
    this.#waiting.add(stream);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const restMs = this.#restUntil - performance.now();
    // What else is ready in this turn of the event loop comes into the same round.
    if (restMs >= 1) setTimeout(this.#run, restMs);
    else setImmediate(this.#run);
  }

  readonly #run = (): void => {
    const startedAt = performance.now();
    const streams = this.#waiting;
    this.#waiting = new Set();
    this.#isScheduled = false;
    const join = createJoin();
    for (const stream of streams) stream.flush(join);
    const endedAt = performance.now();
    this.#restUntil = endedAt + (endedAt - startedAt);
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
