import { describe, expect, it } from 'vitest';
import type { StatusCause } from '#shared/api/status';
import { ApiError } from './errors';
import { formErrors } from './formErrors';

function refused(...causes: { field?: string; message: string }[]): ApiError {
  return new ApiError('Team "x" is invalid', { reason: 'Invalid', causes: causes.map((cause): StatusCause => ({ code: 'FieldValueInvalid', ...cause })) });
}

describe('formErrors', () => {
  it('says nothing while nothing failed', () => {
    expect(formErrors(null, { name: 'metadata.name' })).toEqual({ at: {}, rest: undefined });
  });

  it('tells each field its own, by any of its paths', () => {
    const error = refused({ field: 'metadata.name', message: 'taken' }, { field: 'spec.title', message: 'too long' }, { field: 'title', message: 'no line breaks' });
    expect(formErrors(error, { name: ['name', 'metadata.name'], title: ['title', 'spec.title'] })).toEqual({ at: { name: 'taken', title: 'too long; no line breaks' }, rest: undefined });
  });

  it('gives a field what is below its path, and not what only begins alike', () => {
    const error = refused({ field: 'spec.refs[1]', message: 'no pattern' }, { field: 'spec.refsMode', message: 'unknown' });
    expect(formErrors(error, { refs: 'spec.refs' })).toEqual({ at: { refs: 'no pattern' }, rest: 'spec.refsMode: unknown' });
  });

  it('prefers the field of the longer path', () => {
    const error = refused({ field: 'spec.rules[0].verbs', message: 'name one' });
    expect(formErrors(error, { kinds: 'spec.rules', verbs: 'spec.rules[0].verbs' })).toEqual({ at: { verbs: 'name one' }, rest: undefined });
  });

  it('says what no field has at the end of the form', () => {
    expect(formErrors(refused({ field: 'spec.quota', message: 'used up' }), { name: 'metadata.name' }).rest).toBe('Team "x" is invalid: spec.quota: used up');
    expect(formErrors(new ApiError('You may not', { reason: 'Forbidden' }), { name: 'metadata.name' }).rest).toBe('You may not');
    expect(formErrors(refused({ field: 'metadata.name', message: 'taken' }, { message: 'the organization is suspended' }), { name: 'metadata.name' })).toEqual({ at: { name: 'taken' }, rest: 'the organization is suspended' });
  });
});
