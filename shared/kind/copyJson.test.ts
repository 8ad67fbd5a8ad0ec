import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyJson } from './copyJson';

test('a copy is equal, and a change of either is none of the other', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value);
      const copied = copyJson(value);
      expect(JSON.stringify(copied)).toBe(text);
      scramble(copied);
      expect(JSON.stringify(value)).toBe(text);
    }),
  );
});

test('a key that is a setter elsewhere is a key', () => {
  const copied = copyJson(JSON.parse('{"__proto__":{"admin":true},"constructor":1}') as Record<string, unknown>);
  expect(JSON.stringify(copied)).toBe('{"__proto__":{"admin":true},"constructor":1}');
  expect(copied.admin).toBeUndefined();
});

function scramble(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    scramble(member);
    Object.defineProperty(value, key, { value: 'changed' });
  }
}
