import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinCommandLine, splitCommandLine } from './commandLine';

describe('splitCommandLine', () => {
  it.each([
    ['opencode acp', ['opencode', 'acp']],
    ['  a   b ', ['a', 'b']],
    [`run "two words" 'and $three' ''`, ['run', 'two words', 'and $three', '']],
    ['a\\ b "say \\"hi\\""', ['a b', 'say "hi"']],
    ['', []],
    [`open 'quote`, undefined],
  ])('%j', (text, expected) => {
    expect(splitCommandLine(text)).toEqual(expected);
  });

  it('reads what joinCommandLine writes', () => {
    fc.assert(fc.property(fc.array(fc.string()), (words) => {
      expect(splitCommandLine(joinCommandLine(words))).toEqual(words);
    }));
  });
});
