import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordDiff } from './wordDiff';

describe('wordDiff', () => {
  it('marks the words that changed and nothing else', () => {
    const before = 'const total = price * quantity;';
    const after = 'const total = price * count;';
    const marks = wordDiff(before, after);
    expect(marks?.old.map(({ start, end }) => before.slice(start, end))).toEqual(['quantity']);
    expect(marks?.new.map(({ start, end }) => after.slice(start, end))).toEqual(['count']);
  });

  it('joins marks that only white space separates', () => {
    const after = 'return first second value;';
    const marks = wordDiff('return one two value;', after);
    expect(marks?.new.map(({ start, end }) => after.slice(start, end))).toEqual(['first second']);
  });

  it('gives up on lines that share too little, and on very long ones', () => {
    expect(wordDiff('import a from "b";', '  }, [queue, drained]);')).toBeUndefined();
    expect(wordDiff(`${'x '.repeat(1500)}a`, `${'x '.repeat(1500)}b`)).toBeUndefined();
    expect(wordDiff('same', 'same')).toBeUndefined();
  });

  it('what is left without the marks is the same text on both sides', () => {
    const line = fc.stringMatching(/^[a-d ().]{0,40}$/);
    fc.assert(
      fc.property(line, line, (before, after) => {
        const marks = wordDiff(before, after);
        if (marks === undefined) return;
        const rest = (text: string, ranges: typeof marks.old) =>
          [...text].filter((_, at) => !ranges.some(({ start, end }) => at >= start && at < end)).join('').replace(/\s/g, '');
        expect(rest(before, marks.old)).toBe(rest(after, marks.new));
      }),
    );
  });
});
