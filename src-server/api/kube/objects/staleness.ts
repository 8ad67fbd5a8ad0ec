import { isStatusError, StatusError } from '#shared/api/status';
import { compareResourceVersions } from '#shared/kind/resourceVersion';

/** Worded and coded as kube-apiserver does, which clients look for before they try again. */
export function versionTooLarge(asked: string, current?: string): StatusError {
  const known = current === undefined ? '' : `, current: ${current}`;
  return new StatusError('Timeout', `Too large resource version: ${asked}${known}`, {
    retryAfterSeconds: 1,
    causes: [{ code: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
  });
}

/** Throws when the state at hand does not have the revision in it that the client knows of already. */
export function requireNotOlder(asked: string | undefined, current: string): void {
  if (asked !== undefined && compareResourceVersions(current, asked) < 0) throw versionTooLarge(asked, current);
}

/** Runs what reads at a revision that the client names. A revision that is still to come is told as {@link versionTooLarge}. */
export async function atVersion<T>(asked: string | undefined, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (asked === undefined) throw error;
    const isAhead = isStatusError(error, 'Timeout') || (isStatusError(error, 'BadRequest') && error.details.causes?.some((cause) => cause.field === 'resourceVersion') === true);
    throw isAhead ? versionTooLarge(asked) : error;
  }
}
