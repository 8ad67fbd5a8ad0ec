import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth, padToWidth, safeLine, safeText, truncateToWidth } from './terminalText';

describe('safeText', () => {
  it.each([
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['a window title', '\u001b]0;owned\u0007text', 'text'],
    ['a link', '\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\', 'click'],
    ['a cursor move over the line above', 'safe\u001b[1A\u001b[2Krm -rf /', 'saferm -rf /'],
    ['a carriage return that hides what came first', 'rm -rf /\rls', 'rm -rf /\nls'],
    ['an 8-bit escape', '\u009b31mred', 'red'],
    ['text that runs backwards', 'a\u202etxt.exe', 'atxt.exe'],
    ['an unfinished escape', 'a\u001b', 'a'],
  ])('takes out %s', (_name, text, safe) => {
    expect(safeText(text)).toBe(safe);
  });

  it('leaves no control character but line ends and tabs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // eslint-disable-next-line no-control-regex -- control characters are what it looks for
        expect(safeText(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });

  it('keeps what people write', () => {
    expect(safeText('tab\tand\nline – ünïcode 漢字 👩‍💻')).toBe('tab\tand\nline – ünïcode 漢字 👩‍💻');
    expect(safeLine(' two\n  lines ')).toBe('two   lines');
  });
});

describe('width', () => {
  it.each([
    ['abc', 3],
    ['漢字', 4],
    ['é', 1],
    ['🎉', 2],
  ])('%s takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('cuts to the width, never over it', () => {
    expect(truncateToWidth('abcdef', 4)).toBe('abc…');
    expect(truncateToWidth('漢字漢字', 4)).toBe('漢…');
    expect(truncateToWidth('abcd', 4)).toBe('abcd');
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => displayWidth(truncateToWidth(text, width)) <= width));
  });

  it('pads on either side', () => {
    expect(padToWidth('漢', 4)).toBe('漢  ');
    expect(padToWidth('7', 3, 'end')).toBe('  7');
  });
});
