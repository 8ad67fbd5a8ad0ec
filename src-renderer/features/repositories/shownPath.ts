/** A path as people see it: bytes that are no text, and characters that would hide or break a line, as escapes. */
export function shownPath(path: string): string {
  // Bytes that are no UTF-8 travel as U+EF80 to U+EFFF (src-server/domains/forge/git/objects/pathText.ts).
  // eslint-disable-next-line no-control-regex -- control characters are what is shown
  return path.replace(/[\uef80-\uefff\u0000-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (character) => {
    const code = character.charCodeAt(0);
    if (code >= 0xef80 && code <= 0xefff) return `\\x${(code - 0xef00).toString(16)}`;
    return { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character] ?? `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
