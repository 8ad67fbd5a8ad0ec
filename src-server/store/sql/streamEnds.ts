import type { StreamEnd } from '../eventLog';

/** Streams whose ends are remembered. */
const MAX_STREAMS = 1_000;

/** An end, and the row of the stream that it is of: a stream that was dropped may have a successor of its name. */
export interface KnownEnd {
  readonly id: bigint;
  readonly end: StreamEnd;
}

/**
 * How this process last saw the ends of streams, so that whoever builds on one need not read it. Others may have appended since: what is
 * remembered is used only where the transaction finds the stream at the same row and seq.
 */
export class StreamEnds {
  readonly #known = new Map<string, KnownEnd>();

  get(stream: string): KnownEnd | undefined {
    return this.#known.get(stream);
  }

  set(stream: string, known: KnownEnd): void {
    if (this.#known.size >= MAX_STREAMS && !this.#known.has(stream)) this.#known.clear();
    this.#known.set(stream, known);
  }

  delete(stream: string): void {
    this.#known.delete(stream);
  }
}
