import { describe, expect, it } from 'vitest';
import { StatusError } from '#shared/api/status';
import { toKubeStatus } from './kubeStatus';

const AT = '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-acme/shelves';

describe('toKubeStatus', () => {
  it('names group, plural and object of the address', () => {
    expect(toKubeStatus(new StatusError('NotFound', 'There is none'), `${AT}/a%2Fb/status`)).toEqual({
      kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'There is none', reason: 'NotFound',
      details: { name: 'a/b', group: 'kradle.a5c.ai', kind: 'shelves' }, code: 404,
    });
    expect(toKubeStatus(new StatusError('Forbidden', 'No'), '/api/v1/secrets').details).toEqual({ kind: 'secrets' });
    expect(toKubeStatus(new StatusError('Unauthorized', 'Sign in'), '/apis')).toMatchObject({ reason: 'Unauthorized', code: 401 });
    expect(toKubeStatus(new StatusError('Unauthorized', 'Sign in'), '/apis')).not.toHaveProperty('details');
  });

  it('names the kind and the object of what is invalid, with causes', () => {
    const causes = [{ code: 'FieldValueRequired', field: 'spec.height', message: 'spec.height is required' }, { code: 'Odd', message: 'odd' }];
    const error = new StatusError('Invalid', 'The Shelf is invalid', { resource: 'Shelf/kradle-org-acme/one', causes });
    expect(toKubeStatus(error, AT)).toMatchObject({
      reason: 'Invalid', code: 422,
      details: {
        name: 'one', group: 'kradle.a5c.ai', kind: 'Shelf',
        causes: [{ reason: 'FieldValueRequired', field: 'spec.height', message: 'is required' }, { reason: 'Odd', message: 'odd' }],
      },
    });
  });

  it('says when to try again', () => {
    expect(toKubeStatus(new StatusError('TooManyRequests', 'Later', { retryAfterSeconds: 7 }), AT).details).toMatchObject({ retryAfterSeconds: 7 });
  });

  it('survives an address that is no valid encoding', () => {
    expect(toKubeStatus(new StatusError('BadRequest', 'No'), `${AT}/%ff`).details).toMatchObject({ name: '%ff' });
  });
});
