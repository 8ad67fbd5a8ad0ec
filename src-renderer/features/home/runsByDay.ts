import type { RunObject } from '../runs/runStory';

export interface RunDay {
  /** `12 Nov`. */
  readonly day: string;
  readonly runs: number;
  readonly failed: number;
  readonly costUsd: number;
}

/** Runs by the day on which they were dispatched, in the reader's zone; the last entry is today. `now` is in ms since the epoch. */
export function runsByDay(runs: readonly RunObject[], opts: { now: number; days: number }): RunDay[] {
  const today = new Date(opts.now);
  const days = Array.from({ length: opts.days }, (_, index) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - (opts.days - 1 - index)));
  const counts = new Map(days.map((date) => [date.getTime(), { runs: 0, failed: 0, costUsd: 0 }]));
  for (const run of runs) {
    const at = new Date(run.metadata.creationTimestamp);
    const count = counts.get(new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime());
    if (count === undefined) continue;
    count.runs += 1;
    if (run.status?.phase === 'Failed') count.failed += 1;
    count.costUsd += run.status?.costUsd ?? 0;
  }
  return days.map((date) => ({ day: date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' }), runs: 0, failed: 0, costUsd: 0, ...counts.get(date.getTime()) }));
}
