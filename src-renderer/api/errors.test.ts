import { TRPCClientError } from '@trpc/client';
import { describe, expect, it } from 'vitest';
import { errorMessage, fieldErrors, isApiError, isTransient, toApiError } from './errors';

const refused = TRPCClientError.from({
  error: {
    message: 'Repository "x" is invalid', code: -32022,
    data: { code: 'UNPROCESSABLE_CONTENT', reason: 'Invalid', statusCode: 'INVALID', correlationId: 'c-1', causes: [{ code: 'FieldValueInvalid', field: 'spec.url', message: 'give an address' }, { code: 'X', field: 'spec.url', message: 'it is too long' }] },
  },
} as never);

describe('toApiError', () => {
  it('takes reason, causes and correlation id from the server', () => {
    const error = toApiError(refused);
    expect([error.reason, error.code, error.correlationId]).toEqual(['Invalid', 'INVALID', 'c-1']);
    expect(fieldErrors(error)).toEqual({ 'spec.url': 'give an address; it is too long' });
    expect(errorMessage(error)).toBe('Repository "x" is invalid: spec.url: give an address');
  });

  it('says that nobody answered when nobody did', () => {
    const error = toApiError(TRPCClientError.from(new TypeError('Failed to fetch')));
    expect(error.reason).toBe('Unreachable');
    expect(isTransient(error)).toBe(true);
  });

  it('knows a refusal in front of the router by its status', () => {
    const error = TRPCClientError.from(new SyntaxError('no JSON'), { meta: { response: { status: 401 } } });
    expect(isApiError(error, 'Unauthorized')).toBe(true);
    expect(isTransient(error)).toBe(false);
  });
});
