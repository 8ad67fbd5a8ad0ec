/**
 * For {@link KindOptions.upgrade}: a copy of `spec` in which fields that it leaves out (or has as null or empty text, as an empty YAML
 * key reads) are those of `values`. An undefined value fills nothing.
 */
export function fillAbsent(spec: Readonly<Record<string, unknown>>, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const filled = Object.entries(values).filter(([key, value]) => value !== undefined && isAbsent(spec[key]));
  return { ...spec, ...Object.fromEntries(filled) };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
