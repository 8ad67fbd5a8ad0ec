import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockCount, conflictParts, hasConflicts, resolvedText, withLineEndsOf } from './conflictText';

const CONFLICT = ['one', '<<<<<<< feature', 'ours', '||||||| base', 'was', '=======', 'theirs', '>>>>>>> main', 'two', ''].join('\n');

describe('conflictParts', () => {
  it('reads what each side and their common ancestor have', () => {
    expect(conflictParts(CONFLICT)).toMatchObject([
      { type: 'text', lines: ['one'] },
      { type: 'conflict', ours: ['ours'], base: ['was'], theirs: ['theirs'] },
      { type: 'text', lines: ['two', ''] },
    ]);
  });

  it('takes markers without their partners as text', () => {
    const heading = 'Title\n=======\n<<<<<<< here\n';
    expect(blockCount(conflictParts(heading))).toBe(0);
    expect(hasConflicts('<<<<<<<<<< ten\n=======\n>>>>>>> x')).toBe(false);
  });

  it('gives back the text when nothing was chosen, whatever it is', () => {
    const line = fc.constantFrom('a', '', '<<<<<<< x', '=======', '>>>>>>> y', '||||||| z', 'b\r', '=======\r');
    fc.assert(fc.property(fc.array(line), (lines) => {
      expect(resolvedText(conflictParts(lines.join('\n')), new Map())).toBe(lines.join('\n'));
    }));
  });
});

describe('resolvedText', () => {
  it('puts one side, or both in either order, in the place of a block', () => {
    const parts = conflictParts(CONFLICT);
    expect(resolvedText(parts, new Map([[0, 'ours']]))).toBe('one\nours\ntwo\n');
    expect(resolvedText(parts, new Map([[0, 'theirs']]))).toBe('one\ntheirs\ntwo\n');
    expect(resolvedText(parts, new Map([[0, 'both']]))).toBe('one\nours\ntheirs\ntwo\n');
    expect(resolvedText(parts, new Map([[0, 'both-theirs-first']]))).toBe('one\ntheirs\nours\ntwo\n');
  });

  it('may leave nothing of a side that removed the lines', () => {
    expect(resolvedText(conflictParts('<<<<<<< a\n=======\nb\n>>>>>>> c'), new Map([[0, 'ours']]))).toBe('');
  });
});

describe('withLineEndsOf', () => {
  it('keeps the line ends of the file', () => {
    expect(withLineEndsOf('a\r\nb\r\n', 'a\nc\n')).toBe('a\r\nc\r\n');
    expect(withLineEndsOf('a\nb\n', 'a\nc\n')).toBe('a\nc\n');
  });
});
