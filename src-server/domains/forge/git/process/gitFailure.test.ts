import { expect, it } from 'vitest';
import { GitError } from './gitError';
import { gitFailure } from './gitFailure';

it.each([
  [new GitError('git hash-object', { failure: 'failed', exitCode: 128, stderr: 'error: unable to write file: No space left on device' }), 507],
  [Object.assign(new Error('no'), { code: 'ENOSPC' }), 507],
  [new GitError('git blame', { failure: 'timeout' }), 504],
  [new GitError('git diff', { failure: 'overflow' }), 413],
])('says what %s means', (error, status) => {
  expect(gitFailure(error)?.httpStatus).toBe(status);
});

it('leaves what nobody foresaw a fault of the server', () => {
  expect(gitFailure(new GitError('git log', { failure: 'failed', exitCode: 128, stderr: 'fatal: bad object' }))).toBeUndefined();
  expect(gitFailure(new Error('no'))).toBeUndefined();
});
