import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commentParts, hasSuggestion, suggestionFence } from './suggestion';

describe('commentParts', () => {
  it('splits words and suggestions', () => {
    expect(commentParts('Better so:\n```suggestion\nconst a = 1;\nconst b = 2;\n```\nand then?')).toEqual([
      { type: 'text', text: 'Better so:' },
      { type: 'suggestion', lines: ['const a = 1;', 'const b = 2;'] },
      { type: 'text', text: 'and then?' },
    ]);
  });

  it('takes an empty fence as a removal, and one that is not closed up to the end', () => {
    expect(commentParts('```suggestion\n```')).toEqual([{ type: 'suggestion', lines: [] }]);
    expect(commentParts('```suggestion\na')).toEqual([{ type: 'suggestion', lines: ['a'] }]);
  });

  it('leaves other fences, and suggestions quoted in them, as words', () => {
    expect(hasSuggestion('```ts\nsuggestion\n```')).toBe(false);
    expect(hasSuggestion('````md\n```suggestion\na\n```\n````')).toBe(false);
    expect(hasSuggestion('````md\n```\n````\n```suggestion\na\n```')).toBe(true);
  });

  it('gives back whatever lines were fenced', () => {
    const line = fc.oneof(fc.constantFrom('```', '````js', '~~~', '  ```', '', 'const a = `b`;'), fc.stringMatching(/^[a-z `]{0,12}$/));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        expect(commentParts(suggestionFence(lines.join('\n')))).toEqual([{ type: 'suggestion', lines }]);
      }),
    );
  });
});
