import { StatusError } from '#shared/api/status';
import { GitError } from './gitError';

/**
 * What a failure of git or of the disk means to whoever asked; undefined for one that nobody foresaw, which stays a fault of the
 * server.
 */
export function gitFailure(error: unknown): StatusError | undefined {
  if (isDiskFull(error)) {
    return new StatusError('InsufficientStorage', 'The disk of this server is full: nothing can be written until there is room. Reading goes on', { code: 'DISK_FULL', cause: error });
  }
  if (!(error instanceof GitError)) return undefined;
  switch (error.failure) {
    case 'timeout':
      return new StatusError('Timeout', 'Git took too long for this; ask for less at once, or try again', { code: 'GIT_TIMEOUT', cause: error });
    case 'overflow':
      return new StatusError('RequestEntityTooLarge', 'There is more here than can be shown at once', { code: 'TOO_LARGE', cause: error });
    case 'failed':
      return undefined;
  }
}

function isDiskFull(error: unknown): boolean {
  if (error instanceof GitError) return /No space left on device|Disk quota exceeded/i.test(error.stderr);
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}
