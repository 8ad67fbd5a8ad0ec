import { StatusError } from '#shared/api/status';
import { isPlainObject } from '#shared/kind/paths';
import { MAX_OBJECT_BYTES as MAX_STORED_BYTES } from '../store/objectCodec';
import type { OwnedFields } from './ownership/managedFields';
import type { WriteOptions } from './resourceClient';

/** Bytes of an object as JSON, `managedFields` aside. Kubernetes' own limit (etcd's request size), so that an object fits there too. */
export const MAX_OBJECT_BYTES = 1_500_000;
/** Levels of objects and arrays. Deeper input is refused before anything recurses into it. */
export const MAX_DEPTH = 64;
/** How much deeper `managedFields` are than the object whose fields they name: `metadata`, the list, the entry, `fieldsV1`, a leaf. */
export const OWNERS_DEPTH = 6;

/** Throws `BadRequest` for input that is nested too deep. */
export function checkDepth(input: unknown, maxDepth = MAX_DEPTH): void {
  let level: unknown[] = [input];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) throw new StatusError('BadRequest', `The object is nested deeper than ${MAX_DEPTH} levels`);
    level = level.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : isPlainObject(value) ? Object.values(value) : []));
  }
}

/** As {@link checkDepth}, for an object or a part of one: what the server answers may be sent back, with its `managedFields`. */
export function checkDocumentDepth(document: unknown): void {
  if (!isPlainObject(document) || !isPlainObject(document.metadata) || document.metadata.managedFields === undefined) return checkDepth(document);
  const { managedFields, ...metadata } = document.metadata;
  checkDepth({ ...document, metadata });
  checkDepth(managedFields, MAX_DEPTH + OWNERS_DEPTH);
}

/** Throws `RequestEntityTooLarge` when the object's JSON is larger than {@link MAX_OBJECT_BYTES}. */
export function checkSize(object: { metadata: { managedFields?: unknown } }): void {
  const sizeBytes = Buffer.byteLength(JSON.stringify({ ...object, metadata: { ...object.metadata, managedFields: undefined } }));
  if (sizeBytes > MAX_OBJECT_BYTES) {
    throw new StatusError('RequestEntityTooLarge', `The object has ${sizeBytes} bytes; at most ${MAX_OBJECT_BYTES} fit. Put large content into a blob or an artifact`);
  }
}

/**
 * The owners of an object's fields, or none where they would take more than the store has room for beside the object. Then it is as an
 * object from before there were any: whoever writes it next is not refused because of them.
 */
export function storableOwners(unowned: object, owners: readonly OwnedFields[], onWarning: WriteOptions['onWarning']): readonly OwnedFields[] {
  const ownersBytes = Buffer.byteLength(JSON.stringify(owners));
  if (ownersBytes <= MAX_STORED_BYTES - MAX_OBJECT_BYTES - ROOM_FOR_KEYS || ownersBytes + Buffer.byteLength(JSON.stringify(unowned)) + ROOM_FOR_KEYS <= MAX_STORED_BYTES) return owners;
  onWarning?.('the object has too many fields to keep who manages each; metadata.managedFields is left out');
  return [];
}

/** Bytes for the key `managedFields` itself, and a resourceVersion. */
const ROOM_FOR_KEYS = 100;
