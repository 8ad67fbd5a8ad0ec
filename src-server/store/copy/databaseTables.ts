/** A value as both databases have it. */
export type Cell = string | bigint | null;
/** The cells of a row, in the order of its table's columns. */
export type Row = readonly Cell[];

type ColumnType = 'text' | 'integer' | 'text or null' | 'integer or null';

export interface DatabaseTable {
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Columns by which rows are ordered and told apart. */
  readonly place: readonly string[];
}

export type TableName = 'object' | 'log' | 'event' | 'event_stream';

/**
 * What a database holds, whichever it is, beside the counter row: the rows that a copy or a backup consists of. A stream that was
 * dropped is not among them, nor are its entries, nor is history below the floor: they are on their way out. Tables are read in this
 * order: what a stream's row says of its entries is known when they have been read.
 */
export const DATABASE_TABLES: Readonly<Record<TableName, DatabaseTable>> = {
  object: { columns: { key: 'text', uid: 'text', revision: 'integer', value: 'text' }, place: ['key'] },
  log: {
    columns: { revision: 'integer', key: 'text', type: 'text', prev_revision: 'integer or null', at: 'integer', prev_value: 'text or null' },
    place: ['revision'],
  },
  event: { columns: { stream: 'integer', seq: 'integer', id: 'text', at: 'text', type: 'text', data: 'text' }, place: ['stream', 'seq'] },
  event_stream: { columns: { id: 'integer', name: 'text', last_seq: 'integer' }, place: ['id'] },
};

/** A column that a table had in earlier schemas, and where it stood: the rows of a backup of then have one cell more. */
export const FORMER_COLUMNS: Readonly<Partial<Record<TableName, { readonly index: number; readonly type: ColumnType }>>> = {
  // What a change made; until schema 4.
  log: { index: 5, type: 'text or null' },
};

export const TABLE_NAMES = Object.keys(DATABASE_TABLES) as readonly TableName[];

/** What the rows of a table are called where people read of them. */
export const ROWS_OF: Readonly<Record<TableName, string>> = { object: 'objects', log: 'changes', event_stream: 'event streams', event: 'events' };

/** The place before every row. */
export function placeBeforeAll(table: TableName): Row {
  const { columns, place } = DATABASE_TABLES[table];
  return place.map((column) => (columns[column] === 'text' ? '' : -1n));
}

/** Where a row stands in the order of its table. */
export function placeOf(table: TableName, row: Row): Row {
  const { columns, place } = DATABASE_TABLES[table];
  const names = Object.keys(columns);
  return place.map((column) => row[names.indexOf(column)] ?? null);
}

/** Size of a row in memory, in characters of text. */
export function sizeOfRow(row: Row): number {
  return row.reduce((sum, cell) => sum + (typeof cell === 'string' ? cell.length : 8), 0);
}
