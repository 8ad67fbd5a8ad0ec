import { isPlainObject } from '#shared/kind/paths';

/** Keys whose text is a secret, whatever it looks like: `password`, `apiToken`, `client-secret`. */
const SECRET_KEY = /(?:password|passwd|passphrase|secret|token|(?:api|private|access)[-_]?key|authorization|credentials?)$/i;

/** Text that is a secret, whatever it is called. */
const SECRET_TEXT = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{20,}\b/,
  /\bgithub_pat_[A-Za-z0-9_]{20,}\b/,
  /\bglpat-[A-Za-z0-9_-]{20,}/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  /\bAKIA[0-9A-Z]{16}\b/,
  /^(?:Bearer|Basic) [A-Za-z0-9+/._~=-]{16,}$/,
] as const;

/** Keys of references by name, which hold no value: `token: { secretKeyRef: … }`. */
const REFERENCE_KEYS: ReadonlySet<string> = new Set(['secretRef', 'secretKeyRef', 'valueFrom']);

/**
 * Dotted paths under `root` where a secret's value stands, or where a Secret's value is asked for. A key such as `token` with text in
 * it counts, and so does text that has the form of a well-known credential.
 */
export function secretValuePaths(value: unknown, root: string): string[] {
  if (typeof value === 'string') return SECRET_TEXT.some((pattern) => pattern.test(value)) ? [root] : [];
  if (Array.isArray(value)) return value.flatMap((element: unknown, index) => secretValuePaths(element, `${root}[${index}]`));
  if (!isPlainObject(value)) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const path = `${root}.${key}`;
    if (REFERENCE_KEYS.has(key)) return [path];
    return typeof child === 'string' && child !== '' && SECRET_KEY.test(key) ? [path] : secretValuePaths(child, path);
  });
}
