/** A copy of JSON data that shares nothing with it. For trees of plain objects it is several times as fast as `structuredClone`. */
export function copyJson<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const copied: Record<string, unknown> = {};
  for (const key in value) setOwn(copied, key, copy((value as Readonly<Record<string, unknown>>)[key]));
  return copied;
}

/** Sets a property of plain data: JSON may have a key that means something else to an assignment. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}
