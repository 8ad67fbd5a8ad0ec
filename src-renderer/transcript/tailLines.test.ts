import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tailLines } from './tailLines';

it('is the end of the text, with the right count of what came before', () => {
  expect(tailLines('a\nb\nc\n', 2)).toEqual({ text: 'b\nc', hidden: 1 });
  expect(tailLines('a\nb', 5)).toEqual({ text: 'a\nb', hidden: 0 });
  expect(tailLines('', 3)).toEqual({ text: '', hidden: 0 });
  const text = fc.array(fc.constantFrom('x', 'yy', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 6 }), (input, count) => {
      const lines = (input.endsWith('\n') ? input.slice(0, -1) : input).split('\n');
      expect(tailLines(input, count)).toEqual({ text: lines.slice(-count).join('\n'), hidden: Math.max(0, lines.length - count) });
    }),
  );
});
