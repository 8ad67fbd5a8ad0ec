import { expect, it } from 'vitest';
import { formatDuration, formatRelative } from './clock';

const now = Date.UTC(2026, 10, 21, 12);

it.each([
  [3_000, 'just now'], [45_000, '45s ago'], [5 * 60_000, '5m ago'], [3 * 3_600_000, '3h ago'], [2 * 86_400_000, '2d ago'], [-2 * 3_600_000, 'in 2h'],
])('%d ms before now is "%s"', (ms, words) => {
  expect(formatRelative(now - ms, now)).toBe(words);
});

it('says a date when it is long ago, with the year when it was another', () => {
  expect(formatRelative(Date.UTC(2026, 2, 12, 12), now)).toBe('12 Mar');
  expect(formatRelative(Date.UTC(2025, 2, 12, 12), now)).toBe('12 Mar 2025');
});

it.each([[850, '850ms'], [12_000, '12s'], [184_000, '3m 04s'], [7_800_000, '2h 10m'], [367_200_000, '4d 6h']])('%d ms lasts "%s"', (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});
