/** What a comment suggests instead of the lines that it is on. */
export interface Suggestion {
  /** The new lines without their ends; none removes the old ones. */
  readonly lines: readonly string[];
}

/** The first ```suggestion fence of a comment (GitHub's form); undefined for a comment without one. A longer fence may hold shorter ones. */
export function readSuggestion(body: string): Suggestion | undefined {
  const lines = body.replaceAll('\r\n', '\n').split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const open = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`\s]*)/.exec(lines[at] ?? '');
    if (open === null) continue;
    const [, fence = '', language] = open;
    const end = lines.findIndex((line, index) => index > at && closes(line, fence));
    if (language === 'suggestion') return { lines: lines.slice(at + 1, end < 0 ? lines.length : end) };
    if (end < 0) return undefined;
    at = end;
  }
  return undefined;
}

function closes(line: string, fence: string): boolean {
  const text = line.trim();
  return text.length >= fence.length && text === (fence[0] ?? '').repeat(text.length) && /^ {0,3}\S/.test(line);
}

/** One replacement of whole lines of a file. */
export interface LineReplacement {
  readonly startLine: number;
  readonly endLine: number;
  readonly lines: readonly string[];
}

/**
 * A text with some of its lines replaced; each is counted in the text as it is. New lines end as the text's do, and a text whose last line has
 * no end keeps it so. Throws RangeError for ranges that overlap or lie outside.
 */
export function replaceLines(text: string, replacements: readonly LineReplacement[]): string {
  const ordered = [...replacements].sort((left, right) => left.startLine - right.startLine);
  const lines = splitLines(text);
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const out: string[] = [];
  let next = 1;
  for (const { startLine, endLine, lines: added } of ordered) {
    if (startLine < next || endLine < startLine || endLine > lines.length) throw new RangeError(`lines ${startLine} to ${endLine} cannot be replaced`);
    out.push(...lines.slice(next - 1, startLine - 1), ...added.map((line) => `${line}${ending}`));
    next = endLine + 1;
  }
  const result = [...out, ...lines.slice(next - 1)].join('');
  const endedOpen = !text.endsWith('\n');
  const endsInReplacement = next > lines.length && (ordered.at(-1)?.lines.length ?? 0) > 0;
  return endedOpen && endsInReplacement && result.endsWith(ending) ? result.slice(0, -ending.length) : result;
}

/** Lines with their ends. */
function splitLines(text: string): string[] {
  return text === '' ? [] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
}
