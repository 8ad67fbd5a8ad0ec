/** A part is cut at the first blank line after this many characters, so that a streamed message parses only its last part again. */
const PART_LENGTH = 4000;
/** A code block without a blank line at its end is cut too: nothing on the page may grow without bound. */
const MAX_PART_LENGTH = 24_000;

interface OpenFence {
  /** The line that closes it begins with this. */
  readonly marker: string;
  /** The line that opened it. */
  readonly opening: string;
}

/**
 * Splits Markdown into parts that can be shown one by one. Cuts lie between blocks; a code block that is cut is closed at the end
 * of its part and opened again in the next. Text that grows at its end keeps all its parts but the last.
 */
export function messageParts(text: string): string[] {
  if (text.length <= PART_LENGTH) return [text];
  const parts: string[] = [];
  let part = '';
  let fence: OpenFence | undefined;
  for (const line of text.split(/(?<=\n)/)) {
    fence = afterLine(line, fence);
    part += line;
    const atBlockEnd = fence === undefined && line.trim() === '';
    if (part.length >= PART_LENGTH && atBlockEnd) {
      parts.push(part);
      part = '';
    } else if (part.length >= MAX_PART_LENGTH) {
      parts.push(fence === undefined ? part : `${part.endsWith('\n') ? part : `${part}\n`}${fence.marker}\n`);
      part = fence === undefined ? '' : fence.opening;
    }
  }
  if (part !== '') parts.push(part);
  return parts;
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
