import { diffArrays } from 'diff';

/** Half-open range of UTF-16 code units within a line. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export interface WordDiff {
  readonly old: readonly TextRange[];
  readonly new: readonly TextRange[];
}

const MAX_LINE_LENGTH = 2000;
/** Below this share of unchanged text two lines are not versions of one another, and marking words only adds noise. */
const MIN_SHARED = 0.35;

/**
 * What changed between two versions of a line, in words. Undefined when the lines are equal, too long, or too different for
 * marks within the line to help.
 */
export function wordDiff(before: string, after: string): WordDiff | undefined {
  if (before === after || before.length > MAX_LINE_LENGTH || after.length > MAX_LINE_LENGTH) return undefined;
  const oldRanges: TextRange[] = [];
  const newRanges: TextRange[] = [];
  let [oldAt, newAt, shared] = [0, 0, 0];
  for (const change of diffArrays(words(before), words(after))) {
    const text = change.value.join('');
    if (change.removed) {
      append(oldRanges, oldAt, text.length);
      oldAt += text.length;
    } else if (change.added) {
      append(newRanges, newAt, text.length);
      newAt += text.length;
    } else {
      shared += text.trim().length;
      oldAt += text.length;
      newAt += text.length;
    }
  }
  const longest = Math.max(before.trim().length, after.trim().length);
  if (longest > 0 && shared / longest < MIN_SHARED) return undefined;
  return { old: bridge(oldRanges, before), new: bridge(newRanges, after) };
}

function words(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
}

function append(ranges: TextRange[], start: number, length: number): void {
  if (length > 0) ranges.push({ start, end: start + length });
}

/** Joins ranges that only white space keeps apart: one mark reads better than three. */
function bridge(ranges: readonly TextRange[], text: string): TextRange[] {
  const joined: TextRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last !== undefined && text.slice(last.end, range.start).trim() === '') joined[joined.length - 1] = { start: last.start, end: range.end };
    else joined.push(range);
  }
  return joined;
}
