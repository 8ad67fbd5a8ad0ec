import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageParts } from './messageParts';

const paragraph = `${'word '.repeat(300)}\n\n`;

describe('messageParts', () => {
  it('leaves a short message whole', () => {
    expect(messageParts('# Title\n\ntext')).toEqual(['# Title\n\ntext']);
  });

  it('cuts a long one between blocks and loses nothing', () => {
    const text = paragraph.repeat(20);
    const parts = messageParts(text);
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.join('')).toBe(text);
    expect(parts.slice(0, -1).every((part) => part.endsWith('\n\n'))).toBe(true);
  });

  it('does not cut at a blank line within a code block', () => {
    const code = `\`\`\`ts\n${'const x = 1;\n\n'.repeat(600)}\`\`\`\n\n`;
    const parts = messageParts(`${paragraph.repeat(3)}${code}after`);
    expect(parts.find((part) => part.includes('const x'))).toBe(code);
  });

  it('closes and opens again a code block that is too long for one part', () => {
    const parts = messageParts(`~~~log\n${'a line of a log\n'.repeat(8000)}~~~\n`);
    expect(parts.length).toBeGreaterThan(4);
    for (const part of parts) {
      expect(part.startsWith('~~~log\n')).toBe(true);
      expect(part.trimEnd().endsWith('~~~')).toBe(true);
    }
  });

  it('keeps all parts but the last while text arrives', () => {
    const block = fc.constantFrom(paragraph, '```\ncode\n\nmore\n```\n\n', '- a\n- b\n\n', 'x\n');
    fc.assert(
      fc.property(fc.array(block, { maxLength: 25 }), fc.nat(2000), (blocks, cut) => {
        const text = blocks.join('');
        const before = messageParts(text.slice(0, text.length - cut));
        const after = messageParts(text);
        expect(after.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
      }),
    );
  });
});
