import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageParts } from './messageParts';

const paragraph = `${'word '.repeat(300)}\n\n`;

describe('messageParts', () => {
  it('leaves a short message whole', () => {
    expect(split('# Title\n\ntext')).toEqual(['# Title\n\ntext']);
  });

  it('cuts a long one between blocks and loses nothing', () => {
    const text = paragraph.repeat(20);
    const parts = split(text);
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.join('')).toBe(text);
    expect(parts.slice(0, -1).every((part) => part.endsWith('\n\n'))).toBe(true);
  });

  it('does not cut at a blank line within a code block', () => {
    const code = `\`\`\`ts\n${'const x = 1;\n\n'.repeat(600)}\`\`\`\n\n`;
    const parts = split(`${paragraph.repeat(3)}${code}after`);
    expect(parts.find((part) => part.includes('const x'))).toBe(code);
  });

  it('closes and opens again a code block that is too long for one part', () => {
    const parts = split(`~~~log\n${'a line of a log\n'.repeat(8000)}~~~\n`).filter((part) => part !== '');
    expect(parts.length).toBeGreaterThan(4);
    for (const part of parts) {
      expect(part.startsWith('~~~log\n')).toBe(true);
      expect(part.trimEnd().endsWith('~~~')).toBe(true);
    }
  });

  it('gives the same parts piece by piece as at once, and keeps all but the last', () => {
    const block = fc.constantFrom(paragraph, '```\ncode\n\nmore\n```\n\n', '- a\n- b\n\n', 'x\n', `~~~\n${'long line\n'.repeat(900)}`, '~~~\n\n');
    fc.assert(
      fc.property(fc.array(block, { maxLength: 25 }), fc.array(fc.nat(9000), { maxLength: 6 }), (blocks, lengths) => {
        const text = blocks.join('');
        let [at, known] = [0, messageParts('')];
        for (const length of [...lengths, text.length]) {
          at = Math.min(text.length, at + length);
          const next = messageParts(text.slice(0, at), known);
          expect(next.parts.slice(0, known.parts.length - 1)).toEqual(known.parts.slice(0, -1));
          known = next;
        }
        expect(known).toEqual(messageParts(text));
      }),
    );
  });
});

function split(text: string): readonly string[] {
  return messageParts(text).parts;
}
