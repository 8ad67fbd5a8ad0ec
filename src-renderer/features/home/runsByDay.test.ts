import { expect, it } from 'vitest';
import type { RunObject } from '../runs/runStory';
import { runsByDay } from './runsByDay';

const now = new Date(2026, 10, 21, 15).getTime();

it('counts runs on the day they were dispatched, today last, and leaves out older ones', () => {
  const runs = [run(0, 'Completed', 0.5), run(0, 'Failed'), run(2, 'Cancelled'), run(40, 'Failed')];
  const days = runsByDay(runs, { now, days: 3 });
  expect(days.map(({ runs: count, failed, costUsd }) => [count, failed, costUsd])).toEqual([[1, 0, 0], [0, 0, 0], [2, 1, 0.5]]);
  expect(days.at(-1)?.day).toBe('21 Nov');
});

function run(daysAgo: number, phase: string, costUsd?: number): RunObject {
  return { metadata: { creationTimestamp: new Date(2026, 10, 21 - daysAgo, 9).toISOString() }, spec: {}, status: { phase, costUsd } } as unknown as RunObject;
}
