/**
 * The one JSON text of a value: no blanks, the keys of objects in the order of their UTF-16 code units, what is `undefined` left out. Equal
 * values have equal texts, so a digest of the text is one of the value. Source: RFC 8785, which JSON.stringify follows in numbers and strings.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((element) => canonicalJson(element === undefined ? null : element)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const object = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}
