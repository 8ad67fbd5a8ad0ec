import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareResourceVersions } from './resourceVersion';

test('versions are ordered as the numbers that they are, however long', () => {
  const version = fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 19n }), fc.bigInt({ min: 0n, max: 200n }));
  fc.assert(fc.property(version, version, (a, b) => {
    expect(Math.sign(compareResourceVersions(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
  }));
});

test.each([['', '1', -1], ['', '', 0], ['', '0', 0], ['x', '1', -1], ['1', '-2', 1], ['007', '7', 0], ['010', '9', 1]])('%j and %j: %d', (a, b, order) => {
  expect(Math.sign(compareResourceVersions(a, b))).toBe(order);
});
