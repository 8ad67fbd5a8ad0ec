/** Bounds of one batch of deletes; rows may be as small as a status or as large as a megabyte. */
const MIN_ROWS = 1;
const MAX_ROWS = 500;
const TARGET_MS = 5;

/** Chooses how many rows a batch deletes, so that none keeps what waits behind it for much longer than 5 ms, on whatever disk. */
export class BatchPacer {
  #rows = 50;

  /** How many rows the next batch should take. */
  get rows(): number {
    return this.#rows;
  }

  /** Runs a batch of {@link rows} and learns from the time it took. Answers what the batch does: how many rows it deleted. */
  pace(batch: (rows: number) => number): number {
    const startedAt = performance.now();
    const deleted = batch(this.#rows);
    const tookMs = performance.now() - startedAt;
    if (tookMs > TARGET_MS) this.#rows = Math.max(MIN_ROWS, Math.floor((this.#rows * TARGET_MS) / tookMs));
    else if (deleted === this.#rows) this.#rows = Math.min(MAX_ROWS, this.#rows + Math.ceil(this.#rows / 4));
    return deleted;
  }
}
