import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeKey, encodeKey, keyAfter, selectKeys } from './objectKey';

const segment = fc.stringMatching(/^[!-.0-~]{1,6}$/);
const objectKey = fc.record({ plural: segment, namespace: fc.oneof(segment, fc.constant('')), name: segment });

describe('object keys', () => {
  test('survive the round trip', () => {
    fc.assert(fc.property(objectKey, (key) => void expect(decodeKey(encodeKey(key))).toEqual(key)));
  });

  test.each(['', 'a', 'a/b', 'a/b/c/d', '/b/c', 'a/b/'])('%j is no key', (text) => expect(decodeKey(text)).toBeUndefined());

  test('the range of a selection holds all that it covers, and when it is exact nothing else', () => {
    fc.assert(
      fc.property(objectKey, objectKey, fc.subarray(['plural', 'namespace', 'name'] as const), (key, other, given) => {
        const { range, exact, covers } = selectKeys(Object.fromEntries(given.map((field) => [field, key[field]])));
        const inRange = (text: string): boolean => text >= range.from && text < range.before;
        for (const candidate of [key, other, { ...other, plural: key.plural }, { ...key, name: `${key.name}-1` }, { ...key, namespace: `${key.namespace}0` }]) {
          const text = encodeKey(candidate);
          const isMeant = given.every((field) => candidate[field] === key[field]);
          expect(covers(text)).toBe(isMeant);
          if (isMeant) expect(inRange(text)).toBe(true);
          if (exact) expect(inRange(text)).toBe(isMeant);
        }
      }),
    );
  });

  test('the next page starts after the key and before every other key that follows it', () => {
    fc.assert(
      fc.property(objectKey, objectKey, (a, b) => {
        const [key, other] = [encodeKey(a), encodeKey(b)];
        expect(keyAfter(key) > key).toBe(true);
        expect(other >= keyAfter(key)).toBe(other > key);
      }),
    );
  });
});
