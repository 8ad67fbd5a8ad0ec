import type { DiffFile, DiffHunk } from '#shared/api/git';

/** Unchanged lines between hunks (or before the first, after the last) that the diff leaves out. */
export interface DiffGap {
  /** 0 is the gap before the first hunk. */
  readonly index: number;
  /** First hidden line of the new side, from 1. */
  readonly newStart: number;
  /** Last hidden line of the new side; undefined at the end of a file whose length is not known yet. */
  readonly newEnd: number | undefined;
  /** What to add to a line number of the new side to get the old side's. */
  readonly oldOffset: number;
  /** The hunk that follows. */
  readonly hunk: DiffHunk | undefined;
}

/** How much of a gap the reader opened, in lines from its top and from its bottom. */
export interface GapOpening {
  readonly top: number;
  readonly bottom: number;
}

export const EXPAND_STEP = 20;

/** The gaps of a file. `lineCount` is the length of the new side, when its text is loaded. */
export function diffGaps(file: DiffFile, lineCount?: number): DiffGap[] {
  if (file.binary || file.status === 'added' || file.status === 'deleted' || file.hunks.length === 0) return [];
  const gaps: DiffGap[] = [];
  let [newNext, oldOffset] = [1, 0];
  file.hunks.forEach((hunk, index) => {
    const newStart = firstLine(hunk.newStart, hunk.newLines);
    gaps.push({ index, newStart: newNext, newEnd: newStart - 1, oldOffset, hunk });
    newNext = newStart + hunk.newLines;
    oldOffset = firstLine(hunk.oldStart, hunk.oldLines) + hunk.oldLines - newNext;
  });
  if (!file.truncated && (lineCount === undefined || newNext <= lineCount)) {
    gaps.push({ index: file.hunks.length, newStart: newNext, newEnd: lineCount, oldOffset, hunk: undefined });
  }
  return gaps;
}

/** The hidden lines of a gap, given what was opened: `[from, to]` of the new side, or undefined when all show. */
export function hiddenRange(gap: DiffGap, opening: GapOpening | undefined): readonly [number, number | undefined] | undefined {
  const from = gap.newStart + (opening?.top ?? 0);
  const to = gap.newEnd === undefined ? undefined : gap.newEnd - (opening?.bottom ?? 0);
  return to !== undefined && from > to ? undefined : [from, to];
}

/** git counts an empty side's start as the line before it. */
function firstLine(start: number, lines: number): number {
  return lines === 0 ? start + 1 : start;
}
