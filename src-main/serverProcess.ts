import type { ServerAddress } from './readyLine';

/** A server process that was started. */
export interface ServerChild {
  /** Rejects when the process ends before it serves. */
  readonly ready: Promise<ServerAddress>;
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
  /** Asks it to stop in order. */
  stop(): void;
  /** Ends it now. */
  kill(): void;
  /** The last of what it wrote to its log, for a message to people. */
  lastLog(): string;
}

export interface ServerProcessOptions {
  readonly launch: () => ServerChild;
  /** Told after each start, also after a restart: the address may be another. */
  readonly onReady: (address: ServerAddress) => void;
  /** Told when it failed `failures` times in a row; it is started again after `delayMs`. */
  readonly onFailure: (failure: { failures: number; delayMs: number; lastLog: string }) => void;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
}

export interface ServerProcess {
  /** Stops the server, in order, by force after {@link STOP_GRACE_MS}; it is not started again. */
  stop(): Promise<void>;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** A server that lived so long had started well: the next failure counts as the first. */
const HEALTHY_MS = 60_000;
export const STOP_GRACE_MS = 10_000;

/** Keeps one server running until it is told to stop. */
export function keepServerRunning(opts: ServerProcessOptions): ServerProcess {
  const stopping = new AbortController();
  let child: ServerChild | undefined;
  const ended = run();

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const current = opts.launch();
      child = current;
      const startedAt = opts.now();
      current.ready.then(opts.onReady, () => undefined);
      await current.exited;
      child = undefined;
      if (stopping.signal.aborted) return;
      failures = opts.now() - startedAt >= HEALTHY_MS ? 1 : failures + 1;
      const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
      opts.onFailure({ failures, delayMs, lastLog: current.lastLog() });
      await opts.sleep(delayMs, stopping.signal);
    }
  }

  return {
    async stop() {
      stopping.abort();
      const last = child;
      if (last !== undefined) {
        last.stop();
        const grace = new AbortController();
        await Promise.race([last.exited, opts.sleep(STOP_GRACE_MS, grace.signal).then(() => last.kill())]);
        grace.abort();
      }
      await ended;
    },
  };
}
