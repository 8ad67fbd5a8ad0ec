import { StatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';

/** As etcd's default request limit: what does not fit belongs into the event log or a blob. */
export const MAX_OBJECT_BYTES = 1_572_864;

/** The JSON text that is stored: the object without its resourceVersion, which is known only at commit. */
export function encodeObject(object: KradleObject): string {
  const text = JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: undefined } });
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes <= MAX_OBJECT_BYTES) return text;
  throw new StatusError('RequestEntityTooLarge', `The object has ${sizeBytes} bytes; an object may have at most ${MAX_OBJECT_BYTES}`);
}

/** A fresh object from its stored text, under the revision that it was read at. */
export function decodeObject(text: string, revision: bigint): KradleObject {
  // What stands in the table came through encodeObject.
  const object = JSON.parse(text) as KradleObject;
  object.metadata.resourceVersion = revision.toString();
  return object;
}

/** As {@link decodeObject}, frozen to the bottom, so that it can be shared between readers. */
export function decodeShared(text: string, revision: bigint): KradleObject {
  const object = decodeObject(text, revision);
  deepFreeze(object);
  return object;
}

function deepFreeze(data: unknown): void {
  if (typeof data !== 'object' || data === null) return;
  for (const key in data) deepFreeze((data as Record<string, unknown>)[key]);
  Object.freeze(data);
}
