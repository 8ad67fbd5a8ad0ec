import type { ChainHead } from '../chain';

/** Streams whose ends are remembered. */
const MAX_STREAMS = 1_000;

/** The end of a chain, and the row of the stream that it is of: a stream that was dropped may have a successor of its name. */
export interface KnownEnd {
  readonly id: bigint;
  readonly head: ChainHead;
}

/**
 * How this process last saw the ends of chains, so that whoever adds to one need not read it. Others may have appended since: what is
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
