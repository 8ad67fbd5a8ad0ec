import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStatusError } from '#shared/api/status';
import { decodeContinueToken, encodeContinueToken } from './continueToken';

describe('continue tokens', () => {
  test('survive the round trip, and a URL', () => {
    const token = fc.record(
      { revision: fc.bigInt({ min: 0n, max: 2n ** 62n }), key: fc.constantFrom('widgets/n/a', 'widgets//a.b-c'), remaining: fc.nat() },
      { requiredKeys: ['revision', 'key'] },
    );
    fc.assert(
      fc.property(token, (value) => {
        const text = encodeContinueToken(value);
        expect(encodeURIComponent(text)).toBe(text);
        expect(decodeContinueToken(text)).toEqual(value);
      }),
    );
  });

  test('whatever else is a BadRequest, never a crash', () => {
    const encoded = fc.json().map((json) => Buffer.from(json).toString('base64url'));
    const nearly = fc.constantFrom('["1"]', '["x","a/b/c"]', '["-1","a/b/c"]', '["1","a/b"]', '["1","a/b/c",-1]', '["1","a/b/c","2"]');
    fc.assert(
      fc.property(fc.oneof(fc.string(), encoded, nearly.map((json) => Buffer.from(json).toString('base64url'))), (text) => {
        try {
          decodeContinueToken(text);
        } catch (error) {
          expect(isStatusError(error, 'BadRequest')).toBe(true);
          return;
        }
        throw new Error(`accepted ${text}`);
      }),
    );
  });
});
