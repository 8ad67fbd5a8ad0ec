import fc from 'fast-check';
import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { StatusError } from '#shared/api/status';
import { parseYaml } from './parseYaml';

describe('parseYaml', () => {
  it('reads what YAML writes', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (value) => {
      const json: unknown = JSON.parse(JSON.stringify(value));
      expect(parseYaml(stringify(json)).value).toEqual(json);
    }));
  });

  it('names keys that stand twice; the last one counts', () => {
    const { value, duplicates } = parseYaml('spec:\n  refs:\n    - n: 1\n      n: 2\n  a: 1\n  "a": 2\n');
    expect(duplicates).toEqual(['spec.a', 'spec.refs[0].n']);
    expect(value).toEqual({ spec: { refs: [{ n: 2 }], a: 2 } });
  });

  it('follows anchors and merge keys into copies', () => {
    const { value } = parseYaml('base: &base {a: 1}\none: *base\ntwo: {<<: *base, b: 2}\n');
    expect(value).toEqual({ base: { a: 1 }, one: { a: 1 }, two: { a: 1, b: 2 } });
  });

  it('refuses anchors that explode or close a circle', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]', ...[...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(', ')}]`)];
    expect(() => parseYaml(lines.join('\n'))).toThrow('aliases cannot be followed');
    expect(() => parseYaml('a: &a [*a, *a]')).toThrow('aliases cannot be followed');
    expect(() => parseYaml('a: *nowhere')).toThrow('aliases cannot be followed');
  });

  it('refuses lists and mappings as keys, which take exponential time, and aliases without number', () => {
    for (const text of ['? '.repeat(40), `${'{? '.repeat(40)}a`, '? [a]\n: b', 'a: &a {b: c}\n*a : d']) expect(() => parseYaml(text)).toThrow('keys are texts');
    expect(() => parseYaml(Array.from({ length: 200 }, (_, index) => `- &a${index} 1\n- *a${index}\n`).join(''))).toThrow('more than 100');
    expect(parseYaml('? a\n: b').value).toEqual({ a: 'b' });
  });

  it('refuses what is nested too deep, before anything recurses into it', () => {
    for (const text of ['['.repeat(100_000), '{a: '.repeat(50_000), `${'- '.repeat(50_000)}a`, Array.from({ length: 300 }, (_, index) => `${' '.repeat(index)}k:`).join('\n')]) {
      expect(() => parseYaml(text)).toThrow('deeper than 100 levels');
    }
  });

  it('says where a document breaks, and takes only one', () => {
    expect(() => parseYaml('a: 1\nb: [1, 2')).toThrow(/not YAML: line 2: /);
    expect(() => parseYaml('a: 1\n---\nb: 2\n')).toThrow('several YAML documents');
    expect(() => parseYaml(`a: ${'x'.repeat(600_000)}`)).toThrow('at most 512 KiB');
    expect(parseYaml('').value ?? null).toBeNull();
    expect(parseYaml('# nothing\n').value ?? null).toBeNull();
  });

  it('never fails in another way', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ':', ' ', '-', '\n', '&', '*', '[', ']', '{', '}', '"', "'", '|', '>', '!', '%', '#', '?', '<', '\t', ',', '\u0000', '\u00e9'), maxLength: 80 });
    fc.assert(fc.property(text, (source) => {
      try {
        parseYaml(source);
      } catch (error) {
        expect(error).toBeInstanceOf(StatusError);
      }
    }), { numRuns: 2_000 });
  });
});
