import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anchorCovers, formatDiffAnchor, parseDiffAnchor } from './diffAnchor';

describe('diff anchors', () => {
  it('reads what it writes, whatever the path', () => {
    const path = fc.oneof(fc.constantFrom('a-R12', 'x-L3-L4', 'src/ü b#c%.ts', '-R1'), fc.string({ minLength: 1, unit: 'grapheme' }));
    fc.assert(
      fc.property(path, fc.constantFrom('old' as const, 'new' as const), fc.tuple(fc.nat(5000), fc.nat(40)), (...[name, side, [start, extra]]) => {
        expect(parseDiffAnchor(`#${formatDiffAnchor({ path: name })}`)).toEqual({ path: name });
        const anchor = { path: name, side, start: start + 1, end: start + 1 + extra };
        expect(parseDiffAnchor(formatDiffAnchor(anchor))).toEqual(anchor);
      }),
    );
  });

  it('accepts a range written backwards', () => {
    expect(parseDiffAnchor('#diff-a.ts-R20-R12')).toEqual({ path: 'a.ts', side: 'new', start: 12, end: 20 });
  });

  it('refuses other fragments and broken escapes', () => {
    expect(parseDiffAnchor('#e123')).toBeUndefined();
    expect(parseDiffAnchor('#diff-')).toBeUndefined();
    expect(parseDiffAnchor('#diff-%E0%A4%A')).toBeUndefined();
  });

  it('covers the lines of its own side only', () => {
    const anchor = parseDiffAnchor('#diff-a.ts-R12-R20');
    expect(anchorCovers(anchor, { path: 'a.ts', side: 'new', line: 20 })).toBe(true);
    expect(anchorCovers(anchor, { path: 'a.ts', side: 'new', line: 21 })).toBe(false);
    expect(anchorCovers(anchor, { path: 'a.ts', side: 'old', line: 15 })).toBe(false);
    expect(anchorCovers(anchor, { path: 'b.ts', side: 'new', line: 15 })).toBe(false);
  });
});
