/** What a cache may hold. */
export interface RowCacheLimits {
  readonly maxRows: number;
  /** Of all rows together. */
  readonly maxCharacters: number;
}

/** The rows that were asked for last, by key. Knows nothing of what is not there. */
export class RowCache<TRow extends { readonly key: string; readonly value: string }> {
  readonly #limits: RowCacheLimits;
  /** The one that was asked for last comes last. */
  readonly #rows = new Map<string, TRow>();
  #characters = 0;

  constructor(limits: RowCacheLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): TRow | undefined {
    const row = this.#rows.get(key);
    if (row === undefined) return undefined;
    this.#rows.delete(key);
    this.#rows.set(key, row);
    return row;
  }

  /** Keeps a row that was read, and lets go of those that nobody asked for in the longest time. */
  add(row: TRow): void {
    this.remove(row.key);
    this.#rows.set(row.key, row);
    this.#characters += row.value.length;
    for (const [key, oldest] of this.#rows) {
      if (this.#rows.size <= this.#limits.maxRows && this.#characters <= this.#limits.maxCharacters) return;
      this.#rows.delete(key);
      this.#characters -= oldest.value.length;
    }
  }

  /** What stands under the key now; only what is asked for is kept, not everything that is written. */
  replace(row: TRow): void {
    if (this.#rows.has(row.key)) this.add(row);
  }

  remove(key: string): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#rows.delete(key);
    this.#characters -= row.value.length;
  }
}
