import type { DiffFile } from '#shared/api/git';
import type { DiffAnchor, DiffSide } from '../model/diffAnchor';
import type { DiffRow } from '../model/diffRows';

export type DiffStop = 'file' | 'change' | 'thread' | 'line';

/** The place that a row is, when it is one: a file by its header, a line on the side that the reader would speak of. */
export function placeOfRow(row: DiffRow): DiffAnchor | undefined {
  const path = row.file.path;
  if (row.type === 'file') return { path };
  if (row.type === 'line') return row.cell.line === undefined ? undefined : at(path, row.cell.type === 'delete' ? 'old' : 'new', row.cell.line);
  if (row.type !== 'pair') return undefined;
  if (row.right?.line !== undefined) return at(path, 'new', row.right.line);
  return row.left?.line === undefined ? undefined : at(path, 'old', row.left.line);
}

/** The number that a row's line has on a side. */
export function lineOfRow(row: DiffRow, side: DiffSide): number | undefined {
  if (row.type === 'line') return side === 'old' ? row.oldLine : row.newLine;
  return row.type === 'pair' ? (side === 'old' ? row.left : row.right)?.line : undefined;
}

/** The row of a place: the last line of a range, the header of a file. -1 when it does not show. */
export function rowOfPlace(rows: readonly DiffRow[], place: DiffAnchor): number {
  return rows.findIndex((row) => {
    if (row.file.path !== place.path) return false;
    if (place.start === undefined) return row.type === 'file';
    if (row.type === 'line' && row.cell.type !== 'context' && (row.cell.type === 'delete') !== (place.side === 'old')) return false;
    return lineOfRow(row, place.side ?? 'new') === (place.end ?? place.start);
  });
}

/** Whether a row is where the reader stops: a file's header, the first line of a run of changes, a conversation, any line. */
export function isStop(rows: readonly DiffRow[], index: number, stop: DiffStop): boolean {
  const row = rows[index];
  if (row === undefined) return false;
  switch (stop) {
    case 'file':
      return row.type === 'file';
    case 'thread':
      return row.type === 'thread';
    case 'line':
      return row.type === 'line' || row.type === 'pair';
    case 'change':
      return isChange(row) && !isChange(rows[index - 1]);
  }
}

/** The next or previous stop after a row; undefined when there is none. `from` may lie before the first or after the last row. */
export function nextStop(rows: readonly DiffRow[], from: number, step: { stop: DiffStop; by: 1 | -1 }): number | undefined {
  for (let index = from + step.by; index >= 0 && index < rows.length; index += step.by) if (isStop(rows, index, step.stop)) return index;
  return undefined;
}

/** A selection that reaches from where it began to a line of the same file and side; a line elsewhere begins anew. */
export function selectTo(pivot: DiffAnchor | undefined, to: { path: string; side: DiffSide; line: number }): DiffAnchor {
  const from = pivot?.path === to.path && (pivot.side ?? 'new') === to.side ? (pivot.start ?? to.line) : to.line;
  return { path: to.path, side: to.side, start: Math.min(from, to.line), end: Math.max(from, to.line) };
}

/** The text of the selected lines that the diff shows, to copy: without numbers and signs. */
export function selectedText(rows: readonly DiffRow[], selection: DiffAnchor): string {
  const { path, side = 'new', start, end } = selection;
  if (start === undefined) return '';
  const lines: string[] = [];
  for (const row of rows) {
    if (row.file.path !== path) continue;
    const line = lineOfRow(row, side);
    if (line === undefined || line < start || line > (end ?? start)) continue;
    const cell = row.type === 'line' ? row.cell : row.type === 'pair' ? (side === 'old' ? row.left : row.right) : undefined;
    if (cell !== undefined && (cell.type === 'context' || (cell.type === 'delete') === (side === 'old'))) lines.push(cell.text);
  }
  return lines.join('\n');
}

/** The file after one, or before it; undefined at the ends. */
export function fileBeside(files: readonly DiffFile[], path: string, by: 1 | -1): DiffFile | undefined {
  const index = files.findIndex((file) => file.path === path);
  return index === -1 ? undefined : files[index + by];
}

function isChange(row: DiffRow | undefined): boolean {
  return (row?.type === 'line' && row.cell.type !== 'context') || (row?.type === 'pair' && (row.left?.type !== 'context' || row.right?.type !== 'context'));
}

function at(path: string, side: DiffSide, line: number): DiffAnchor {
  return { path, side, start: line, end: line };
}
