import type { ObserveOperation } from '../../src-server/store/sql/observeOperation';
import { openSqlite } from '../../src-server/store/sql/sqlite/openSqlite';
import { SqliteDialect } from '../../src-server/store/sql/sqlite/sqliteDialect';
import { migrateSqlite } from '../../src-server/store/sql/sqlite/sqliteMigrations';
import { SqliteWriter } from '../../src-server/store/sql/sqlite/sqliteWriter';
import type { SqliteAnswers, SqliteOperation, SqliteWrite, SqliteWrites } from '../../src-server/store/sql/sqlite/sqliteWrites';
import { EventFollowers } from '../../src-server/store/eventFollowers';

type Sent = { write: SqliteWrite; resolve(answer: SqliteAnswers[SqliteOperation]): void; reject(error: unknown): void };

/**
 * What the store's thread does, done on this one when the turn of the event loop ends: for tests that look at the writing connection, or turn its knobs. Which is
 * `db` here; reads go over another, as they do in the server.
 */
export function openInline(path: string, { observe = () => undefined, onApart = () => undefined }: { observe?: ObserveOperation; onApart?: (error: unknown) => void } = {}) {
  const db = openSqlite(path, { synchronous: 'FULL', cacheKiB: 2_000 });
  migrateSqlite(db);
  const reading = openSqlite(path, { synchronous: 'FULL', cacheKiB: 2_000 });
  const writer = new SqliteWriter(db, { observe, onApart });
  let sent: Sent[] = [];

  const carryOut = (): void => {
    while (sent.length > 0) {
      const settled = writer.next(sent.map(({ write }) => write));
      const answered = sent.slice(0, settled.length);
      sent = sent.slice(settled.length);
      for (const [index, { resolve, reject }] of answered.entries()) {
        const each = settled[index];
        if (each === undefined || 'error' in each) reject(each?.error);
        else resolve(each.result);
      }
    }
  };

  const writes: SqliteWrites = {
    send<TOp extends SqliteOperation>(write: Extract<SqliteWrite, { op: TOp }>) {
      return new Promise<SqliteAnswers[SqliteOperation]>((resolve, reject) => {
        if (sent.length === 0) setImmediate(carryOut);
        sent.push({ write, resolve, reject });
      }) as Promise<SqliteAnswers[TOp]>;
    },
    flush: async () => carryOut(),
    close: async () => carryOut(),
  };
  const dialect = new SqliteDialect(reading, { observe, writes, followers: new EventFollowers() });
  return { db, dialect, close: (): void => [reading, db].forEach((each) => each.close()) };
}
