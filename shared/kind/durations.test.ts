import { expect, it } from 'vitest';
import { durationMs } from './durations';

it('reads durations in every unit, and leaves what is none to the fallback', () => {
  expect(['500ms', '30s', '15m', '2h', '7d', undefined, 'soon'].map((text) => durationMs(text, -1))).toEqual([500, 30_000, 900_000, 7_200_000, 604_800_000, -1, -1]);
});
