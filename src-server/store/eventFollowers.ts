import { Bell } from './bell';

interface Follower {
  readonly bell: Bell;
  ended: boolean;
}

/** Who waits for which event stream in this process. */
export class EventFollowers {
  readonly #byStream = new Map<string, Set<Follower>>();

  /** The streams that somebody follows. */
  get streams(): string[] {
    return [...this.#byStream.keys()];
  }

  /** Something was appended. */
  wake(stream: string): void {
    for (const follower of this.#byStream.get(stream) ?? []) follower.bell.ring();
  }

  /** The stream is gone: its followers end. */
  end(stream: string): void {
    for (const follower of this.#byStream.get(stream) ?? []) {
      follower.ended = true;
      follower.bell.ring();
    }
  }

  endAll(): void {
    for (const stream of this.streams) this.end(stream);
  }

  /**
   * Yields what `readAfter` answers, from `after` on, and waits while that is nothing; undefined says that the stream is gone. Nothing is
   * buffered here: a slow reader finds the entries where they are stored.
   */
  async *follow<TEntry extends { readonly seq: number }>(
    stream: string,
    opts: { after: number; signal: AbortSignal; readAfter: (seq: number) => TEntry[] | Promise<TEntry[] | undefined> },
  ): AsyncGenerator<TEntry[]> {
    const follower = { bell: new Bell(), ended: false };
    this.#add(stream, follower);
    try {
      let cursor = opts.after;
      while (!opts.signal.aborted && !follower.ended) {
        const entries = await opts.readAfter(cursor);
        if (entries === undefined || opts.signal.aborted || follower.ended) return;
        const last = entries.at(-1);
        if (last === undefined) {
          await follower.bell.wait({ signal: opts.signal });
        } else {
          cursor = last.seq;
          yield entries;
        }
      }
    } finally {
      this.#remove(stream, follower);
    }
  }

  #add(stream: string, follower: Follower): void {
    const followers = this.#byStream.get(stream) ?? new Set();
    this.#byStream.set(stream, followers.add(follower));
  }

  #remove(stream: string, follower: Follower): void {
    const followers = this.#byStream.get(stream);
    followers?.delete(follower);
    if (followers?.size === 0) this.#byStream.delete(stream);
  }
}
