import type { Statement } from 'better-sqlite3';

/** What a page of rows may hold in memory before it is cut short, in characters. One row always fits. */
const PAGE_CHARACTERS = 4 * 1024 * 1024;

/**
 * Runs a query to its end or to the page's size, whichever comes first, and closes it before it returns: a statement left open
 * across an await would pin the write-ahead log. `more` is true when rows were left out; ask for one row more than wanted to know
 * whether the limit cut something off.
 */
export function boundedRows<TParameters extends unknown[], TRow>(
  statement: Statement<TParameters, TRow>,
  parameters: TParameters,
  opts: { limit: number; sizeOf: (row: TRow) => number },
): { rows: TRow[]; more: boolean } {
  const rows: TRow[] = [];
  let size = 0;
  for (const row of statement.iterate(...parameters)) {
    size += opts.sizeOf(row);
    if (rows.length >= opts.limit || (size > PAGE_CHARACTERS && rows.length > 0)) return { rows, more: true };
    rows.push(row);
  }
  return { rows, more: false };
}
