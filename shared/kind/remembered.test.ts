import { expect, it } from 'vitest';
import { remembered } from './remembered';

it('answers as the function does, which is asked once for what comes again', () => {
  const asked: string[] = [];
  const upper = remembered((key) => {
    asked.push(key);
    return key.toUpperCase();
  });
  expect(['a', '__proto__', 'a', '__proto__'].map(upper)).toEqual(['A', '__PROTO__', 'A', '__PROTO__']);
  expect(asked).toEqual(['a', '__proto__']);
});

it('keeps neither everything nor what is long', () => {
  let asked = 0;
  const length = remembered((key) => ({ length: key.length, asked: (asked += 1) }));
  const long = 'x'.repeat(10_000);
  expect([length(long), length(long)].map((answer) => answer.asked)).toEqual([1, 2]);
  const first = length('0');
  for (let index = 1; index < 100_000; index += 1) length(String(index));
  expect(length('0')).not.toBe(first);
});
