import type { Clock } from '../app/clock';
import type { Logger } from '../app/log';
import type { Runnable } from './controller';

export interface LifecycleOptions {
  /** Started in this order, each group when the one before it is up, and stopped in reverse. A group's members go together. */
  readonly groups: readonly (readonly Runnable[])[];
  /** Time that stopping may take in all, in ms. What has not stopped by then is left behind and said. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Lifecycle {
  /** Starts everything. When a part fails, what is up is stopped again and the error, named after the part, is thrown. */
  start(): Promise<void>;
  /** Stops everything that was started; a second call waits for the first. Throws an AggregateError of what failed or was too slow. */
  stop(): Promise<void>;
}

export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { clock, log } = options;
  const started: Runnable[][] = [];
  let stopping: Promise<void> | undefined;

  async function start(): Promise<void> {
    for (const group of options.groups) {
      const running: Runnable[] = [];
      started.push(running);
      const outcomes = await Promise.allSettled(
        group.map(async (part) => {
          await part.start();
          running.push(part);
        }),
      );
      const failed = outcomes.findIndex((outcome) => outcome.status === 'rejected');
      const outcome = outcomes[failed];
      if (outcome?.status !== 'rejected') continue;
      await stop().catch((error: unknown) => log.warn({ err: error }, 'stopping after a failed start'));
      throw new Error(`"${group[failed]?.name ?? 'a part'}" did not start`, { cause: outcome.reason });
    }
  }

  function stop(): Promise<void> {
    stopping ??= stopAll();
    return stopping;
  }

  async function stopAll(): Promise<void> {
    const deadlineMs = clock.now() + options.graceMs;
    const errors: Error[] = [];
    for (const group of started.toReversed()) {
      await Promise.all(group.map(async (part) => {
        try {
          await withDeadline(part, deadlineMs);
        } catch (error) {
          errors.push(error instanceof Error ? error : new Error(String(error)));
          log.error({ err: error, part: part.name }, 'a part did not stop cleanly');
        }
      }));
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of the parts did not stop cleanly`);
  }

  async function withDeadline(part: Runnable, deadlineMs: number): Promise<void> {
    let cancel: () => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      // A clock that is set back meanwhile does not make it longer.
      cancel = clock.after(Math.min(options.graceMs, Math.max(0, deadlineMs - clock.now())), () => reject(new Error(`"${part.name}" did not stop in time`)));
    });
    try {
      await Promise.race([part.stop(), late]);
    } finally {
      cancel();
    }
  }

  return { start, stop };
}
