import { StatusError } from '#shared/api/status';
import { setOwn } from '#shared/kind/copyJson';
import type { KradleObject } from '#shared/kind/defineKind';

/** As etcd's default request limit: what does not fit belongs into the event log or a blob. */
export const MAX_OBJECT_BYTES = 1_572_864;

/** The JSON text that is stored: the object without its resourceVersion, which is known only at commit. */
export function encodeObject(object: KradleObject): string {
  return textOf({ ...object, metadata: { ...object.metadata, resourceVersion: undefined } });
}

/** An object on its way into the store. */
export interface StoredForm {
  /** As of {@link encodeObject}. */
  readonly text: string;
  /** The object as {@link decodeShared} of the text answers it, without reading it again. May be called once. */
  readonly share: (revision: bigint) => KradleObject;
}

/** What is stored and what is answered of an object: of a copy, so that they agree whatever the caller does with it meanwhile. */
export function toStoredForm(object: KradleObject): StoredForm {
  const metadata: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object.metadata)) if (value !== undefined && key !== 'resourceVersion') metadata[key] = frozenCopy(value);
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) if (value !== undefined) copy[key] = key === 'metadata' ? metadata : frozenCopy(value);
  return {
    text: textOf(copy),
    share(revision) {
      metadata.resourceVersion = revision.toString();
      Object.freeze(metadata);
      return Object.freeze(copy) as unknown as KradleObject;
    },
  };
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

/** @throws RequestEntityTooLarge above {@link MAX_OBJECT_BYTES}. */
function textOf(object: unknown): string {
  const text = JSON.stringify(object);
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes <= MAX_OBJECT_BYTES) return text;
  throw new StatusError('RequestEntityTooLarge', `The object has ${sizeBytes} bytes; an object may have at most ${MAX_OBJECT_BYTES}`);
}

/** What is left of data in JSON: https://tc39.es/ecma262/#sec-json.stringify */
function frozenCopy(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map((element: unknown) => (element === undefined ? null : frozenCopy(element))));
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member !== undefined) setOwn(copy, key, frozenCopy(member));
  }
  return Object.freeze(copy);
}

function deepFreeze(data: unknown): void {
  if (typeof data !== 'object' || data === null) return;
  for (const key in data) deepFreeze((data as Record<string, unknown>)[key]);
  Object.freeze(data);
}
