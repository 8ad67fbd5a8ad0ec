/**
 * Git's paths are bytes, and everything else here speaks text. A byte that is no UTF-8 becomes a character of the private use area,
 * U+EF00 and the byte; a path that really has such a character has its bytes written the same way. So every path has one text, every
 * text one path, and the text survives JSON, addresses and the screen. Source: the scheme of MirBSD's OPTU-8.
 */
const FIRST = 0xef80;
const LAST = 0xefff;
const ESCAPED = /[\uef80-\uefff]/;

/** The text of a path's bytes. */
export function pathText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  // Nothing was replaced and nothing looks replaced: nearly every path there is.
  if (!text.includes('\ufffd') && !ESCAPED.test(text)) return text;
  let out = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    const character = length === 0 ? '' : bytes.toString('utf8', at, at + length);
    if (length === 0 || ESCAPED.test(character)) {
      for (const byte of bytes.subarray(at, at + Math.max(1, length))) out += byte < 0x80 ? String.fromCharCode(byte) : String.fromCharCode(0xef00 + byte);
    } else out += character;
    at += Math.max(1, length);
  }
  return out;
}

/** The inverse of {@link pathText}. */
export function pathBytes(text: string): Buffer {
  if (!ESCAPED.test(text)) return Buffer.from(text);
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    parts.push(code >= FIRST && code <= LAST ? Buffer.from([code - 0xef00]) : Buffer.from(character));
  }
  return Buffer.concat(parts);
}

/** Can a program be given this path as an argument? Arguments are UTF-8 here. */
export function isPlainPath(text: string): boolean {
  return !ESCAPED.test(text);
}

/** Bytes of the well-formed UTF-8 sequence at a place (RFC 3629: shortest form, no surrogates); 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let index = 2; index < length; index += 1) if (((bytes[at + index] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
