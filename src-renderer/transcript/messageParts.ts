/** A message as parts that can be shown one by one. */
export interface MessageParts {
  readonly parts: readonly string[];
  /** Where in the text the last part begins, and the code block that is open there: splitting goes on from here. */
  readonly tail: { readonly start: number; readonly fence: OpenFence | undefined };
}

interface OpenFence {
  /** The line that closes it begins with this. */
  readonly marker: string;
  /** The line that opened it. */
  readonly opening: string;
}

/** A part is cut at the first blank line after this many characters, so that a streamed message parses only its last part again. */
const PART_LENGTH = 4000;
/** A code block without a blank line at its end is cut too: nothing on the page may grow without bound. */
const MAX_PART_LENGTH = 24_000;

/**
 * Splits Markdown into parts. Cuts lie between blocks; a code block that is cut is closed at the end of its part and opened again in
 * the next. Text that grows at its end keeps all its parts but the last: give what was answered for its beginning as `known`, and
 * only the rest is read.
 */
export function messageParts(text: string, known?: MessageParts): MessageParts {
  const parts = known === undefined ? [] : known.parts.slice(0, -1);
  let { start, fence: fenceAtStart } = known?.tail ?? { start: 0, fence: undefined };
  let fence = fenceAtStart;
  let [length, lineStart] = [0, start];
  while (lineStart < text.length) {
    const newline = text.indexOf('\n', lineStart);
    const lineEnd = newline === -1 ? text.length : newline + 1;
    const line = text.slice(lineStart, lineEnd);
    // A line that is not whole yet may still become something else.
    if (newline === -1) break;
    fence = afterLine(line, fence);
    length += line.length;
    lineStart = lineEnd;
    const atBlockEnd = fence === undefined && line.trim() === '';
    if ((length >= PART_LENGTH && atBlockEnd) || length >= MAX_PART_LENGTH) {
      parts.push(withClosing(withOpening(text.slice(start, lineEnd), fenceAtStart), fence));
      [start, fenceAtStart, length] = [lineEnd, fence, 0];
    }
  }
  // The last part is open, and may be empty: what comes next belongs to it.
  parts.push(start === text.length ? '' : withOpening(text.slice(start), fenceAtStart));
  return { parts, tail: { start, fence: fenceAtStart } };
}

function withOpening(text: string, fence: OpenFence | undefined): string {
  return fence === undefined ? text : fence.opening + text;
}

function withClosing(text: string, fence: OpenFence | undefined): string {
  return fence === undefined ? text : `${text}${fence.marker}\n`;
}

/** CommonMark 4.5, fenced code blocks. */
function afterLine(line: string, fence: OpenFence | undefined): OpenFence | undefined {
  const match = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line.trimEnd());
  if (match === null) return fence;
  const [, marker = '', info = ''] = match;
  if (fence === undefined) {
    const isInlineCode = marker.startsWith('`') && info.includes('`');
    return isInlineCode ? undefined : { marker, opening: line };
  }
  const closes = marker.startsWith(fence.marker.charAt(0)) && marker.length >= fence.marker.length && info.trim() === '';
  return closes ? undefined : fence;
}
