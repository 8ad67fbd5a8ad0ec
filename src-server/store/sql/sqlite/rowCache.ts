/** What a cache may hold. */
export interface RowCacheLimits {
  readonly maxRows: number;
  /** Of all rows together. */
  readonly maxCharacters: number;
}

/**
 * The rows that were asked for lately, by key. Knows nothing of what is not there. They are in two halves: what is asked for is in the
 * young one; when that is full it becomes the old one, and what was in the old one goes. So a row that is asked for again and again
 * costs a look and no more.
 */
export class RowCache<TRow extends { readonly key: string; readonly value: string }> {
  readonly #limits: RowCacheLimits;
  #young = new Map<string, TRow>();
  #old = new Map<string, TRow>();
  #youngCharacters = 0;

  constructor({ maxRows, maxCharacters }: RowCacheLimits) {
    this.#limits = { maxRows: maxRows / 2, maxCharacters: maxCharacters / 2 };
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): TRow | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.add(old);
    return old;
  }

  /** Keeps a row that was read, unless it is larger than half of what fits. */
  add(row: TRow): void {
    const { length } = row.value;
    this.remove(row.key);
    if (length > this.#limits.maxCharacters) return;
    if (this.#young.size >= this.#limits.maxRows || this.#youngCharacters + length > this.#limits.maxCharacters) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCharacters = 0;
    }
    this.#young.set(row.key, row);
    this.#youngCharacters += length;
  }

  /** What stands under the key now; only what is asked for is kept, not everything that is written. */
  replace(row: TRow): void {
    if (this.#young.has(row.key) || this.#old.has(row.key)) this.add(row);
  }

  remove(key: string): void {
    this.#old.delete(key);
    const row = this.#young.get(key);
    if (row === undefined) return;
    this.#young.delete(key);
    this.#youngCharacters -= row.value.length;
  }
}
