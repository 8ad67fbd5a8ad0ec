import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src-server/app/log';
import { openSqliteStore, type OpenSqliteStoreOptions } from '../../src-server/store/sql/sqlite/openSqliteStore';
import type { SqlStorage } from '../../src-server/store/sql/sqlStorage';
import { keyOf, reasonOf, watching, widget } from './storeSuite';

const HISTORY = 50_000;

describe('compaction', () => {
  test('of a history of 50,000 changes never holds the event loop for long, and gives the space back', { timeout: 60_000 }, async () => {
    const slices: number[] = [];
    const observe = (operation: string, durationMs: number): void => {
      if (operation === 'trimLog' || operation === 'tidy') slices.push(durationMs);
    };
    const { path, storage } = await openTemporary({ observe });
    writeHistory(path, HISTORY);
    const before = await storage.sizes();
    await storage.store.start();
    const kept = (await storage.store.list({})).items;

    await storage.store.compact(String(HISTORY - 10));
    expect(rowsOfLog(path)).toBe(10);
    expect((await storage.store.list({})).items).toEqual(kept);
    // Many small slices, none of them long. The worst few in a hundred belong to whatever else this machine does.
    expect(slices.length).toBeGreaterThan(100);
    expect(percentile(slices, 0.97)).toBeLessThan(25);
    const after = await storage.sizes();
    expect(after.databaseBytes - (after.freeBytes ?? 0)).toBeLessThan(before.databaseBytes / 4);
    expect(after.databaseBytes).toBeLessThan(before.databaseBytes / 2);
    expect(await storage.checkIntegrity()).toEqual([]);
  });

  test('that a crash interrupted is finished by the next start; meanwhile the history below the floor counts as gone', async () => {
    const { path, storage } = await openTemporary({});
    writeHistory(path, 2_000);
    await storage.close();
    // As a process leaves it that dies after raising the floor and deleting a batch.
    const db = new Database(path);
    db.exec('UPDATE meta SET floor = 1500; DELETE FROM log WHERE revision <= 100');
    db.close();

    const reopened = await openSqliteStore({ path, log: silentLogger() });
    onTestFinished(() => reopened.close());
    await reopened.store.start();
    expect(await reasonOf(watching(reopened.store, { resourceVersion: '1200' }).take(1))).toBe('Expired');
    expect((await watching(reopened.store, { resourceVersion: '1500' }).take(1))[0]?.resourceVersion).toBe('1501');
    await expect.poll(() => rowsOfLog(path)).toBe(500);
  });

  test('by itself keeps the last 1,000 changes and the last five minutes', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const { path, storage } = await openTemporary({ clock: () => now, elapsed: () => now });
    const { store } = storage;
    writeHistory(path, 3_000, now);
    await store.start();
    const floorAfterHousekeeping = async (): Promise<string> => {
      await store.housekeep();
      return (await store.revisions()).floor;
    };

    expect(await floorAfterHousekeeping()).toBe('0');
    now += 4 * 60_000;
    await store.create(keyOf('later'), widget('later'));
    expect(await floorAfterHousekeeping()).toBe('0');
    now += 61_000;
    expect(await floorAfterHousekeeping()).toBe('2001');
    now += 24 * 3_600_000;
    expect(await floorAfterHousekeeping()).toBe('2001');

    writeHistory(path, 5_000, now);
    now += 60_000;
    // Plenty of changes, but all of them are young: only what was old before may go.
    expect(await floorAfterHousekeeping()).toBe('3001');
  });

  test('neither stalls nor drops what is young when the clock is set', async () => {
    let clock = Date.parse('2099-01-01T00:00:00Z');
    let elapsed = 0;
    const { path, storage } = await openTemporary({ clock: () => clock, elapsed: () => elapsed });
    const { store } = storage;
    // Written while the clock was far ahead; then it was put right.
    writeHistory(path, 3_000, clock);
    clock = Date.parse('2026-01-01T00:00:00Z');
    await store.start();
    const floorAfter = async (ms: number): Promise<string> => {
      clock += ms;
      elapsed += ms;
      await store.housekeep();
      return (await store.revisions()).floor;
    };
    expect(await floorAfter(4 * 60_000)).toBe('0');
    expect(await floorAfter(61_000)).toBe('2000');

    writeHistory(path, 6_000, clock);
    clock += 20 * 365 * 24 * 3_600_000;
    // What was there before may go; what was written since may not, though a clock of decades later says that it is old.
    expect(await floorAfter(60_000)).toBe('3000');
    expect(await floorAfter(5 * 60_000)).toBe('5000');
  });

  test('waits until live watches have what is about to go', async () => {
    const { storage } = await openTemporary({});
    const { store } = storage;
    await store.start();
    const watch = watching(store, { bookmarkEveryMs: 60_000 });
    await watch.take(1);
    const burst = Promise.all(Array.from({ length: 600 }, (_, index) => store.create(keyOf(`w${index}`), widget('w'))));
    await store.compact((await store.revisions()).head);
    await burst;
    expect(await watch.take(600)).toHaveLength(600);
  });

  test('while pages are read and watches resume: each gets what it was promised, or Expired', async () => {
    const { path, storage } = await openTemporary({ recentEvents: 0 });
    writeHistory(path, 5_000);
    const { store } = storage;
    await store.start();
    const compacting = (async () => {
      for (let target = 500; target <= 4_500; target += 500) await store.compact(String(target));
    })();
    const watch = watching(store, { resourceVersion: '4500' });
    const revisions = (await watch.take(500)).map((event) => Number(event.resourceVersion));
    expect(revisions).toEqual(Array.from({ length: 500 }, (_, index) => 4_501 + index));
    await compacting;
    expect(rowsOfLog(path)).toBe(500);
  });
});

async function openTemporary(opts: Partial<OpenSqliteStoreOptions>): Promise<{ path: string; storage: SqlStorage }> {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-compaction-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'kradle.db');
  const storage = await openSqliteStore({ path, log: silentLogger(), ...opts });
  onTestFinished(() => storage.close());
  return { path, storage };
}

/** Continues the history up to revision `upTo`, by updates of 100 objects of about 1 KB: in one transaction, for it would take minutes otherwise. */
function writeHistory(path: string, upTo: number, at = 0): void {
  const db = new Database(path);
  const log = db.prepare('INSERT INTO log (revision, key, type, prev_revision, at, prev_value) VALUES (?, ?, ?, ?, ?, ?)');
  const object = db.prepare(
    'INSERT INTO object (key, uid, revision, value) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET revision = excluded.revision, value = excluded.value',
  );
  const text = (size: number): string => JSON.stringify(widget('w', { size, padding: 'x'.repeat(900) }));
  db.transaction(() => {
    const { revision: head } = db.prepare<[], { revision: number }>('SELECT revision FROM meta').get() ?? { revision: 0 };
    for (let revision = head + 1; revision <= upTo; revision += 1) {
      const key = `widgets/n/w${revision % 100}`;
      const previous = db.prepare<[string], { revision: number; value: string }>('SELECT revision, value FROM object WHERE key = ?').get(key);
      log.run(revision, key, previous ? 'U' : 'C', previous?.revision ?? null, at, previous?.value ?? null);
      object.run(key, key, revision, text(revision));
    }
    db.prepare('UPDATE meta SET revision = ?').run(upTo);
  })();
  db.close();
}

function rowsOfLog(path: string): number {
  const db = new Database(path, { readonly: true });
  const row = db.prepare<[], { rows: number }>('SELECT count(*) AS rows FROM log').get();
  db.close();
  return row?.rows ?? -1;
}

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Infinity;
}
