import { StatusError } from '#shared/api/status';
import type { ObjectKey, ObjectVersion } from './store';

/** The expected failures of a store, worded as Kubernetes words them, so that every implementation says the same. */
export function alreadyExists(key: ObjectKey): StatusError {
  return new StatusError('AlreadyExists', `${key.plural} "${key.name}" already exists`);
}

export function notFound(key: ObjectKey): StatusError {
  return new StatusError('NotFound', `${key.plural} "${key.name}" not found`);
}

export function staleRevision(key: ObjectKey, expected: string, current: string): StatusError {
  return new StatusError('Conflict', `${key.plural} "${key.name}" has been modified; apply your change to the latest version and try again`, {
    causes: [{ code: 'FieldValueInvalid', field: 'metadata.resourceVersion', message: `is "${expected}", but the object is at "${current}"` }],
  });
}

export function staleUid(key: ObjectKey): StatusError {
  return new StatusError('Conflict', `${key.plural} "${key.name}" is another object than the one you mean: it was deleted and created again`, {
    causes: [{ code: 'FieldValueInvalid', field: 'metadata.uid', message: 'is not the uid of the object that has this name now' }],
  });
}

/** What an object was to be created under is not as it was, or not there. */
export function conditionChanged(key: ObjectKey, { key: on }: ObjectVersion): StatusError {
  return new StatusError('Conflict', `${key.plural} "${key.name}" was not created, because ${on.plural} "${on.name}" has changed meanwhile; try again`);
}

/** The history that the caller needs is compacted away, or the caller fell too far behind. */
export function expired(message = 'The resourceVersion is too old: its history has been compacted; list again'): StatusError {
  return new StatusError('Expired', message);
}

export function aheadOfStore(): StatusError {
  return new StatusError('BadRequest', 'The resourceVersion is newer than anything in this store', {
    causes: [{ code: 'FieldValueInvalid', field: 'resourceVersion', message: 'must be a resourceVersion of an earlier answer of this server' }],
  });
}

/** The state that a list asks for is still to come. As kube-apiserver words it, so that clients know to try again. */
export function tooLargeRevision(wanted: bigint, head: bigint): StatusError {
  return new StatusError('Timeout', `Too large resource version: ${wanted}, current: ${head}`, {
    causes: [{ code: 'ResourceVersionTooLarge', field: 'resourceVersion', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** The disk took less than the whole write; none of it counts. */
export function storageRefused(cause: unknown): StatusError {
  return new StatusError(
    'InsufficientStorage',
    'The disk of the data folder is full or cannot be written; nothing was changed. Reading still works; free some space and try again',
    { cause, retryAfterSeconds: 30 },
  );
}

/** What a failed file operation means to the caller; anything but a refused write stays what it is. */
export function translateFileError(cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS' || code === 'EIO' ? storageRefused(cause) : cause;
}

export function notRunning(): StatusError {
  return new StatusError('ServiceUnavailable', 'The store is not running');
}
