/** How one of several that were done together came out. */
export type Settled<TResult> = { readonly result: TResult } | { readonly error: unknown };

export interface WriteQueueOptions<TRequest, TResult> {
  /** Does all of them in one go, in this order, and says of each how it came out. */
  readonly run: (requests: readonly TRequest[]) => readonly Settled<TResult>[];
  /** Called after each go; until it resolves nobody is answered and nothing runs. Undefined when there is nothing to wait for. */
  readonly secure?: () => Promise<void> | undefined;
  /** Size of a request, in the unit of `maxSize`. */
  readonly sizeOf: (request: TRequest) => number;
  /** What one go may hold, so that the event loop does not stand still for long. One request always fits. */
  readonly maxRequests: number;
  readonly maxSize: number;
}

interface Waiting<TRequest, TResult> {
  readonly request: TRequest;
  readonly resolve: (result: TResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Where so many share what a go costs, another one hardly makes it cheaper. */
const ENOUGH_COMPANY = 32;

/**
 * Collects what is asked for and does it in one go, first come, first served: what costs the same for one and for many (a sync of the
 * disk) is then paid once. Nobody waits for time to pass: it goes on with the first turn of the event loop that brings nobody else, once the
 * go before is secured.
 */
export class WriteQueue<TRequest, TResult> {
  readonly #opts: WriteQueueOptions<TRequest, TResult>;
  #waiting: Waiting<TRequest, TResult>[] = [];
  #turn: NodeJS.Immediate | undefined;
  /** How many waited at the end of the turn before. */
  #before = 0;
  /** Resolves when the go that is under way has been answered. */
  #securing: Promise<void> | undefined;

  constructor(opts: WriteQueueOptions<TRequest, TResult>) {
    this.#opts = opts;
  }

  add(request: TRequest): Promise<TResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      if (this.#securing === undefined) this.#turn ??= setImmediate(() => this.#endTurn());
    });
  }

  /** Does without delay what waits, and resolves when it is done. */
  async flush(): Promise<void> {
    while (this.#securing !== undefined || this.#waiting.length > 0) {
      if (this.#securing === undefined) this.#go();
      else await this.#securing;
    }
  }

  #endTurn(): void {
    const { length } = this.#waiting;
    const isGrowing = length > this.#before && length < ENOUGH_COMPANY;
    this.#before = length;
    if (isGrowing) this.#turn = setImmediate(() => this.#endTurn());
    else this.#go();
  }

  #go(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#before = 0;
    const batch = this.#take();
    const settled = this.#runAll(batch.map(({ request }) => request));
    const secured = this.#opts.secure?.();
    if (secured === undefined) this.#answer(batch, settled);
    else {
      const insecure = (error: unknown): readonly Settled<TResult>[] => batch.map(() => ({ error }));
      this.#securing = secured.then(() => settled, insecure).then((outcomes) => {
        this.#securing = undefined;
        this.#answer(batch, outcomes);
      });
    }
  }

  #runAll(requests: readonly TRequest[]): readonly Settled<TResult>[] {
    try {
      return this.#opts.run(requests);
    } catch (error) {
      return requests.map(() => ({ error }));
    }
  }

  #answer(batch: readonly Waiting<TRequest, TResult>[], outcomes: readonly Settled<TResult>[]): void {
    for (const [index, { resolve, reject }] of batch.entries()) {
      const outcome = outcomes[index] ?? { error: new Error('A write was left without an answer') };
      if ('error' in outcome) reject(outcome.error);
      else resolve(outcome.result);
    }
    // What did not fit, or came meanwhile, goes on in a turn of its own, after whatever else the event loop has to do.
    if (this.#waiting.length > 0) this.#turn ??= setImmediate(() => this.#endTurn());
  }

  #take(): readonly Waiting<TRequest, TResult>[] {
    const { sizeOf, maxRequests, maxSize } = this.#opts;
    let [count, size] = [0, 0];
    for (const { request } of this.#waiting) {
      size += sizeOf(request);
      if (count > 0 && (count >= maxRequests || size > maxSize)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
