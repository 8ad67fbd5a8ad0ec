import { createHash, type Hash } from 'node:crypto';
import { StatusError } from '#shared/api/status';
import { DATABASE_TABLES, FORMER_COLUMNS, type Cell, type Row, type TableName } from './databaseTables';

const INTEGER_PATTERN = /^(0|-?[1-9]\d{0,18})$/;

/**
 * Rows as text: one a line, each a JSON array of its cells, integers as decimal text. The same rows are the same bytes, whichever
 * database they come from.
 */
export function encodeRows(rows: readonly Row[]): Buffer {
  return Buffer.from(rows.map((row) => `${JSON.stringify(row.map((cell) => (typeof cell === 'bigint' ? cell.toString() : cell)))}\n`).join(''));
}

/** The inverse of {@link encodeRows}, also of rows that an earlier schema had, which come as they are today. `Invalid` for text that it did not make. */
export function decodeRows(table: TableName, text: Buffer): Row[] {
  const types: string[] = Object.values(DATABASE_TABLES[table].columns);
  const lines = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text).split('\n');
  if (lines.pop() !== '') throw badRow(table);
  return lines.map((line) => {
    const cells = parseLine(line);
    const former = cells?.length === types.length + 1 ? FORMER_COLUMNS[table] : undefined;
    const expected = former === undefined ? types : types.toSpliced(former.index, 0, former.type);
    if (cells?.length !== expected.length) throw badRow(table);
    const row = expected.map((type, index) => readCell(table, type, cells[index]));
    return former === undefined ? row : row.toSpliced(former.index, 1);
  });
}

/** Counts rows and digests them, in their order. */
export class RowDigest {
  readonly #hash: Hash = createHash('sha256');
  #rows = 0;

  /** `text` is what {@link encodeRows} made of the rows. */
  add(rows: readonly Row[], text: Buffer = encodeRows(rows)): void {
    this.#hash.update(text);
    this.#rows += rows.length;
  }

  /** To be asked once, at the end. */
  result(): TableDigest {
    return { rows: this.#rows, sha256: this.#hash.digest('hex') };
  }
}

/** What a table holds: equal when every cell of every row is. */
export interface TableDigest {
  readonly rows: number;
  /** Of the rows as {@link encodeRows} writes them, in order. */
  readonly sha256: string;
}

function readCell(table: TableName, type: string, cell: unknown): Cell {
  if (cell === null && type.endsWith(' or null')) return null;
  if (typeof cell !== 'string') throw badRow(table);
  if (!type.startsWith('integer')) return cell;
  if (!INTEGER_PATTERN.test(cell)) throw badRow(table);
  return BigInt(cell);
}

function parseLine(line: string): readonly unknown[] | undefined {
  try {
    const cells: unknown = JSON.parse(line);
    return Array.isArray(cells) ? cells : undefined;
  } catch {
    return undefined;
  }
}

function badRow(table: TableName): StatusError {
  return new StatusError('Invalid', `A line of the table "${table}" is not a row of it`);
}
