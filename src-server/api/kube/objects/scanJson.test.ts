import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countKeys, countWrittenKeys, findDuplicateKeys, MAX_BODY_DEPTH } from './scanJson';

describe('findDuplicateKeys', () => {
  it('names the paths of keys that stand twice in one object', () => {
    expect(findDuplicateKeys('{"a":1,"a":2}')).toEqual(['a']);
    expect(findDuplicateKeys('{"spec":{"refs":[{"n":1},{"n":1,"n":2}],"x.y":{"a":[],"a":{}}}}')).toEqual(['spec.refs[1].n', 'spec.x\\.y.a']);
    expect(findDuplicateKeys('{"a":{"b":1},"c":{"b":1}}')).toEqual([]);
  });

  it('reads escapes in keys and is not led astray by strings', () => {
    expect(findDuplicateKeys('{"\\u0061":1,"a":2}')).toEqual(['a']);
    expect(findDuplicateKeys('{"a":"{\\"b\\":1,\\"b\\":2}","b":"\\\\","c":"]}"}')).toEqual([]);
  });

  it('finds exactly what JSON.parse drops, in any JSON', () => {
    const key = fc.constantFrom('a', 'b', '"', '\\', '\u00e9');
    const { json } = fc.letrec<{ json: string }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 0 }).map((value) => JSON.stringify(value)),
        fc.array(tie('json'), { maxLength: 3 }).map((items) => `[${items.join(' , ')}]`),
        fc.array(fc.tuple(key, tie('json')), { maxLength: 4 }).map((entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)} : ${value}`).join(',')}}`),
      ),
    }));
    fc.assert(fc.property(json, (text) => {
      const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(?= :)/g)].length;
      expect(countWrittenKeys(text)).toBe(written);
      const kept = countKeys(JSON.parse(text));
      const found = findDuplicateKeys(text).length;
      expect(found > 0).toBe(kept < written);
    }));
  });

  it('answers something for any text', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'a', ' '), maxLength: 60 }), (text) => {
      findDuplicateKeys(text);
    }));
  });

  it('refuses what is nested too deep, and nothing that is not', () => {
    expect(() => findDuplicateKeys('['.repeat(MAX_BODY_DEPTH + 1))).toThrow('deeper than 100 levels');
    expect(() => findDuplicateKeys('{"a":'.repeat(1_000_000))).toThrow('deeper than 100 levels');
    expect(() => countWrittenKeys('{"a":'.repeat(1_000_000))).toThrow('deeper than 100 levels');
    expect(findDuplicateKeys(`${'['.repeat(MAX_BODY_DEPTH)}${']'.repeat(MAX_BODY_DEPTH)}`)).toEqual([]);
  });

  it('counts the keys of data, whatever they are called', () => {
    expect(countKeys(JSON.parse('{"__proto__":{"a":[{"b":1},2]},"constructor":null}'))).toBe(4);
    expect([[], 'a:b', null, 1].map(countKeys)).toEqual([0, 0, 0, 0]);
  });

  it('lists no more than ten', () => {
    expect(findDuplicateKeys(`{${Array.from({ length: 50 }, (_, index) => `"k${index}":1,"k${index}":2`).join(',')}}`)).toHaveLength(10);
  });
});
