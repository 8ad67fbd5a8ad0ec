/** How one of several that were done together came out. */
export type Settled<TResult> = { readonly result: TResult } | { readonly error: unknown };

export interface WriteQueueOptions<TRequest, TResult> {
  /** Does all of them in one go, in this order, and says of each how it came out. */
  readonly run: (requests: readonly TRequest[]) => readonly Settled<TResult>[];
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
 * disk) is then paid once. Nobody waits for time to pass: it goes on with the first turn of the event loop that brings nobody else.
 */
export class WriteQueue<TRequest, TResult> {
  readonly #opts: WriteQueueOptions<TRequest, TResult>;
  #waiting: Waiting<TRequest, TResult>[] = [];
  #turn: NodeJS.Immediate | undefined;
  /** How many waited at the end of the turn before. */
  #before = 0;

  constructor(opts: WriteQueueOptions<TRequest, TResult>) {
    this.#opts = opts;
  }

  add(request: TRequest): Promise<TResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#turn ??= setImmediate(() => this.#endTurn());
    });
  }

  /** Does at once what waits. */
  flush(): void {
    while (this.#waiting.length > 0) this.#go();
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
    const batch = this.#take();
    this.#before = 0;
    // What does not fit goes in a turn of its own, after whatever else the event loop has to do.
    this.#turn = this.#waiting.length > 0 ? setImmediate(() => this.#go()) : undefined;
    let settled: readonly Settled<TResult>[] = [];
    let failure: unknown;
    try {
      settled = this.#opts.run(batch.map(({ request }) => request));
    } catch (error) {
      failure = error;
    }
    for (const [index, { resolve, reject }] of batch.entries()) {
      const outcome = settled[index] ?? { error: failure ?? new Error('A write was left without an answer') };
      if ('error' in outcome) reject(outcome.error);
      else resolve(outcome.result);
    }
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
