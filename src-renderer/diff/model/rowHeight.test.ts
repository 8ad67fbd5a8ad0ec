import { expect, it } from 'vitest';
import type { DiffRow } from './diffRows';
import { rowHeight, wrappedLines } from './rowHeight';

it('breaks after spaces and hyphens, and within words that are longer than the column', () => {
  expect(wrappedLines('', 10)).toBe(1);
  expect(wrappedLines('0123456789', 10)).toBe(1);
  expect(wrappedLines('01234567890', 10)).toBe(2);
  expect(wrappedLines('01234 56789', 10)).toBe(2);
  expect(wrappedLines('0123456789   ', 10)).toBe(1);
  expect(wrappedLines('a 0123456789012345678901', 10)).toBe(4);
  expect(wrappedLines('012345-789012', 10)).toBe(2);
  expect(wrappedLines('\t\t012', 10)).toBe(2);
});

it('is as high as the longer of two sides, and one line where nothing is wrapped', () => {
  const cell = (text: string) => ({ type: 'context', text, line: 1, noNewline: false, words: undefined, at: undefined }) as const;
  const row = { type: 'pair', key: 'a', file: {}, left: cell('short'), right: cell('x'.repeat(25)) } as unknown as DiffRow;
  expect(rowHeight(row, { unified: 30, split: 10 })).toBe(60);
  expect(rowHeight(row, undefined)).toBe(20);
});
