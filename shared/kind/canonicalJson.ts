/**
 * The one JSON text of a value: no blanks, the keys of objects in the order of their UTF-16 code units, what is `undefined` left out. Equal
 * values have equal texts, so a digest of the text is one of the value. Source: RFC 8785, which JSON.stringify follows in numbers and strings.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((element) => canonicalJson(element === undefined ? null : element)).join(',')}]`;
  const object = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member !== undefined) text += `${text === '' ? '' : ','}${quoted(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

/** ASCII that stands in JSON as it is: no quote, no backslash, nothing that is escaped. Most texts are no more. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
