import { displayWidth, padToWidth, truncateToWidth } from './terminalText';

export interface TextColumn {
  readonly header: string;
  readonly align?: 'start' | 'end';
  /** Colours a cell after it was padded, so that widths stay true. */
  readonly paint?: (padded: string, text: string) => string;
}

const GAP = '   ';
/** A column is not squeezed below this many columns of screen. */
const NARROWEST = 8;

/**
 * Lays out a table, headers in capitals. When it is wider than `width`, the widest columns give way; the first column never does,
 * because it is what people copy.
 */
export function renderTextTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[], width: number): string {
  const headers = columns.map((column) => column.header.toUpperCase());
  const natural = columns.map((_, index) => Math.max(...[headers, ...rows].map((cells) => displayWidth(cells[index] ?? ''))));
  const widths = fitWidths(natural, width - GAP.length * (columns.length - 1));
  const line = (cells: readonly string[], paint: boolean): string =>
    columns
      .map((column, index) => {
        const text = truncateToWidth(cells[index] ?? '', widths[index] ?? 0);
        const padded = padToWidth(text, widths[index] ?? 0, column.align);
        return paint && column.paint !== undefined ? column.paint(padded, text) : padded;
      })
      .join(GAP)
      .trimEnd();
  return `${[line(headers, false), ...rows.map((cells) => line(cells, true))].join('\n')}\n`;
}

function fitWidths(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, 0) - available;
  while (excess > 0) {
    const widest = widths.reduce((best, each, index) => (index > 0 && (best === -1 || each > (widths[best] ?? 0)) ? index : best), -1);
    const current = widths[widest] ?? 0;
    if (widest === -1 || current <= NARROWEST) break;
    // Down to the next widest, so that long columns shrink alike.
    const next = Math.max(NARROWEST, ...widths.filter((each, index) => index > 0 && index !== widest && each < current));
    const step = Math.max(1, Math.min(excess, current - next));
    widths[widest] = current - step;
    excess -= step;
  }
  return widths;
}
