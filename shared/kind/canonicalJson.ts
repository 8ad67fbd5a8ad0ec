import { remembered } from './remembered';

/**
 * The one JSON text of a value: no blanks, the keys of objects in the order of their UTF-16 code units, what is `undefined` left out. Equal
 * values have equal texts, so a digest of the text is one of the value. Source: RFC 8785, which JSON.stringify follows in numbers and strings.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const element of value as readonly unknown[]) text += `${text === '' ? '' : ','}${canonicalJson(element === undefined ? null : element)}`;
    return `[${text}]`;
  }
  const object = value as Readonly<Record<string, unknown>>;
  for (const key of orderedKeys(object)) {
    const member = object[key];
    if (member !== undefined) text += (text === '' ? '' : ',') + quotedKey(key) + canonicalJson(member);
  }
  return `{${text}}`;
}

/** Up to so many keys, putting each into its place is faster than `sort`. Nearly all objects have fewer. */
const FEW_KEYS = 24;

function orderedKeys(object: object): string[] {
  const keys = Object.keys(object);
  if (keys.length > FEW_KEYS) return keys.sort();
  let end = 0;
  for (const key of keys) {
    let at = end;
    for (; at > 0; at -= 1) {
      const before = keys[at - 1];
      if (before === undefined || before <= key) break;
      keys[at] = before;
    }
    keys[at] = key;
    end += 1;
  }
  return keys;
}

/** ASCII that stands in JSON as it is: no quote, no backslash, nothing that is escaped. Most texts are no more. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

const quotedKey = remembered((key) => `${quoted(key)}:`);
