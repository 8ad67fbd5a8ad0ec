/** Wakes requests that wait for news of a run. Who waits looks at the run afterwards: a bell says when to look, never what to see. */
export class RunBells {
  readonly #waiting = new Map<string, Set<() => void>>();

  ring(org: string, run: string): void {
    for (const wake of this.#waiting.get(key(org, run)) ?? []) wake();
  }

  /** Listens from now on; so listen first, then look, then wait. */
  listen(org: string, run: string): { wait(opts: { timeoutMs: number; signal: AbortSignal }): Promise<void>; close(): void } {
    const name = key(org, run);
    let rung = false;
    let wake: () => void = () => undefined;
    const ring = (): void => {
      rung = true;
      wake();
    };
    const listeners = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, listeners.add(ring));
    return {
      async wait({ timeoutMs, signal }) {
        if (!rung && !signal.aborted) {
          let timer: NodeJS.Timeout | undefined;
          await new Promise<void>((resolve) => {
            wake = resolve;
            timer = setTimeout(resolve, timeoutMs);
            signal.addEventListener('abort', wake, { once: true });
          });
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
        }
        rung = false;
      },
      close: () => {
        listeners.delete(ring);
        if (listeners.size === 0) this.#waiting.delete(name);
      },
    };
  }
}

function key(org: string, run: string): string {
  return `${org}/${run}`;
}
