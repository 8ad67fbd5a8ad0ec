import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src-server/app/log';
import { openSqliteStore, type OpenSqliteStoreOptions } from '../../src-server/store/sql/sqlite/openSqliteStore';
import type { SqlStorage } from '../../src-server/store/sql/sqlStorage';
import { keyOf, storeSuite, watching, widget } from './storeSuite';

storeSuite('sqlite', (opts) => openTemporary(opts ?? {}));
storeSuite('sqlite, resuming from disk alone', (opts) => openTemporary({ ...opts, recentEvents: 0 }));

describe('the store on disk', () => {
  test('reopened, it has its objects, its history and its numbering', async () => {
    const { path, storage } = await openTemporary({});
    await storage.store.create(keyOf('a'), widget('a', { size: 1 }));
    const updated = await storage.store.update(keyOf('a'), widget('a', { size: 2 }), {});
    await storage.close();

    const reopened = await openSqliteStore({ path, log: silentLogger() });
    onTestFinished(() => reopened.close());
    await reopened.store.start();
    expect(await reopened.store.get(keyOf('a'))).toEqual(updated);
    const watch = watching(reopened.store, { resourceVersion: '0' });
    expect((await watch.take(2)).map((event) => event.type)).toEqual(['ADDED', 'MODIFIED']);
    const next = await reopened.store.create(keyOf('b'), widget('b'));
    expect(BigInt(next.metadata.resourceVersion)).toBeGreaterThan(BigInt(updated.metadata.resourceVersion));
    expect((await watch.take(1))[0]?.object).toEqual(next);
  });

  test('a watch that nobody reads from and a list half way through pin nothing of the write-ahead log', async () => {
    const { path, storage, close } = await openTemporary({ recentEvents: 0 });
    onTestFinished(close);
    for (let index = 0; index < 600; index += 1) await storage.store.create(keyOf(`w${index}`), widget('w', { text: 'x'.repeat(1_000) }));
    await watching(storage.store, { resourceVersion: '0' }).take(1);
    const list = storage.store.list({});
    const db = new Database(path);
    expect(db.pragma('wal_checkpoint(TRUNCATE)')).toMatchObject([{ busy: 0 }]);
    db.close();
    expect((await storage.sizes()).walBytes).toBe(0);
    expect((await list).items).toHaveLength(600);
  });

  test('the file is made so that freed pages can be given back', async () => {
    const { path, close } = await openTemporary({});
    onTestFinished(close);
    const db = new Database(path);
    expect([db.pragma('auto_vacuum', { simple: true }), db.pragma('journal_mode', { simple: true })]).toEqual([2, 'wal']);
    db.close();
  });

  test('a file of a newer program is refused in words', async () => {
    const { path, storage } = await openTemporary({});
    await storage.close();
    const db = new Database(path);
    db.pragma('user_version = 999');
    db.close();
    await expect(openSqliteStore({ path, log: silentLogger() })).rejects.toThrow('written by a newer Kradle (schema 999');
  });

  test('damage to what ties objects and history together is found', async () => {
    const { path, storage, close } = await openTemporary({});
    onTestFinished(close);
    await storage.store.create(keyOf('a'), widget('a'));
    await storage.eventLog.append('run/n/a', [{ id: '1', at: '2026-01-01T00:00:00Z', type: 'line', data: 1 }]);
    expect(await storage.checkIntegrity()).toEqual([]);
    const db = new Database(path);
    db.exec('UPDATE object SET revision = 77; UPDATE event_stream SET last_seq = 5');
    db.close();
    expect(await storage.checkIntegrity()).toEqual([
      'an object has a revision that was never given out',
      'an object is not at its last logged change',
      'an object has changed without a trace in the log',
      'an event stream has lost its count',
    ]);
  });
});

async function openTemporary(
  opts: Partial<OpenSqliteStoreOptions>,
): Promise<{ store: SqlStorage['store']; eventLog: SqlStorage['eventLog']; storage: SqlStorage; path: string; skipRevision(): void; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'kradle.db');
  const storage = await openSqliteStore({ path, log: silentLogger(), ...opts });
  await storage.store.start();
  return {
    store: storage.store,
    eventLog: storage.eventLog,
    storage,
    path,
    skipRevision: () => {
      const db = new Database(path);
      db.exec('UPDATE meta SET revision = revision + 5');
      db.close();
    },
    close: () => storage.close(),
  };
}
