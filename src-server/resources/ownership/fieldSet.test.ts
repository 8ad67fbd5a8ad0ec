import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, EMPTY_SET, equalSets, intersection, isEmptySet, pathsOf, readFieldSet, union, type FieldSet } from './fieldSet';

/** A set from its members, each a path of elements: the plainest model there is. */
function setOf(paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce<FieldSet>((set, path) => union(set, path.reduceRight<FieldSet>((below, element) => ({ [element]: below }), EMPTY_SET)), EMPTY_SET);
}

const element = fc.constantFrom('f:a', 'f:b', 'f:__proto__', 'k:{"type":"x"}', 'v:"y"', 'v:3');
const path = fc.array(element, { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 8 });

const keyOf = (each: readonly string[]) => each.join(' ');
const membersOf = (set: FieldSet): Set<string> => {
  const found = new Set<string>();
  const visit = (node: FieldSet, at: readonly string[]): void => {
    const keys = Object.keys(node);
    if (at.length > 0 && (keys.length === 0 || keys.includes('.'))) found.add(keyOf(at));
    for (const key of keys) if (key !== '.' && node[key] !== undefined) visit(node[key], [...at, key]);
  };
  visit(set, []);
  return found;
};

describe('field sets', () => {
  it('are sets: union, difference and intersection do with members what they say', () => {
    fc.assert(fc.property(paths, paths, (left, right) => {
      const [a, b] = [new Set(left.map(keyOf)), new Set(right.map(keyOf))];
      const [setA, setB] = [setOf(left), setOf(right)];
      expect(membersOf(setA)).toEqual(a);
      expect(membersOf(union(setA, setB))).toEqual(new Set([...a, ...b]));
      expect(membersOf(difference(setA, setB))).toEqual(new Set([...a].filter((member) => !b.has(member))));
      expect(membersOf(intersection(setA, setB))).toEqual(new Set([...a].filter((member) => b.has(member))));
    }));
  });

  it('have one form each, whichever way they came about', () => {
    fc.assert(fc.property(paths, paths, (left, right) => {
      const [a, b] = [setOf(left), setOf(right)];
      expect(equalSets(union(a, b), union(b, a))).toBe(true);
      expect(equalSets(difference(union(a, b), b), difference(a, b))).toBe(true);
      expect(equalSets(union(difference(a, b), intersection(a, b)), a)).toBe(true);
      expect(isEmptySet(difference(a, a))).toBe(true);
      expect(equalSets(a, b)).toBe([...membersOf(a)].sort().join('|') === [...membersOf(b)].sort().join('|'));
    }));
  });

  it('come back from the form that clients send', () => {
    fc.assert(fc.property(paths, (members) => {
      const set = setOf(members);
      const read = readFieldSet(JSON.parse(JSON.stringify(set)));
      expect(read !== undefined && equalSets(read, set)).toBe(true);
    }));
    expect(readFieldSet({ 'f:a': { '.': {} }, 'k:{"type": "x"}': {} })).toEqual({ 'f:a': {}, 'k:{"type":"x"}': {} });
  });

  it('are refused when they are anything else', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const read = readFieldSet(value);
      if (read !== undefined) expect(() => pathsOf(union(read, read))).not.toThrow();
    }));
    for (const bad of [null, [], 'f:a', { a: {} }, { 'f:a': 1 }, { 'k:{': {} }, { 'k:{}': {} }, { 'k:[1]': {} }, { 'i:-1': {} }, { 'v:': {} }]) {
      expect(readFieldSet(bad)).toBeUndefined();
    }
  });

  it('leave their arguments alone and share what stays', () => {
    fc.assert(fc.property(paths, paths, (left, right) => {
      const [a, b] = [setOf(left), setOf(right)];
      const before = JSON.stringify([a, b]);
      const both = union(a, b);
      difference(a, b);
      intersection(a, b);
      expect(JSON.stringify([a, b])).toBe(before);
      expect(union(both, b)).toBe(both);
      expect(difference(a, EMPTY_SET)).toBe(a);
    }));
  });

  it('name their members as Kubernetes does', () => {
    expect(pathsOf({
      'f:metadata': { 'f:labels': { 'f:app.kubernetes.io/name': {} }, 'f:finalizers': { 'v:"a/b"': {} } },
      'f:status': { 'f:conditions': { '.': {}, 'k:{"type":"Ready"}': { '.': {}, 'f:status': {} } } },
    })).toEqual([
      '.metadata.labels.app.kubernetes.io/name', '.metadata.finalizers[="a/b"]', '.status.conditions', '.status.conditions[type="Ready"]', '.status.conditions[type="Ready"].status',
    ]);
  });
});
