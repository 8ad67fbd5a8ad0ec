/** Time and timers, so that tests can hold them. Everything that waits or stamps takes one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once after `delayMs`; the answer takes it back. A pending timer does not keep the process alive. */
  after(delayMs: number, task: () => void): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The clock's time as RFC 3339 in UTC, as objects carry it. */
export function timestampOf(clock: Clock): string {
  const at = clock.now();
  // A write stamps several things in the same millisecond.
  if (at !== latest.at) latest = { at, text: new Date(at).toISOString() };
  return latest.text;
}

let latest = { at: Number.NaN, text: '' };
