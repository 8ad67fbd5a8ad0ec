import { StatusError } from '../api/status';
import { remembered } from './remembered';

/** Stands for every element of an array: written `[]`. */
export const EACH = Symbol('each element');

/** A key, an array index, or {@link EACH}. */
export type PathSegment = string | number | typeof EACH;
export type Path = readonly PathSegment[];

/** A value that a path leads to, with the concrete path to it: `spec.refs[1].name`. */
export interface PathValue {
  readonly path: string;
  readonly value: unknown;
}

/** Keys that would reach an object's prototype. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads a dotted path: `spec.prompt.system`, `spec.refs[].name` (every element), `spec.refs[2].name` (one of them). A dot within a
 * key is written `\.`, as in a CRD's JSON paths. Throws `BadRequest` for anything else.
 */
export const parsePath = remembered(readPath);

function readPath(path: string): Path {
  const segments: PathSegment[] = [];
  for (const part of splitAtDots(path)) {
    const match = /^([^[\]]+)((?:\[\d*\])*)$/.exec(part);
    const key = match?.[1];
    if (match === null || key === undefined || FORBIDDEN_KEYS.has(key)) {
      throw new StatusError('BadRequest', `"${path}" is not a field path; write it like "spec.visibility" or "spec.refs[].name"`);
    }
    segments.push(key);
    for (const [, index] of (match[2] ?? '').matchAll(/\[(\d*)\]/g)) segments.push(index ? Number(index) : EACH);
  }
  return Object.freeze(segments);
}

/** The inverse of {@link parsePath}. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, segment) => {
    if (segment === EACH) return `${text}[]`;
    if (typeof segment === 'number') return `${text}[${segment}]`;
    const key = String(segment).replaceAll('.', '\\.');
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** The value at a path; undefined when any step is missing. A path with `[]` answers the array of all values found. */
export function getPath(object: unknown, path: string | Path): unknown {
  const segments = typeof path === 'string' ? parsePath(path) : path;
  if (segments.includes(EACH)) return getAllPaths(object, segments).map((found) => found.value);
  let value = object;
  for (const segment of segments) {
    value = step(value, segment);
    if (value === undefined) return undefined;
  }
  return value;
}

/** Every value that a path leads to, following `[]` into each element. Missing ones are left out. */
export function getAllPaths(object: unknown, path: string | Path): PathValue[] {
  const segments = typeof path === 'string' ? parsePath(path) : path;
  if (!segments.includes(EACH)) {
    const value = getPath(object, segments);
    return value === undefined ? [] : [{ path: formatPath(segments), value }];
  }
  let found: { at: PathSegment[]; value: unknown }[] = [{ at: [], value: object }];
  for (const segment of segments) {
    found = found.flatMap(({ at, value }) => {
      if (segment === EACH) return Array.isArray(value) ? value.map((element: unknown, index) => ({ at: [...at, index], value: element })) : [];
      const next = step(value, segment);
      return next === undefined ? [] : [{ at: [...at, segment], value: next }];
    });
  }
  return found.map(({ at, value }) => ({ path: formatPath(at), value }));
}

/**
 * A copy of `object` with the value at `path` replaced, sharing everything that did not change. Missing objects and arrays on
 * the way are made. `undefined` removes a key, or an element of an array. `[]` is not a place: it throws `BadRequest`.
 */
export function setPath<T>(object: T, path: string | Path, value: unknown): T {
  const segments = typeof path === 'string' ? parsePath(path) : path;
  return setAt(object, segments, value) as T;
}

function setAt(target: unknown, path: Path, value: unknown): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return value;
  if (segment === EACH) throw new StatusError('BadRequest', 'A path with "[]" names many values; name one, like "spec.refs[0]"');
  const next = setAt(step(target, segment), rest, value);
  if (typeof segment === 'number') {
    const copy: unknown[] = Array.isArray(target) ? [...(target as unknown[])] : [];
    if (next === undefined) copy.splice(segment, 1);
    else copy[segment] = next;
    return copy;
  }
  const copy: Record<string, unknown> = isPlainObject(target) ? { ...target } : {};
  if (next === undefined) delete copy[segment];
  else copy[segment] = next;
  return copy;
}

function step(value: unknown, segment: PathSegment): unknown {
  if (typeof segment === 'number') return Array.isArray(value) ? (value as unknown[])[segment] : undefined;
  if (typeof segment !== 'string' || !isPlainObject(value) || !Object.hasOwn(value, segment)) return undefined;
  return value[segment];
}

/** An object literal or what JSON.parse makes of one; not an array, not null. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function splitAtDots(path: string): string[] {
  return path.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'));
}
