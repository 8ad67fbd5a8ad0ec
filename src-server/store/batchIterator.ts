export interface BatchIteratorOptions<TFrom, TItem> {
  /** What is to be told of an item of a batch; undefined: nothing. Asked when it is its turn. */
  readonly pick: (from: TFrom) => TItem | undefined;
  /** When it aborts, the rest of a batch is not told any more. The batches are to end, too. */
  readonly signal: AbortSignal;
  /** Asked before the first batch. When it throws, so does every step. */
  readonly check?: (() => Promise<void>) | undefined;
}

/**
 * One at a time what comes in batches: a step costs a promise where there is something already. An async generator takes three for it, and as
 * many again for each generator around it; so this one is mapped and checked without another around it.
 */
export class BatchIterator<TFrom, TItem> implements AsyncIterableIterator<TItem, undefined> {
  readonly #batches: AsyncIterator<readonly TFrom[]>;
  readonly #opts: BatchIteratorOptions<TFrom, TItem>;
  #batch: readonly TFrom[] = [];
  #next = 0;
  #checked: Promise<void> | undefined;
  #isWaiting = false;

  constructor(batches: AsyncIterator<readonly TFrom[]>, opts: BatchIteratorOptions<TFrom, TItem>) {
    this.#batches = batches;
    this.#opts = opts;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** One step after the other, as `for await` takes them. */
  next(): Promise<IteratorResult<TItem, undefined>> {
    if (this.#isWaiting) return Promise.reject(new Error('the next step was asked for before the last one was taken'));
    try {
      const value = this.#take();
      return value === undefined ? this.#wait() : Promise.resolve({ done: false, value });
    } catch (error) {
      return this.#failed(error);
    }
  }

  async return(): Promise<IteratorResult<TItem, undefined>> {
    this.#batch = [];
    await this.#batches.return?.();
    return { done: true, value: undefined };
  }

  /** In place of this one: every item as `change` makes it. */
  map<TOther>(change: (item: TItem) => TOther): BatchIterator<TFrom, TOther> {
    const { pick } = this.#opts;
    return new BatchIterator(this.#batches, {
      ...this.#opts,
      pick(from) {
        const item = pick(from);
        return item === undefined ? undefined : change(item);
      },
    });
  }

  /** In place of this one: nothing is told unless `check` resolves. */
  after(check: () => Promise<void>): BatchIterator<TFrom, TItem> {
    return new BatchIterator(this.#batches, { ...this.#opts, check });
  }

  #take(): TItem | undefined {
    while (this.#next < this.#batch.length && !this.#opts.signal.aborted) {
      const item = this.#opts.pick(this.#batch[this.#next] as TFrom);
      this.#next += 1;
      if (item !== undefined) return item;
    }
    return undefined;
  }

  async #wait(): Promise<IteratorResult<TItem, undefined>> {
    this.#isWaiting = true;
    try {
      await (this.#checked ??= this.#opts.check?.());
      for (;;) {
        const step = await this.#batches.next();
        if (step.done === true) return { done: true, value: undefined };
        this.#batch = step.value;
        this.#next = 0;
        const value = this.#take();
        if (value !== undefined) return { done: false, value };
      }
    } catch (error) {
      return await this.#failed(error);
    } finally {
      this.#isWaiting = false;
    }
  }

  /** Whoever gets an error from a step does not say that they take no more. */
  async #failed(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }
}

/** Every item as `change` makes it. */
export function mapped<TItem, TOther>(items: AsyncIterable<TItem>, change: (item: TItem) => TOther): AsyncIterable<TOther> {
  return items instanceof BatchIterator ? (items as BatchIterator<unknown, TItem>).map(change) : mapEach(items, change);
}

/** The same items, unless `check` rejects. */
export function checked<TItem>(items: AsyncIterable<TItem>, check: () => Promise<void>): AsyncIterable<TItem> {
  return items instanceof BatchIterator ? (items as BatchIterator<unknown, TItem>).after(check) : afterCheck(items, check);
}

async function* mapEach<TItem, TOther>(items: AsyncIterable<TItem>, change: (item: TItem) => TOther): AsyncGenerator<TOther> {
  for await (const item of items) yield change(item);
}

async function* afterCheck<TItem>(items: AsyncIterable<TItem>, check: () => Promise<void>): AsyncGenerator<TItem> {
  await check();
  yield* items;
}
