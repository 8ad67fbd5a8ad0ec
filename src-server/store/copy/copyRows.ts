import { isDeepStrictEqual } from 'node:util';
import type { DatabaseSnapshot, NewDatabase, RowSource } from './databaseSnapshot';
import { TABLE_NAMES, type TableName } from './databaseTables';
import { encodeRows, RowDigest, type TableDigest } from './rowCodec';

export type DatabaseDigest = Readonly<Record<TableName, TableDigest>>;

export interface CopyOptions {
  /** Rows done so far, of how many. */
  readonly onProgress?: (progress: { step: 'copy' | 'verify'; table: TableName; done: number; total: number }) => void;
  readonly signal?: AbortSignal;
}

/**
 * Copies every row of a snapshot into a new database, reads all of them back, and answers the digest that both sides agree in.
 * Throws when they do not.
 */
export async function copyRows(from: DatabaseSnapshot, to: NewDatabase, opts: CopyOptions = {}): Promise<DatabaseDigest> {
  const written = await digestRows(from, { ...opts, step: 'copy', totals: await countRows(from), onPage: (table, rows) => to.write(table, rows) });
  await to.setRevisions(from);
  await verifyRows(to, written, opts);
  return written;
}

/** Reads back what was written and compares. */
export async function verifyRows(written: RowSource, expected: DatabaseDigest, opts: CopyOptions = {}): Promise<void> {
  const totals = mapTables((table) => expected[table].rows);
  const found = await digestRows(written, { ...opts, step: 'verify', totals });
  const different = TABLE_NAMES.filter((table) => !isDeepStrictEqual(found[table], expected[table]));
  if (different.length > 0) throw new Error(`What was read back is not what was written: ${different.map((table) => `${table} has ${found[table].rows} rows of ${expected[table].rows}`).join(', ')}`);
}

export async function countRows(snapshot: DatabaseSnapshot): Promise<Readonly<Record<TableName, number>>> {
  const counts = new Map<TableName, number>();
  for (const table of TABLE_NAMES) counts.set(table, await snapshot.count(table));
  return mapTables((table) => counts.get(table) ?? 0);
}

/** One value for each table. */
export function mapTables<TValue>(valueOf: (table: TableName) => TValue): Readonly<Record<TableName, TValue>> {
  return { object: valueOf('object'), log: valueOf('log'), event: valueOf('event'), event_stream: valueOf('event_stream') };
}

interface DigestOptions extends CopyOptions {
  readonly step: 'copy' | 'verify';
  readonly totals: Readonly<Record<TableName, number>>;
  readonly onPage?: (table: TableName, rows: Parameters<NewDatabase['write']>[1]) => Promise<void>;
}

async function digestRows(source: RowSource, { step, totals, onPage, onProgress, signal }: DigestOptions): Promise<DatabaseDigest> {
  const results = new Map<TableName, TableDigest>();
  for (const table of TABLE_NAMES) {
    const digest = new RowDigest();
    let done = 0;
    for await (const rows of source.pages(table)) {
      signal?.throwIfAborted();
      digest.add(rows, encodeRows(rows));
      await onPage?.(table, rows);
      done += rows.length;
      onProgress?.({ step, table, done, total: totals[table] });
    }
    results.set(table, digest.result());
  }
  signal?.throwIfAborted();
  const none = new RowDigest().result();
  return mapTables((table) => results.get(table) ?? none);
}
