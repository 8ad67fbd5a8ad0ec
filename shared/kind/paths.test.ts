import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPath, getAllPaths, getPath, parsePath, setPath } from './paths';

const object = { spec: { refs: [{ name: 'a' }, { name: 'b' }, {}], 'x.y': 1, tags: ['p', 'q'] }, metadata: { labels: { 'kradle.a5c.ai/org': 'acme' } } };

describe('paths', () => {
  it('read values, elements and keys with dots', () => {
    expect(getPath(object, 'spec.refs[1].name')).toBe('b');
    expect(getPath(object, 'spec.refs[].name')).toEqual(['a', 'b']);
    expect(getPath(object, 'spec.x\\.y')).toBe(1);
    expect(getPath(object, 'metadata.labels.kradle\\.a5c\\.ai/org')).toBe('acme');
    expect(getPath(object, 'spec.missing.deeper')).toBeUndefined();
    expect(getAllPaths(object, 'spec.tags[]')).toEqual([{ path: 'spec.tags[0]', value: 'p' }, { path: 'spec.tags[1]', value: 'q' }]);
  });

  it('never reach a prototype', () => {
    expect(getPath(object, 'spec.toString')).toBeUndefined();
    for (const path of ['__proto__.polluted', 'spec.constructor', 'spec..x', '', 'spec[', 'a[x]']) expect(() => parsePath(path)).toThrow(/not a field path/);
  });

  it('replace without changing the original, making what is missing', () => {
    const changed = setPath(object, 'spec.refs[1].name', 'z');
    expect(getPath(changed, 'spec.refs[].name')).toEqual(['a', 'z']);
    expect(getPath(object, 'spec.refs[1].name')).toBe('b');
    expect(changed.metadata).toBe(object.metadata);
    expect(setPath({}, 'a.b[0].c', 1)).toEqual({ a: { b: [{ c: 1 }] } });
    expect(setPath(object, 'spec.refs[0]', undefined).spec.refs).toEqual([{ name: 'b' }, {}]);
    expect(setPath({ a: { b: 1 } }, 'a.b', undefined)).toEqual({ a: {} });
    expect(() => setPath(object, 'spec.refs[].name', 1)).toThrow(/many values/);
  });

  it('come back from their text, and hold what was put there', () => {
    const key = fc.stringMatching(/^[A-Za-z0-9_./-]{1,8}$/).filter((text) => !text.includes('\\') && !['constructor', 'prototype'].includes(text));
    const path = fc.tuple(key, fc.array(fc.oneof(key, fc.nat({ max: 3 })), { maxLength: 4 })).map(([head, rest]) => [head, ...rest]);
    fc.assert(fc.property(path, fc.jsonValue(), (segments, value) => {
      expect(parsePath(formatPath(segments))).toEqual(segments);
      expect(getPath(setPath({}, segments, value), segments)).toEqual(value);
    }));
  });
});
