import type { CodeCell, DiffRow } from './diffRows';

/** Characters that a line of code has room for, where lines are wrapped. */
export interface CodeColumns {
  readonly unified: number;
  /** In each half. */
  readonly split: number;
}

/** Height of a line of code, in px: `leading-5`. */
const LINE = 20;
const TAB_WIDTH = 4;
const HEIGHTS: Readonly<Record<DiffRow['type'], number>> = { file: 40, note: 46, gap: 28, line: LINE, pair: LINE, thread: 120, composer: 220, image: 320, end: 16 };

/**
 * About how high a row is before it was ever drawn, in px. What is right here need not be corrected while the reader scrolls, and the scroll bar
 * stays where it is. `columns` is undefined where lines are not wrapped.
 */
export function rowHeight(row: DiffRow, columns: CodeColumns | undefined): number {
  if (columns === undefined) return HEIGHTS[row.type];
  if (row.type === 'line') return LINE * cellLines(row.cell, columns.unified);
  if (row.type === 'pair') return LINE * Math.max(cellLines(row.left, columns.split), cellLines(row.right, columns.split));
  return HEIGHTS[row.type];
}

function cellLines(cell: CodeCell | undefined, columns: number): number {
  return cell === undefined ? 1 : wrappedLines(cell.text, columns);
}

/** Lines that a text takes in a column of so many characters: broken after spaces and hyphens, and within what is longer than the column. */
export function wrappedLines(text: string, columns: number): number {
  const spread = text.includes('\t') ? text.replaceAll('\t', ' '.repeat(TAB_WIDTH)) : text;
  if (spread.length <= columns) return 1;
  let lines = 1;
  let at = 0;
  for (const [whole, word = ''] of spread.matchAll(/([^ -]*-?)( *)/g)) {
    if (word !== '' && at > 0 && at + word.length > columns) {
      lines += 1;
      at = 0;
    }
    const over = Math.max(0, Math.ceil(word.length / columns) - 1);
    lines += over;
    // Spaces at the end of a line hang over its edge.
    at += whole.length - over * columns;
  }
  return lines;
}
