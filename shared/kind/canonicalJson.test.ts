import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from './canonicalJson';

it('writes equal values alike, whatever the order of their keys, and reads back', () => {
  expect(canonicalJson({ b: [1, { d: undefined, c: 'ü\n' }], a: null, '': -0 })).toBe('{"":0,"a":null,"b":[1,{"c":"ü\\n"}]}');
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const shuffled = reversed(value);
    expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
    expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
  }));
});

it('puts keys in the order of their code units, however many there are', () => {
  const byCodeUnit = (keys: readonly string[]) => `{${[...keys].sort().map((key) => `${JSON.stringify(key)}:1`).join(',')}}`;
  fc.assert(fc.property(fc.uniqueArray(fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'), { maxLength: 60 }), (keys) => {
    expect(canonicalJson(Object.fromEntries(keys.map((key) => [key, 1])))).toBe(byCodeUnit(keys));
  }));
  expect(canonicalJson({ 9: 1, 10: 1, b: 1, B: 1, '"': 1 })).toBe('{"\\"":1,"10":1,"9":1,"B":1,"b":1}');
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, member]) => [key, reversed(member)]));
}
