import type { Logger } from '../../../app/log';

/** Work that nobody waits for. What it does must also be done by a controller, because a stop may cut it off. */
export interface Background {
  /** Starts work; one that is waiting already under the key covers this call too. */
  run(key: string, work: () => Promise<void>): void;
  /** Settles when nothing is running any more. */
  idle(): Promise<void>;
  /** Starts nothing more and waits for what runs. */
  stop(): Promise<void>;
}

/** A push to a branch that many pull requests target must not start a git process for each of them at once. */
const MAX_AT_ONCE = 2;

export function createBackground(log: Logger): Background {
  const running = new Map<string, { again: boolean; done: Promise<void> }>();
  const waiting: (() => void)[] = [];
  let busy = 0;
  let stopped = false;

  async function inTurn(work: () => Promise<void>): Promise<void> {
    if (busy >= MAX_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    try {
      if (!stopped) await work();
    } finally {
      const next = waiting.shift();
      // The place is handed on, so that nobody who comes now gets between.
      if (next === undefined) busy -= 1;
      else next();
    }
  }

  async function loop(key: string, work: () => Promise<void>): Promise<void> {
    for (let again = true; again && !stopped; again = running.get(key)?.again === true) {
      const entry = running.get(key);
      if (entry !== undefined) entry.again = false;
      try {
        await inTurn(work);
      } catch (error) {
        log.error({ err: error, key }, 'background work failed; its controller will try again');
      }
    }
    running.delete(key);
  }

  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.all([...running.values()].map((entry) => entry.done));
  };

  return {
    run(key, work) {
      if (stopped) return;
      const known = running.get(key);
      if (known !== undefined) {
        known.again = true;
        return;
      }
      const entry = { again: false, done: Promise.resolve() };
      running.set(key, entry);
      entry.done = Promise.resolve().then(() => loop(key, work));
    },
    idle,
    async stop() {
      stopped = true;
      await idle();
    },
  };
}
