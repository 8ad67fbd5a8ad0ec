/** What `\s` means in JavaScript; in Go's RE2 it is ASCII only, and without the vertical tab. As members of an RE2 class. */
const SPACE = String.raw`\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
/** What `.` leaves out in JavaScript; RE2 leaves out the line feed alone. */
const LINE_ENDS = String.raw`\n\r\x{2028}\x{2029}`;
/** RE2 refuses to repeat anything more often. */
const MAX_REPEAT = 1000;

/**
 * A JavaScript pattern (without flags) in the words of Go's RE2, which an API server checks with, so that both take the same text.
 * Undefined for what RE2 cannot say: look-around, references back, `\S` within a class, more than 1000 repetitions.
 */
export function goPattern(pattern: string): string | undefined {
  const known = translations.get(pattern);
  if (known !== undefined) return known.go;
  const go = toGo(pattern);
  translations.set(pattern, { go });
  return go;
}

/** Patterns come from declared kinds, so there are few: a dozen of them stand in a thousand fields. */
const translations = new Map<string, { readonly go: string | undefined }>();

function toGo(pattern: string): string | undefined {
  if (/\(\?(?:[=!]|<[=!])/.test(pattern)) return undefined;
  let result = '';
  let inClass = false;
  for (const [token] of pattern.matchAll(/\\u\{[0-9a-fA-F]+\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\c[A-Za-z]|\\.|\(\?<[A-Za-z_$][\w$]*>|\{\d+(?:,\d*)?\}|[^]/gu)) {
    const translated = translate(token, inClass);
    if (translated === undefined) return undefined;
    if (token === '[') inClass = true;
    if (token === ']') inClass = false;
    result += translated;
  }
  return result;
}

function translate(token: string, inClass: boolean): string | undefined {
  if (token === String.raw`\s`) return inClass ? SPACE : `[${SPACE}]`;
  if (token === String.raw`\S`) return inClass ? undefined : `[^${SPACE}]`;
  if (token === '.' && !inClass) return `[^${LINE_ENDS}]`;
  if (token === '[' && inClass) return String.raw`\[`;
  if (/^\\(?:[1-9]|k|c)/.test(token)) return undefined;
  if (token.startsWith(String.raw`\u`)) return String.raw`\x{${/[0-9a-fA-F]+/.exec(token)?.[0] ?? ''}}`;
  // A class is where JavaScript means the backspace, and RE2 nothing.
  if (token === String.raw`\b` && inClass) return String.raw`\x08`;
  if (token === String.raw`\/`) return '/';
  if (token.startsWith('(?<')) return '(';
  if (!inClass && /^\{\d/.test(token) && [...token.matchAll(/\d+/g)].some(([count]) => Number(count) > MAX_REPEAT)) return undefined;
  return token;
}
