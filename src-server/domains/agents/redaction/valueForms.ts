/** Shorter values would blacken words of every text; a secret that short protects nothing. */
export const MIN_REDACTED_LENGTH = 4;
/** A part of a value that stands for it: a line of a key, the middle of its base64. */
const MIN_PART_LENGTH = 12;
/** Of a larger value only the plain text, its lines and its base64 are looked for. */
const MAX_ENCODED_BYTES = 16 * 1024;

/**
 * The ways in which a value may appear in a text: as it is, each long line of it, in JSON, in a URL, in hexadecimal, in base64 of both
 * alphabets, also where base64 began one or two bytes before it. Longest first, so that no form leaves the rest of a longer one.
 */
export function valueForms(value: Buffer): string[] {
  const text = value.toString('utf8');
  if (text.trim().length < MIN_REDACTED_LENGTH) return [];
  const forms = new Set<string>([text, text.trim(), ...lines(text), ...base64Forms(value), ...base64Forms(Buffer.from(text.trim()))]);
  if (value.length <= MAX_ENCODED_BYTES) {
    const escaped = JSON.stringify(text).slice(1, -1);
    const url = encodeURIComponent(toWellFormed(text));
    const form = new URLSearchParams({ v: text }).toString().slice(2);
    const hex = value.toString('hex');
    for (const each of [escaped, JSON.stringify(escaped).slice(1, -1), url, lowerEscapes(url), form, lowerEscapes(form), hex, hex.toUpperCase()]) forms.add(each);
  }
  return [...forms].filter((form) => form.length >= MIN_REDACTED_LENGTH).sort((a, b) => b.length - a.length);
}

function lines(text: string): string[] {
  // The frame of a PEM block is the same in all of them.
  return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line.length >= MIN_PART_LENGTH && !line.startsWith('-----'));
}

function base64Forms(value: Buffer): string[] {
  const whole = value.toString('base64');
  const parts = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), value]).toString('base64');
    // Characters that hold bits of this value alone.
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + value.length) * 8) / 6));
  });
  const all = [whole, whole.replace(/=+$/, ''), ...parts.filter((part) => part.length >= MIN_PART_LENGTH)];
  return all.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

function lowerEscapes(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

/** Half a surrogate pair cannot be written in a URL. */
function toWellFormed(text: string): string {
  return Buffer.from(text).toString('utf8');
}
