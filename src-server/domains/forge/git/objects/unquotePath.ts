import { pathText } from './pathText';

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** The text of a path as git writes it into lines: as it is, or in quotes with the escapes of C (quote.c). */
export function unquotePath(bytes: Buffer): string {
  if (bytes[0] !== QUOTE || bytes[bytes.length - 1] !== QUOTE || bytes.length < 2) return pathText(bytes);
  const out: number[] = [];
  for (let at = 1; at < bytes.length - 1; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte !== BACKSLASH) {
      out.push(byte);
      continue;
    }
    const next = bytes.toString('latin1', at + 1, at + 2);
    const octal = /^[0-3][0-7]{2}/.exec(bytes.toString('latin1', at + 1, at + 4))?.[0];
    out.push(octal === undefined ? (ESCAPES[next] ?? next.charCodeAt(0)) : Number.parseInt(octal, 8));
    at += octal?.length ?? 1;
  }
  return pathText(Buffer.from(out));
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
