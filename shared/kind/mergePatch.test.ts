import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonEqual } from './equality';
import { applyMergePatch, createMergePatch } from './mergePatch';

describe('merge patch', () => {
  // RFC 7386, appendix A.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [['a', 'b'], ['c', 'd'], ['c', 'd']],
    [{ a: 'foo' }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (target, patch, expected) => expect(applyMergePatch(target, patch)).toEqual(expected));

  it('does not reach a prototype', () => {
    const patched = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}')) as Record<string, unknown>;
    expect(patched.polluted).toBeUndefined();
    expect(applyMergePatch({}, { constructor: { a: 1 }, toString: 'x' })).toEqual({ constructor: { a: 1 }, toString: 'x' });
    expect(createMergePatch({ constructor: 'x', a: 1 }, { a: 1 })).toEqual({ constructor: null });
  });

  const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 }));
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof({ maxDepth: 3 }, leaf, fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('tree'), { maxKeys: 3 })),
  }));
  const document = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tree, { maxKeys: 4 });

  it('made of two documents turns one into the other', () => {
    fc.assert(fc.property(document, document, (from, to) => {
      expect(jsonEqual(applyMergePatch(from, createMergePatch(from, to) ?? {}), to)).toBe(true);
    }));
  });

  it('applied twice is applied once', () => {
    fc.assert(fc.property(document, document, (target, patch) => {
      const once = applyMergePatch(target, patch);
      expect(applyMergePatch(once, patch)).toEqual(once);
    }));
  });
});

describe('jsonEqual', () => {
  it('is equality of what is serialised', () => {
    expect(jsonEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(jsonEqual({ a: [1] }, { a: { 0: 1 } })).toBe(false);
    expect(jsonEqual({ a: null }, {})).toBe(false);
    expect(jsonEqual([-0], [0])).toBe(true);
    expect(jsonEqual(JSON.parse('{"__proto__":{}}'), { other: {} })).toBe(false);
    fc.assert(fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      expect(jsonEqual(value, JSON.parse(JSON.stringify(value)))).toBe(true);
    }));
  });
});
