import { describe, expect, it } from 'vitest';
import { findInDiff, findRanges } from './diffFind';
import { textDiff } from '../model/textDiff';

describe('findInDiff', () => {
  const files = [textDiff('a.ts', 'const total = 1;\nreturn total;\n', 'const Total = 2;\nreturn total;\n'), textDiff('b.ts', null, 'nothing\n')];

  it('finds deleted, added and unchanged lines in their order, in any case', () => {
    expect(findInDiff(files, 'TOTAL')).toEqual([
      { path: 'a.ts', side: 'old', start: 1, end: 1 },
      { path: 'a.ts', side: 'new', start: 1, end: 1 },
      { path: 'a.ts', side: 'new', start: 2, end: 2 },
    ]);
  });

  it('does not look for a single letter', () => {
    expect(findInDiff(files, 't ')).toEqual([]);
  });
});

describe('findRanges', () => {
  it('finds each place once', () => {
    expect(findRanges('aaaa Aa', 'aa')).toEqual([{ start: 0, end: 2 }, { start: 2, end: 4 }, { start: 5, end: 7 }]);
  });
});
