import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { watching, widget } from '../../../../test/conformance/storeSuite';
import { silentLogger } from '../../../app/log';
import { MIGRATIONS, SCHEMA_VERSION } from '../migrations';
import { openSqlite, translatingSqliteErrors } from './openSqlite';
import { openSqliteStore } from './openSqliteStore';
import { migrateSqlite } from './sqliteMigrations';
import { STATEMENTS } from '../statements';

describe('openSqlite', () => {
  test('sets what durability and compaction rest on', async () => {
    const path = await temporaryFile();
    const read = (db: Database.Database, pragma: string): unknown => db.pragma(pragma, { simple: true });
    const full = openSqlite(path, { synchronous: 'FULL', cacheKiB: 1_024 });
    expect([read(full, 'journal_mode'), read(full, 'synchronous'), read(full, 'auto_vacuum')]).toEqual(['wal', 2, 2]);
    const normal = openSqlite(path, { synchronous: 'NORMAL', cacheKiB: 1_024 });
    expect(read(normal, 'synchronous')).toBe(1);
    normal.close();
    full.close();
  });

  test('a file that is no database is no full disk', async () => {
    const path = await temporaryFile();
    await writeFile(path, 'not a database, but long enough to be taken for a header'.repeat(100));
    expect(() => openSqlite(path, { synchronous: 'FULL', cacheKiB: 1_024 })).toThrow(expect.objectContaining({ code: 'SQLITE_NOTADB' }));
  });

  test.each([
    ['SQLITE_FULL', 'InsufficientStorage'],
    ['SQLITE_IOERR_WRITE', 'InsufficientStorage'],
    ['SQLITE_IOERR_FSYNC', 'InsufficientStorage'],
    ['SQLITE_READONLY_DBMOVED', 'InsufficientStorage'],
    ['SQLITE_BUSY_SNAPSHOT', 'ServiceUnavailable'],
  ])('%s is reported as %s', (code, reason) => {
    const fail = (): never => {
      throw new Database.SqliteError('it happened', code);
    };
    expect(() => translatingSqliteErrors(fail)).toThrow(expect.objectContaining({ reason, cause: expect.objectContaining({ code }) }));
  });

  test('a failed read is not taken for a full disk', () => {
    const error = new Database.SqliteError('it happened', 'SQLITE_IOERR_READ');
    expect(() => translatingSqliteErrors(() => { throw error; })).toThrow(error);
  });
});

describe('the statements of the store', () => {
  test.each([
    ['countKeys', 'COVERING INDEX sqlite_autoindex_object_1 (key>? AND key<?)'],
    ['pageCurrent', 'INDEX sqlite_autoindex_object_1 (key>? AND key<?)'],
    ['pageAsOf', 'INDEX log_by_key (key>? AND key<?)'],
    ['logAfter', 'INTEGER PRIMARY KEY (rowid>?)'],
    ['trimLog', 'INTEGER PRIMARY KEY (rowid<?)'],
  ] as const)('%s reads a range of an index and sorts nothing', async (name, expected) => {
    const db = openSqlite(await temporaryFile(), { synchronous: 'FULL', cacheKiB: 1_024 });
    migrateSqlite(db);
    const sql = STATEMENTS[name];
    const parameters = Array.from({ length: sql.split('?').length - 1 }, () => 'x');
    const plan = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters).map((row) => row.detail);
    db.close();
    expect(plan.join('\n')).toContain(expected);
    expect(plan.filter((line) => /^SCAN|TEMP B-TREE/.test(line))).toEqual([]);
  });
});

test('a file of each earlier schema is brought up to date with what it holds, its history included', async () => {
  for (const from of MIGRATIONS.map(({ version }) => version).slice(0, -1)) {
    const path = await temporaryFile();
    const db = openSqlite(path, { synchronous: 'FULL', cacheKiB: 1_024 });
    for (const { version, sqlite } of MIGRATIONS) if (version <= from) db.exec(sqlite);
    db.pragma(`user_version = ${from}`);
    const value = (size: number) => JSON.stringify({ ...widget('a', { size }), metadata: { ...widget('a').metadata, resourceVersion: undefined } });
    db.prepare('INSERT INTO object VALUES (?, ?, 2, ?)').run('widgets/n/a', 'uid-a', value(2));
    const hasValue = from < 4;
    const log = db.prepare(`INSERT INTO log (revision, key, type, prev_revision, at, prev_value${hasValue ? ', value' : ''}) VALUES (?, 'widgets/n/a', ?, ?, 0, ?${hasValue ? ', ?' : ''})`);
    log.run(1, 'C', null, null, ...(hasValue ? [value(1)] : []));
    log.run(2, 'U', 1, value(1), ...(hasValue ? [value(2)] : []));
    db.exec('UPDATE meta SET revision = 2');
    db.close();
    const { store, close } = await openSqliteStore({ path, log: silentLogger() });
    await store.start();
    onTestFinished(close);
    expect((await store.list({ atResourceVersion: '1' })).items.map(({ spec }) => spec.size)).toEqual([1]);
    expect((await store.list({})).items.map(({ spec }) => spec.size)).toEqual([2]);
    expect((await watching(store, { resourceVersion: '0' }).take(2)).map(({ object }) => object?.spec.size)).toEqual([1, 2]);
    const migrated = new Database(path, { readonly: true });
    expect(migrated.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
    migrated.close();
  }
});

async function temporaryFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-sqlite-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'kradle.db');
}
