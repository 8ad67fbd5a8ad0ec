import { jsonEqual } from './equality';
import { isPlainObject } from './paths';

/** JSON merge patch, RFC 7386: null removes, objects merge, everything else replaces. Changes neither argument. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isPlainObject(patch)) return patch;
  const result: Record<string, unknown> = isPlainObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    // Assigning `__proto__` would set the prototype instead of a key.
    if (key === '__proto__') continue;
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = applyMergePatch(Object.hasOwn(result, key) ? result[key] : undefined, value);
  }
  return result;
}

/**
 * The smallest merge patch that makes `to` out of `from`; `undefined` when they are equal. A null inside `to` cannot be said in
 * a merge patch (RFC 7386, section 1) and reads as a removal.
 */
export function createMergePatch(from: unknown, to: unknown): unknown {
  if (jsonEqual(from, to)) return undefined;
  if (!isPlainObject(from) || !isPlainObject(to)) return to;
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(from)) if (from[key] !== undefined && (!Object.hasOwn(to, key) || to[key] === undefined)) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    if (value === undefined) continue;
    const change = createMergePatch(Object.hasOwn(from, key) ? from[key] : undefined, value);
    if (change !== undefined) patch[key] = change;
  }
  return patch;
}
