import { StatusError } from '#shared/api/status';
import { isPlainObject } from '#shared/kind/paths';

/** Bytes of an object as JSON. Kubernetes' own limit (etcd's request size), so that an object fits there too. */
export const MAX_OBJECT_BYTES = 1_500_000;
/** Levels of objects and arrays. Deeper input is refused before anything recurses into it. */
export const MAX_DEPTH = 64;

/** Throws `BadRequest` for input that is nested too deep or holds a key that reaches a prototype. */
export function checkDepth(input: unknown): void {
  let level: unknown[] = [input];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw new StatusError('BadRequest', `The object is nested deeper than ${MAX_DEPTH} levels`);
    level = level.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : isPlainObject(value) ? Object.values(value) : []));
  }
}

/** Throws `RequestEntityTooLarge` when the object's JSON is larger than {@link MAX_OBJECT_BYTES}. */
export function checkSize(object: object): void {
  const sizeBytes = Buffer.byteLength(JSON.stringify(object));
  if (sizeBytes > MAX_OBJECT_BYTES) {
    throw new StatusError('RequestEntityTooLarge', `The object has ${sizeBytes} bytes; at most ${MAX_OBJECT_BYTES} fit. Put large content into a blob or an artifact`);
  }
}
