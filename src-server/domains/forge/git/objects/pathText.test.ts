import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isPlainPath, pathBytes, pathText } from './pathText';

it('gives every sequence of bytes a text of its own, and finds back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (array) => {
      const bytes = Buffer.from(array);
      const text = pathText(bytes);
      expect(pathBytes(text).equals(bytes)).toBe(true);
      // It survives an address and JSON.
      expect(decodeURIComponent(encodeURIComponent(text))).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

it('leaves text as it is, and escapes what would look escaped', () => {
  expect(pathText(Buffer.from('docs/größe \ufffd😀.md'))).toBe('docs/größe \ufffd😀.md');
  expect(pathText(Buffer.from([0x63, 0x61, 0x66, 0xe9]))).toBe('caf\uefe9');
  expect(pathText(Buffer.from('\uefe9'))).not.toBe('\uefe9');
  expect(isPlainPath('-rf "quoted"\n')).toBe(true);
  expect(isPlainPath('caf\uefe9')).toBe(false);
});
