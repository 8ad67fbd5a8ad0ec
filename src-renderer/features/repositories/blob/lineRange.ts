/** Lines of a file, 1-based, both included. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** `L10` or `L10-L20` of an address; undefined for anything else. */
export function parseLineRange(hash: string): LineRange | undefined {
  const match = /^#?L(\d{1,7})(?:-L?(\d{1,7}))?$/.exec(hash);
  if (match?.[1] === undefined) return undefined;
  const [a, b] = [Number(match[1]), Number(match[2] ?? match[1])];
  return a < 1 || b < 1 ? undefined : { start: Math.min(a, b), end: Math.max(a, b) };
}

/** The inverse of {@link parseLineRange}. */
export function formatLineRange(range: LineRange): string {
  return range.start === range.end ? `L${range.start}` : `L${range.start}-L${range.end}`;
}

/** What a click on a line number selects; with Shift it extends what is selected. */
export function clickLine(current: LineRange | undefined, line: number, extend: boolean): LineRange {
  if (!extend || current === undefined) return { start: line, end: line };
  return line < current.start ? { start: line, end: current.end } : { start: current.start, end: line };
}
