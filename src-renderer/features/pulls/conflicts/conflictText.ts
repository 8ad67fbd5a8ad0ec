/** A stretch of a file that is being merged: lines that both sides have, or a block in which they differ. */
export type ConflictPart =
  | { readonly type: 'text'; readonly lines: readonly string[] }
  | { readonly type: 'conflict'; readonly ours: readonly string[]; readonly base: readonly string[] | undefined; readonly theirs: readonly string[]; readonly source: readonly string[] };

/** How a block is settled: by one side, or by both, one after the other. */
export type BlockChoice = 'ours' | 'theirs' | 'both' | 'both-theirs-first';

/**
 * Reads a text with git's conflict markers (gitformat "merge", styles merge, diff3 and zdiff3). Lines keep a carriage return that they end
 * in, so that what comes out has the line ends of the file. A marker without its partners is text.
 */
export function conflictParts(text: string): ConflictPart[] {
  const lines = text.split('\n');
  const parts: ConflictPart[] = [];
  let plain: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const block = isMarker(lines[at], '<') ? readBlock(lines, at) : undefined;
    if (block === undefined) {
      plain.push(lines[at] ?? '');
      continue;
    }
    if (plain.length > 0) parts.push({ type: 'text', lines: plain });
    plain = [];
    parts.push(block.part);
    at = block.end;
  }
  if (plain.length > 0) parts.push({ type: 'text', lines: plain });
  return parts;
}

/** The file with the choices made; a block without one keeps its markers. Choices are by the block's number, from 0. */
export function resolvedText(parts: readonly ConflictPart[], choices: ReadonlyMap<number, BlockChoice>): string {
  let block = -1;
  const lines = parts.flatMap((part) => {
    if (part.type === 'text') return part.lines;
    block += 1;
    const choice = choices.get(block);
    return choice === undefined ? part.source : chosenLines(part, choice);
  });
  return lines.join('\n');
}

export function chosenLines(part: Extract<ConflictPart, { type: 'conflict' }>, choice: BlockChoice): readonly string[] {
  switch (choice) {
    case 'ours':
      return part.ours;
    case 'theirs':
      return part.theirs;
    case 'both':
      return [...part.ours, ...part.theirs];
    case 'both-theirs-first':
      return [...part.theirs, ...part.ours];
  }
}

export function blockCount(parts: readonly ConflictPart[]): number {
  return parts.filter((part) => part.type === 'conflict').length;
}

/** Whether a text still has a block that somebody has to settle. */
export function hasConflicts(text: string): boolean {
  return conflictParts(text).some((part) => part.type === 'conflict');
}

/** An editor gives lines without carriage returns; a file that had them gets them back. */
export function withLineEndsOf(original: string, edited: string): string {
  const crlf = original.split('\r\n').length - 1;
  const all = original.split('\n').length - 1;
  return crlf > all / 2 ? edited.replace(/\r?\n/g, '\r\n') : edited;
}

function readBlock(lines: readonly string[], start: number): { part: Extract<ConflictPart, { type: 'conflict' }>; end: number } | undefined {
  let [baseAt, middle] = [-1, -1];
  for (let at = start + 1; at < lines.length; at += 1) {
    const line = lines[at];
    if (isMarker(line, '<')) return undefined;
    if (isMarker(line, '|') && middle === -1 && baseAt === -1) baseAt = at;
    else if (isMarker(line, '=') && middle === -1) middle = at;
    else if (isMarker(line, '>')) {
      if (middle === -1) return undefined;
      const part = {
        type: 'conflict' as const,
        ours: lines.slice(start + 1, baseAt === -1 ? middle : baseAt),
        base: baseAt === -1 ? undefined : lines.slice(baseAt + 1, middle),
        theirs: lines.slice(middle + 1, at),
        source: lines.slice(start, at + 1),
      };
      return { part, end: at };
    }
  }
  return undefined;
}

/** Seven signs, and nothing or a space and a name after them. */
function isMarker(line: string | undefined, sign: '<' | '|' | '=' | '>'): boolean {
  if (line === undefined) return false;
  const rest = line.endsWith('\r') ? line.slice(0, -1) : line;
  return rest.startsWith(sign.repeat(7)) && (rest.length === 7 || rest[7] === ' ');
}
