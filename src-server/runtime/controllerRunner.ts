import { isStatusError } from '#shared/api/status';
import type { Clock } from '../app/clock';
import type { Logger } from '../app/log';
import type { ReconcileResult } from './controller';
import { createWorkQueue, type WorkQueue } from './workQueue';

/** Conflicts in a row that are retried at once. A conflict means that the read was stale; more of them mean contention: back off. */
const IMMEDIATE_CONFLICT_RETRIES = 5;
const DEFAULT_CONCURRENCY = 2;

export interface ReconcileObservation {
  readonly controller: string;
  readonly outcome: 'ok' | 'requeue' | 'conflict' | 'error';
  readonly seconds: number;
}

export interface ControllerRunnerOptions {
  readonly name: string;
  /** Keys that may be worked on at the same time; default 2. */
  readonly concurrency?: number;
  reconcile(key: string, ctx: { readonly signal: AbortSignal; readonly log: Logger }): Promise<ReconcileResult | void>;
  readonly clock: Clock;
  readonly uuid: () => string;
  readonly log: Logger;
  readonly observe?: (observation: ReconcileObservation) => void;
}

/** Workers on one queue. Keys may be queued before the start; they wait. */
export interface ControllerRunner {
  readonly name: string;
  readonly queue: WorkQueue;
  start(): void;
  /** Aborts what is in flight, waits until it has ended, and takes nothing more. */
  stop(): Promise<void>;
}

/**
 * Runs a reconciler over a queue. A result with `requeueAfterMs` comes back later; a Conflict comes back at once; any other error is
 * logged here, once, with a `reconcileId`, and comes back with back-off.
 */
export function createControllerRunner(options: ControllerRunnerOptions): ControllerRunner {
  const { name, clock } = options;
  const queue = createWorkQueue(clock);
  const log = options.log.child({ controller: name });
  const abort = new AbortController();
  /** Conflicts in a row, by key. */
  const conflicts = new Map<string, number>();
  let workers: Promise<void>[] = [];

  async function work(): Promise<void> {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      try {
        await reconcileOnce(key);
      } finally {
        queue.done(key);
      }
    }
  }

  async function reconcileOnce(key: string): Promise<void> {
    const startMs = clock.now();
    const reconcileLog = log.child({ key, reconcileId: options.uuid() });
    const outcome = await attempt(key, reconcileLog);
    options.observe?.({ controller: name, outcome, seconds: (clock.now() - startMs) / 1000 });
  }

  async function attempt(key: string, reconcileLog: Logger): Promise<ReconcileObservation['outcome']> {
    try {
      const result = await options.reconcile(key, { signal: abort.signal, log: reconcileLog });
      queue.forget(key);
      conflicts.delete(key);
      if (result?.requeueAfterMs === undefined) return 'ok';
      queue.addAfter(key, result.requeueAfterMs);
      return 'requeue';
    } catch (error) {
      if (isStatusError(error, 'Conflict')) {
        retryConflict(key);
        return 'conflict';
      }
      queue.addWithBackoff(key);
      if (abort.signal.aborted) reconcileLog.debug({ err: error }, 'reconcile interrupted by shutdown');
      else reconcileLog.error({ err: error, failures: queue.failures(key) }, 'reconcile failed');
      return 'error';
    }
  }

  function retryConflict(key: string): void {
    const inARow = (conflicts.get(key) ?? 0) + 1;
    if (inARow <= IMMEDIATE_CONFLICT_RETRIES) {
      conflicts.set(key, inARow);
      queue.add(key);
    } else {
      conflicts.delete(key);
      queue.addWithBackoff(key);
    }
  }

  return {
    name,
    queue,
    start() {
      workers = Array.from({ length: options.concurrency ?? DEFAULT_CONCURRENCY }, work);
    },
    async stop() {
      queue.shutDown();
      abort.abort();
      await Promise.all(workers);
    },
  };
}
