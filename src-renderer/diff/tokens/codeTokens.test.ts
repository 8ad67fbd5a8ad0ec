import fc from 'fast-check';
import hljs from 'highlight.js/lib/common';
import { describe, expect, it } from 'vitest';
import { markTokens, tokenLines } from './codeTokens';

describe('tokenLines', () => {
  it('closes spans at line ends and opens them again', () => {
    expect(tokenLines('<span class="hljs-comment">/* a\n b */</span> x &lt; y')).toEqual([
      [{ text: '/* a', className: 'hljs-comment' }],
      [{ text: ' b */', className: 'hljs-comment' }, { text: ' x < y', className: '' }],
    ]);
  });

  it('gives back the text that was highlighted, whatever it is', () => {
    const source = fc.array(fc.constantFrom('`a ${b} c`', '<T>', "'x'", '"&amp;"', '// no', '\n', ' ', '/*', '*/', '{', '}', 'const')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(source, (text) => {
        const html = hljs.highlight(text, { language: 'typescript', ignoreIllegals: true }).value;
        expect(tokenLines(html).map((line) => line.map((token) => token.text).join('')).join('\n')).toBe(text);
      }),
    );
  });
});

describe('markTokens', () => {
  it('splits tokens where marks begin and end', () => {
    const tokens = [{ text: 'const ', className: 'k' }, { text: 'total', className: '' }];
    expect(markTokens(tokens, [{ start: 3, end: 8 }, { start: 9, end: 10 }])).toEqual([
      { text: 'con', className: 'k', marked: false },
      { text: 'st ', className: 'k', marked: true },
      { text: 'to', className: '', marked: true },
      { text: 't', className: '', marked: false },
      { text: 'a', className: '', marked: true },
      { text: 'l', className: '', marked: false },
    ]);
  });
});
