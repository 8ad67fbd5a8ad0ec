/** Stands for "no object" in pushes and compare-and-swap updates. */
export const ZERO_OID = '0'.repeat(40);

/** The tree without entries, which every git knows without having it. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** A full SHA-1 object id in lower case. */
export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** Something that can abbreviate an object id: 4 to 40 hexadecimal digits. */
export function isObjectIdPrefix(text: string): boolean {
  return /^[0-9a-f]{4,40}$/i.test(text);
}
