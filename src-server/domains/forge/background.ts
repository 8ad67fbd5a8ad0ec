import type { Logger } from '../../app/log';

/** Work that nobody waits for. What it does must also be done by a controller, because a stop may cut it off. */
export interface Background {
  /** Starts work; one that is waiting already under the key covers this call too. */
  run(key: string, work: () => Promise<void>): void;
  /** Settles when nothing is running any more. */
  idle(): Promise<void>;
  /** Starts nothing more and waits for what runs. */
  stop(): Promise<void>;
}

export function createBackground(log: Logger): Background {
  const running = new Map<string, { again: boolean; done: Promise<void> }>();
  let stopped = false;

  async function loop(key: string, work: () => Promise<void>): Promise<void> {
    for (let again = true; again && !stopped; again = running.get(key)?.again === true) {
      const entry = running.get(key);
      if (entry !== undefined) entry.again = false;
      try {
        await work();
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
