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
  if (isDeeper(input, maxDepth)) throw new StatusError('BadRequest', `The object is nested deeper than ${MAX_DEPTH} levels`);
}

/** Goes no deeper itself than it allows. */
function isDeeper(value: unknown, maxDepth: number): boolean {
  if (typeof value !== 'object' || value === null) return maxDepth < 0;
  if (maxDepth < 0) return true;
  if (Array.isArray(value)) {
    for (const element of value) if (isDeeper(element, maxDepth - 1)) return true;
    return false;
  }
  for (const key in value) if (isDeeper((value as Record<string, unknown>)[key], maxDepth - 1)) return true;
  return false;
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
  if (bytesAtMost(object) <= MAX_OBJECT_BYTES) return;
  const unowned = { ...object, metadata: { ...object.metadata, managedFields: undefined } };
  const sizeBytes = Buffer.byteLength(JSON.stringify(unowned));
  if (sizeBytes > MAX_OBJECT_BYTES) {
    throw new StatusError('RequestEntityTooLarge', `The object has ${sizeBytes} bytes; at most ${MAX_OBJECT_BYTES} fit. Put large content into a blob or an artifact`);
  }
}

/** Bytes for the key `managedFields` itself, and a resourceVersion. */
const ROOM_FOR_KEYS = 100;
/** Bytes of owners that fit beside any object. */
const ROOM_FOR_OWNERS = MAX_STORED_BYTES - MAX_OBJECT_BYTES - ROOM_FOR_KEYS;
/** Bytes of an entry's other fields. */
const ENTRY_BYTES = 3_000;
/** What a character takes at most, as `\u0000`, and what any other value does, as `-1.7976931348623157e+308`. */
const CHARACTER_BYTES = 6;
const SCALAR_BYTES = 24;

/**
 * The owners of an object's fields, or none where they would take more than the store has room for beside the object. Then it is as an
 * object from before there were any: whoever writes it next is not refused because of them.
 */
export function storableOwners(unowned: object, owners: readonly OwnedFields[], onWarning: WriteOptions['onWarning']): readonly OwnedFields[] {
  let atMost = 0;
  for (const { fieldsV1 } of owners) atMost += ENTRY_BYTES + bytesAtMost(fieldsV1);
  if (atMost <= ROOM_FOR_OWNERS) return owners;
  const ownersBytes = Buffer.byteLength(JSON.stringify(owners));
  if (ownersBytes <= ROOM_FOR_OWNERS || ownersBytes + Buffer.byteLength(JSON.stringify(unowned)) + ROOM_FOR_KEYS <= MAX_STORED_BYTES) return owners;
  onWarning?.('the object has too many fields to keep who manages each; metadata.managedFields is left out');
  return [];
}

/** A bound on a value's JSON that costs less than writing it out. */
function bytesAtMost(value: unknown): number {
  if (typeof value === 'string') return value.length * CHARACTER_BYTES + 2;
  if (typeof value !== 'object' || value === null) return SCALAR_BYTES;
  let bytes = 2;
  if (Array.isArray(value)) for (const element of value) bytes += bytesAtMost(element) + 1;
  else for (const key in value) bytes += key.length * CHARACTER_BYTES + 4 + bytesAtMost((value as Record<string, unknown>)[key]);
  return bytes;
}
