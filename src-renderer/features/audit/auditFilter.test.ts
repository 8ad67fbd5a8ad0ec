import { expect, it } from 'vitest';
import { readFilter } from './auditFilter';

it('asks for what the address says, and for nothing that it does not', () => {
  expect(readFilter({})).toEqual({});
  expect(readFilter({ actor: ' ada ', target: 'PullRequest/shop-12', outcome: 'denied' })).toEqual({ actor: 'ada', kind: 'PullRequest', name: 'shop-12', outcome: 'denied' });
  expect(readFilter({ actor: ' ', target: 'Team', outcome: 'maybe', days: 'x' })).toEqual({ kind: 'Team' });
});

it('counts days back from now, to the hour', () => {
  const { since = '' } = readFilter({ days: '7' });
  const daysAgo = (Date.now() - Date.parse(since)) / (24 * 3_600_000);
  expect(daysAgo).toBeGreaterThanOrEqual(7);
  expect(daysAgo).toBeLessThan(7.05);
  expect(Date.parse(since) % 3_600_000).toBe(0);
});
