/**
 * Remembers what was read, until it is told that it changed. What is being read while a change comes is not remembered, so nothing stale
 * stays.
 */
export class FreshCache<T> {
  readonly #maxEntries: number;
  readonly #values = new Map<string, T>();
  readonly #loading = new Map<string, Promise<T>>();

  constructor(opts: { maxEntries: number }) {
    this.#maxEntries = opts.maxEntries;
  }

  /** What is remembered of a key, or else what `load` answers. Those who ask at the same time share one load. */
  get(key: string, load: () => Promise<T>): T | Promise<T> {
    const known = this.#values.get(key);
    if (known !== undefined || this.#values.has(key)) return known as T;
    return this.#loading.get(key) ?? this.#load(key, load);
  }

  /** What is remembered, without asking. */
  peek(key: string): T | undefined {
    return this.#values.get(key);
  }

  forget(key: string): void {
    this.#values.delete(key);
    this.#loading.delete(key);
  }

  clear(): void {
    this.#values.clear();
    this.#loading.clear();
  }

  async #load(key: string, load: () => Promise<T>): Promise<T> {
    const loading = load();
    this.#loading.set(key, loading);
    try {
      const value = await loading;
      if (this.#loading.get(key) === loading) this.#remember(key, value);
      return value;
    } finally {
      if (this.#loading.get(key) === loading) this.#loading.delete(key);
    }
  }

  #remember(key: string, value: T): void {
    const [oldest] = this.#values.keys();
    if (this.#values.size >= this.#maxEntries && oldest !== undefined) this.#values.delete(oldest);
    this.#values.set(key, value);
  }
}
