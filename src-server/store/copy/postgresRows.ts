import type { Client } from 'pg';
import { DATABASE_TABLES, placeBeforeAll, placeOf, type Row, type TableName } from './databaseTables';

/** Rows that are looked at for a page, and bytes after which it is cut short. One row always fits. */
const PAGE_ROWS = 2_000;
const PAGE_BYTES = 4 * 1024 * 1024;

/** What counts as the size of a row; Postgres knows it without reading a long value. */
const BYTES: Readonly<Record<TableName, string>> = {
  object: 'octet_length(value)',
  log: 'coalesce(octet_length(prev_value), 0)',
  event_stream: 'octet_length(name)',
  event: 'octet_length(data)',
};

/** Which rows are not on their way out. */
const ALIVE: Readonly<Record<TableName, string>> = {
  object: 'true',
  log: 'true',
  event_stream: 'name IS NOT NULL',
  event: 'EXISTS (SELECT 1 FROM event_stream AS s WHERE s.id = event.stream AND s.name IS NOT NULL)',
};

/** Pages of a table, over a connection whose transaction sees one state of it. */
export async function* postgresPages(client: Client, table: TableName, opts: { after?: Row } = {}): AsyncGenerator<readonly Row[]> {
  const statement = { name: `kradle_pages_${table}`, text: pageStatement(table), rowMode: 'array' as const };
  let after = opts.after ?? placeBeforeAll(table);
  for (;;) {
    const { rows } = await client.query<[...Row]>({ ...statement, values: [...after] });
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = placeOf(table, last);
  }
}

export function columnsOf(table: TableName): string {
  return Object.keys(DATABASE_TABLES[table].columns).map((column) => `"${column}"`).join(', ');
}

function pageStatement(table: TableName): string {
  const columns = columnsOf(table);
  const order = DATABASE_TABLES[table].place.join(', ');
  const after = DATABASE_TABLES[table].place.map((column, index) => `$${index + 1}::${DATABASE_TABLES[table].columns[column] === 'text' ? 'text' : 'bigint'}`).join(', ');
  return `SELECT ${columns} FROM (
      SELECT *, sum(bytes) OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING) - bytes AS before FROM (
        SELECT ${columns}, ${BYTES[table]} AS bytes FROM ${table} WHERE (${order}) > (${after}) AND ${ALIVE[table]} ORDER BY ${order} LIMIT ${PAGE_ROWS}
      ) AS candidates
    ) AS page WHERE before < ${PAGE_BYTES} ORDER BY ${order}`;
}
