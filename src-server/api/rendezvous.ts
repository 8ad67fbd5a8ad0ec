/**
 * Many producers, one consumer, no buffer: `put` resolves when the consumer has taken the value, so a slow consumer slows its
 * producers instead of filling memory.
 */
export class Rendezvous<TValue> implements AsyncIterable<TValue> {
  private readonly waiting: { value: TValue; taken: () => void }[] = [];
  private wake: (() => void) | undefined;
  private closed = false;

  /** Resolves at once, with the value dropped, after `close`. */
  put(value: TValue): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((taken) => {
      this.waiting.push({ value, taken });
      this.wake?.();
    });
  }

  /** Ends the iteration and lets every producer go. */
  close(): void {
    this.closed = true;
    for (const { taken } of this.waiting.splice(0)) taken();
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TValue> {
    while (!this.closed) {
      const next = this.waiting.shift();
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        this.wake = undefined;
        continue;
      }
      next.taken();
      yield next.value;
    }
  }
}
