import { expect, it } from 'vitest';
import { parseRange } from './sendBytes';

it('reads one range and ignores what it may ignore', () => {
  expect(parseRange('bytes=0-0', 10)).toEqual({ start: 0, end: 0 });
  expect(parseRange('bytes=5-', 10)).toEqual({ start: 5, end: 9 });
  expect(parseRange('bytes=5-500', 10)).toEqual({ start: 5, end: 9 });
  expect(parseRange('bytes=-3', 10)).toEqual({ start: 7, end: 9 });
  expect(parseRange('bytes=-30', 10)).toEqual({ start: 0, end: 9 });
  expect(parseRange('bytes=10-', 10)).toBe('unsatisfiable');
  expect(parseRange('bytes=-0', 10)).toBe('unsatisfiable');
  expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
  for (const ignored of ['bytes=-', 'bytes=6-5', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=a-b', '']) expect(parseRange(ignored, 10), ignored).toBeUndefined();
});
