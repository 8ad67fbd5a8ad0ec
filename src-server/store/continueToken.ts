import { StatusError } from '#shared/api/status';
import { decodeKey } from './objectKey';
import { readRevision } from './revision';

/** Where a paged list goes on. Opaque to clients, but no secret: it can only name a place inside the list's own selection. */
export interface ContinueToken {
  /** The revision that every page of the list is consistent with. */
  readonly revision: bigint;
  /** Key of the last object that was answered. */
  readonly key: string;
  /** Objects left after that key, when the list knows it. */
  readonly remaining?: number;
}

export function encodeContinueToken(token: ContinueToken): string {
  const fields = [token.revision.toString(), token.key, ...(token.remaining === undefined ? [] : [token.remaining])];
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/** `BadRequest` for anything that {@link encodeContinueToken} did not make. */
export function decodeContinueToken(text: string): ContinueToken {
  const [revisionText, key, remaining] = parseFields(text);
  const revision = typeof revisionText === 'string' ? readRevision(revisionText) : undefined;
  if (revision === undefined || typeof key !== 'string' || decodeKey(key) === undefined) throw invalidToken();
  if (remaining === undefined) return { revision, key };
  if (typeof remaining !== 'number' || !Number.isSafeInteger(remaining) || remaining < 0) throw invalidToken();
  return { revision, key, remaining };
}

/** The token is well made but belongs to another list. */
export function invalidToken(): StatusError {
  return new StatusError('BadRequest', 'The continue token is not one that this list gave out', {
    causes: [{ code: 'FieldValueInvalid', field: 'continue', message: 'must be the token of the previous page, with the same selection' }],
  });
}

function parseFields(text: string): unknown[] {
  try {
    const fields: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(fields) ? fields : [];
  } catch {
    return [];
  }
}
