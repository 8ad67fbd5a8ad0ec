import { isPlainObject } from './paths';

/** Equality of JSON values. A key whose value is `undefined` counts as absent and -0 as 0, as they do once serialised. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((element, index) => jsonEqual(element, b[index]));
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  const keysOfA = Object.keys(a).filter((key) => a[key] !== undefined);
  const keysOfB = Object.keys(b).filter((key) => b[key] !== undefined);
  return keysOfA.length === keysOfB.length && keysOfA.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]));
}
