/** A piece of terminal text in one style. */
export interface AnsiSpan {
  readonly text: string;
  /** CSS class names of the style; empty for plain text. */
  readonly className: string;
  /** Colours outside the sixteen that the theme names. */
  readonly color?: string;
  readonly background?: string;
}

interface Style {
  readonly foreground?: number | string;
  readonly background?: number | string;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
  readonly strike?: boolean;
}

const PLAIN: Style = {};
/** CSI and OSC sequences, two-byte escapes, and control characters that draw nothing (ECMA-48). */
// eslint-disable-next-line no-control-regex
const ESCAPE = /\x1b\[([0-9:;<=>?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|[\x00-\x08\x0b\x0c\x0e-\x1a\x7f]/g;

/**
 * Terminal output as lines of styled spans: SGR colours and attributes are kept, every other escape is dropped, and a carriage
 * return lets the rest of the line overwrite its beginning, as progress bars expect.
 */
export function ansiLines(text: string): AnsiSpan[][] {
  let style = PLAIN;
  return text.replace(/\r\n/g, '\n').split('\n').map((line) => {
    const spans: AnsiSpan[] = [];
    const parsed = lastDrawing(line, style);
    style = parsed.style;
    for (const piece of parsed.pieces) {
      const last = spans.at(-1);
      const span = toSpan(piece.text, piece.style);
      if (last !== undefined && last.className === span.className && last.color === span.color && last.background === span.background) {
        spans[spans.length - 1] = { ...last, text: last.text + span.text };
      } else {
        spans.push(span);
      }
    }
    return spans;
  });
}

/** The text without any escape, for search and copying. */
export function stripAnsi(text: string): string {
  return text.replace(ESCAPE, '');
}

interface Piece {
  readonly text: string;
  readonly style: Style;
}

function lastDrawing(line: string, start: Style): { pieces: Piece[]; style: Style } {
  let style = start;
  let pieces: Piece[] = [];
  for (const part of line.split('\r')) {
    const drawn = drawPart(part, style);
    style = drawn.style;
    // A part overwrites as much of what stands there as it is long.
    if (drawn.pieces.length > 0) pieces = [...drawn.pieces, ...dropFirst(pieces, lengthOf(drawn.pieces))];
  }
  return { pieces, style };
}

function drawPart(part: string, start: Style): { pieces: Piece[]; style: Style } {
  const pieces: Piece[] = [];
  let [style, at] = [start, 0];
  for (const match of part.matchAll(ESCAPE)) {
    if (match.index > at) pieces.push({ text: part.slice(at, match.index), style });
    at = match.index + match[0].length;
    if (match[2] === 'm') style = applySgr(style, match[1] ?? '');
  }
  if (at < part.length) pieces.push({ text: part.slice(at), style });
  return { pieces, style };
}

function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.text.length, 0);
}

function dropFirst(pieces: readonly Piece[], count: number): Piece[] {
  const kept: Piece[] = [];
  let left = count;
  for (const piece of pieces) {
    if (left < piece.text.length) kept.push({ text: piece.text.slice(left), style: piece.style });
    left = Math.max(0, left - piece.text.length);
  }
  return kept;
}

function applySgr(style: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map((code) => (code === '' ? 0 : Number(code)));
  let next = style;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const extended = extendedColour(codes, index + 1);
      index += extended.used;
      next = { ...next, [code === 38 ? 'foreground' : 'background']: extended.colour };
    } else {
      next = applyCode(next, code);
    }
  }
  return next;
}

function applyCode(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 3) return { ...style, italic: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 7) return { ...style, inverse: true };
  if (code === 9) return { ...style, strike: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 23) return { ...style, italic: false };
  if (code === 24) return { ...style, underline: false };
  if (code === 27) return { ...style, inverse: false };
  if (code === 29) return { ...style, strike: false };
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 82 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 };
  if (code === 39) return { ...style, foreground: undefined };
  if (code === 49) return { ...style, background: undefined };
  return style;
}

/** `5;N` of the 256 colours, or `2;R;G;B`. */
function extendedColour(codes: readonly number[], at: number): { colour: number | string | undefined; used: number } {
  if (codes[at] === 5) return { colour: paletteColour(codes[at + 1] ?? 0), used: 2 };
  if (codes[at] === 2) return { colour: `rgb(${byte(codes[at + 1])} ${byte(codes[at + 2])} ${byte(codes[at + 3])})`, used: 4 };
  return { colour: undefined, used: 1 };
}

function paletteColour(index: number): number | string {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = byte(8 + (index - 232) * 10);
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const cube = index - 16;
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  return `rgb(${level(Math.floor(cube / 36) % 6)} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}

function byte(value: number | undefined): number {
  return Math.min(255, Math.max(0, value ?? 0));
}

function toSpan(text: string, style: Style): AnsiSpan {
  const [foreground, background] = style.inverse === true ? [style.background ?? 'inverse', style.foreground ?? 'inverse'] : [style.foreground, style.background];
  const names = [
    style.bold === true ? 'ansi-bold' : '',
    style.dim === true ? 'ansi-dim' : '',
    style.italic === true ? 'ansi-italic' : '',
    style.underline === true ? 'ansi-underline' : '',
    style.strike === true ? 'ansi-strike' : '',
    typeof foreground === 'number' ? `ansi-fg-${foreground}` : foreground === 'inverse' ? 'ansi-fg-inverse' : '',
    typeof background === 'number' ? `ansi-bg-${background}` : background === 'inverse' ? 'ansi-bg-inverse' : '',
  ];
  return {
    text,
    className: names.filter(Boolean).join(' '),
    ...(typeof foreground === 'string' && foreground !== 'inverse' ? { color: foreground } : {}),
    ...(typeof background === 'string' && background !== 'inverse' ? { background } : {}),
  };
}
