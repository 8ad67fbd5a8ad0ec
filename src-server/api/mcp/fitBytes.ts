/** Tried in this order until the value fits: longest text in characters, most elements of an array. */
const STEPS = [[16_384, 500], [4_096, 200], [1_024, 50], [256, 20], [100, 5]] as const;

/** How large a value is as JSON, in bytes. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/**
 * The value within so many bytes of JSON: long texts and long arrays are cut, as little as will do, and each cut text says so. Keys in
 * `whole` are left alone at the top. What is still too large after the last step stays as it is then.
 */
export function fitBytes(value: Record<string, unknown>, opts: { maxBytes: number; whole?: readonly string[] }): { value: Record<string, unknown>; wasCut: boolean } {
  if (jsonBytes(value) <= opts.maxBytes) return { value, wasCut: false };
  const kept = Object.fromEntries(Object.entries(value).filter(([key]) => opts.whole?.includes(key)));
  let fitted = value;
  for (const [characters, elements] of STEPS) {
    fitted = { ...(cut(value, { characters, elements }) as Record<string, unknown>), ...kept };
    if (jsonBytes(fitted) <= opts.maxBytes) break;
  }
  return { value: fitted, wasCut: true };
}

function cut(value: unknown, limit: { characters: number; elements: number }): unknown {
  if (typeof value === 'string') return value.length <= limit.characters ? value : `${value.slice(0, limit.characters)}… (${value.length} characters in all)`;
  if (Array.isArray(value)) return value.slice(0, limit.elements).map((each) => cut(each, limit));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cut(each, limit)]));
  return value;
}
