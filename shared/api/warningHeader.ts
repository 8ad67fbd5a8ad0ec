/**
 * The texts of a `Warning` header as Kradle and Kubernetes send it: `299 - "…"`, several joined by commas (RFC 9111, section 5.5). What
 * is no such warning is left out.
 */
export function readWarnings(header: string | null | undefined): string[] {
  const warnings = (header ?? '').matchAll(/(?:^|,)\s*299 \S+ "((?:[^"\\]|\\.)*)"/g);
  return [...warnings].map(([, quoted = '']) => fromBytes(quoted.replace(/\\(.)/g, '$1')));
}

/** Clients hand out a header's bytes as characters; they are UTF-8. */
function fromBytes(text: string): string {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return text;
  }
}
