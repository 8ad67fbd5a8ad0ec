import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 25;

/**
 * Waits until `probe` answers something else than undefined or false, and answers that. For facts of other processes, which no
 * promise of ours can tell. `what` says in the failure what did not come; the last error of the probe is its cause.
 */
export async function eventually<T>(what: string, probe: () => T | undefined | false | Promise<T | undefined | false>, opts: { timeoutMs?: number } = {}): Promise<T> {
  const deadline = performance.now() + (opts.timeoutMs ?? 30_000);
  let cause: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`${what}: did not come in time`, { cause });
    await delay(POLL_MS);
  }
}
