import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ansiLines, stripAnsi } from './ansi';

describe('ansiLines', () => {
  it('keeps colours and attributes over line ends until they are reset', () => {
    expect(ansiLines('\x1b[1;31mFAIL\nstill\x1b[0m plain')).toEqual([
      [{ text: 'FAIL', className: 'ansi-bold ansi-fg-1' }],
      [{ text: 'still', className: 'ansi-bold ansi-fg-1' }, { text: ' plain', className: '' }],
    ]);
  });

  it('knows bright, 256 and true colours', () => {
    expect(ansiLines('\x1b[92ma\x1b[38;5;208mb\x1b[48;2;1;2;3mc')[0]).toEqual([
      { text: 'a', className: 'ansi-fg-10' },
      { text: 'b', className: '', color: 'rgb(255 135 0)' },
      { text: 'c', className: '', color: 'rgb(255 135 0)', background: 'rgb(1 2 3)' },
    ]);
  });

  it('lets a carriage return overwrite the line, as progress bars do', () => {
    expect(ansiLines('10%\r50%\r100% done\r\nnext').map(text)).toEqual(['100% done', 'next']);
    expect(ansiLines('abcdef\rXY').map(text)).toEqual(['XYcdef']);
    expect(ansiLines('done\r').map(text)).toEqual(['done']);
  });

  it('drops cursor movement, titles, links and other escapes', () => {
    expect(ansiLines('\x1b[2K\x1b[1Ga\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c\x1b(B').map(text)).toEqual(['abc']);
  });

  it('never throws, and shows the same text as stripping does when nothing is overwritten', () => {
    const noise = fc.array(fc.constantFrom('\x1b', '[', '3', '8', ';', '5', 'm', 'x', '\n', ']', '\x07'), { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(fc.property(noise, (input) => {
      expect(ansiLines(input).map(text).join('\n').replace(/\n/g, '')).toBe(input.split('\n').map(stripAnsi).join(''));
    }));
  });
});

function text(spans: readonly { text: string }[]): string {
  return spans.map((span) => span.text).join('');
}
