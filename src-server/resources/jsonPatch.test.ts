import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStatusError } from '#shared/api/status';
import { applyJsonPatch, MAX_PATCH_OPERATIONS } from './jsonPatch';

function reasonOf(document: unknown, operations: unknown): string {
  try {
    applyJsonPatch(document, operations);
    return 'none';
  } catch (error) {
    if (isStatusError(error)) return error.reason;
    throw error;
  }
}

describe('a JSON patch', () => {
  // RFC 6902, appendix A, and the cases of the json-patch test suite.
  it.each([
    [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
    [{ foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
    [{ baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    [{ foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    [{ baz: 'qux', foo: 'bar' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo', foo: 'bar' }],
    [{ foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } }, [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }], { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } }],
    [{ foo: ['all', 'grass', 'cows', 'eat'] }, [{ op: 'move', from: '/foo/1', path: '/foo/3' }], { foo: ['all', 'cows', 'eat', 'grass'] }],
    [{ baz: 'qux', foo: ['a', 2, 'c'] }, [{ op: 'test', path: '/baz', value: 'qux' }, { op: 'test', path: '/foo/1', value: 2 }], { baz: 'qux', foo: ['a', 2, 'c'] }],
    [{ foo: 'bar' }, [{ op: 'add', path: '/child', value: { grandchild: {} } }], { foo: 'bar', child: { grandchild: {} } }],
    [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }], { foo: 'bar', baz: 'qux' }],
    [{ '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }, { op: 'test', path: '/~1', value: 9 }], { '/': 9, '~1': 10 }],
    [{ foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }], { foo: ['bar', ['abc', 'def']] }],
    [{ foo: ['bar'] }, [{ op: 'replace', path: '/foo/0', value: null }], { foo: [null] }],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
    [{ a: { b: [1] } }, [{ op: 'copy', from: '/a', path: '/c' }, { op: 'add', path: '/c/b/-', value: 2 }], { a: { b: [1] }, c: { b: [1, 2] } }],
    [{ '': { '': 1 } }, [{ op: 'replace', path: '//', value: 2 }], { '': { '': 2 } }],
    [{ a: { x: 1, y: 2 } }, [{ op: 'test', path: '/a', value: { y: 2, x: 1 } }], { a: { x: 1, y: 2 } }],
    [[], [{ op: 'add', path: '/-', value: 1 }, { op: 'add', path: '/0', value: 0 }], [0, 1]],
  ])('of %j by %j gives %j', (document, operations, expected) => {
    const before = JSON.stringify([document, operations]);
    expect(applyJsonPatch(document, operations)).toEqual(expected);
    expect(JSON.stringify([document, operations])).toBe(before);
  });

  it.each([
    [{ foo: 'bar' }, { op: 'add', path: '/baz/bat', value: 'qux' }],
    [{ foo: 'bar' }, { op: 'remove', path: '/baz' }],
    [{ foo: 'bar' }, { op: 'replace', path: '/baz', value: 1 }],
    [{ baz: 'qux' }, { op: 'test', path: '/baz', value: 'bar' }],
    [{ baz: 'qux' }, { op: 'test', path: '/none', value: null }],
    [{ a: '10' }, { op: 'test', path: '/a', value: 10 }],
    [{ foo: [1] }, { op: 'add', path: '/foo/3', value: 1 }],
    [{ foo: [1] }, { op: 'add', path: '/foo/01', value: 1 }],
    [{ foo: [1] }, { op: 'add', path: '/foo/x', value: 1 }],
    [{ foo: [1] }, { op: 'remove', path: '/foo/-' }],
    [{ foo: [1] }, { op: 'remove', path: '/foo/length' }],
    [{ foo: 'text' }, { op: 'add', path: '/foo/0', value: 1 }],
    [{ foo: { bar: 1 } }, { op: 'move', from: '/foo', path: '/foo/bar/baz' }],
    [{ foo: 1 }, { op: 'copy', from: '/none', path: '/bar' }],
    [{}, { op: 'remove', path: '/toString' }],
    [{}, { op: 'add', path: '/__proto__/polluted', value: true }],
    [{}, { op: 'add', path: '/constructor/prototype/polluted', value: true }],
  ])('of %j cannot do %j', (document, operation) => {
    expect(reasonOf(document, [operation])).toBe('Invalid');
  });

  it.each([
    ['text'], [{}], [null], [[null]], [[{}]], [[{ op: 'spam', path: '/a' }]], [[{ op: 'add', path: '/a' }]], [[{ op: 'add', path: 'a', value: 1 }]], [[{ op: 'add', value: 1 }]],
    [[{ op: 'move', path: '/a' }]], [[{ op: 'test', path: '/a~2', value: 1 }]], [[{ op: 'constructor', path: '/a' }]], [[{ op: 'remove', path: '/a'.repeat(100) }]],
  ])('cannot be %j', (operations) => {
    expect(reasonOf({ a: 1 }, operations)).toBe('BadRequest');
  });

  it('reaches no prototype, and takes its names as names', () => {
    const patched = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }, { op: 'add', path: '/constructor', value: { prototype: 1 } }]);
    expect(JSON.stringify(patched)).toBe('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('has an end: in operations, in what it copies, in depth', () => {
    const many = Array.from({ length: MAX_PATCH_OPERATIONS + 1 }, () => ({ op: 'test', path: '/a', value: 1 }));
    expect(reasonOf({ a: 1 }, many)).toBe('RequestEntityTooLarge');
    expect(reasonOf({ a: 1 }, many.slice(1))).toBe('none');
    const doubling = Array.from({ length: 100 }, (_, index) => ({ op: 'copy', from: '', path: `/x${index}` }));
    expect(reasonOf({ a: 'text' }, doubling)).toBe('RequestEntityTooLarge');
    const deepening = Array.from({ length: 100 }, () => ({ op: 'copy', from: '', path: '/a' }));
    expect(['BadRequest', 'RequestEntityTooLarge']).toContain(reasonOf({ a: 1 }, deepening));
  });

  it('of a long list takes no longer than its length', () => {
    const list = Array.from({ length: 100_000 }, (_, index) => index);
    const operations = Array.from({ length: 10_000 }, (_, index) => (index % 2 === 0 ? { op: 'replace', path: '/list/50000', value: index } : { op: 'move', from: '/list/0', path: '/list/-' }));
    const startedAt = performance.now();
    applyJsonPatch({ list }, operations);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('is carried out or refused, whatever it is', () => {
    const pointer = fc.oneof(fc.constantFrom('', '/a', '/a/b', '/list/0', '/list/-', '/__proto__', '/constructor/prototype', '/list/length', '/~1', '/~'), fc.string());
    const operation = fc.record({ op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'), path: pointer, from: pointer, value: fc.jsonValue() }, { requiredKeys: ['op'] });
    fc.assert(fc.property(fc.oneof(fc.array(operation, { maxLength: 6 }), fc.jsonValue()), (operations) => {
      expect(['none', 'Invalid', 'BadRequest', 'RequestEntityTooLarge']).toContain(reasonOf({ a: { b: 1 }, list: [1, 2, { c: 3 }] }, operations));
    }), { numRuns: 1_000 });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
