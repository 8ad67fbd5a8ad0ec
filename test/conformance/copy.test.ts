import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src-server/app/log';
import { copyRows, type DatabaseDigest } from '../../src-server/store/copy/copyRows';
import type { DatabaseAddress } from '../../src-server/store/copy/databaseSnapshot';
import { DATABASE_TABLES, TABLE_NAMES, type Row, type TableName } from '../../src-server/store/copy/databaseTables';
import { fillDatabase } from '../../src-server/store/copy/fillDatabase';
import { readDatabase } from '../../src-server/store/copy/readDatabase';
import { decodeRows, encodeRows, RowDigest } from '../../src-server/store/copy/rowCodec';
import { openPostgresStore } from '../../src-server/store/sql/postgres/openPostgresStore';
import { openSqliteStore } from '../../src-server/store/sql/sqlite/openSqliteStore';
import type { SqlStorage } from '../../src-server/store/sql/sqlStorage';
import type { StoreEvent } from '../../src-server/store/store';
import { eventually } from '../harness/eventually';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { tempDir } from '../harness/tempDir';
import { Story, storySteps } from './storeProperties';
import { increment, keyOf, widget } from './storeSuite';

const postgres = usePostgres();
const COPIER = fileURLToPath(new URL('./children/databaseCopier.mjs', import.meta.url));

const cell = { text: fc.string({ unit: 'binary' }), integer: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) };
const rowOf = (table: TableName): fc.Arbitrary<Row> =>
  fc.tuple(
    ...Object.values(DATABASE_TABLES[table].columns).map((type) => {
      const present: fc.Arbitrary<string | bigint> = type.startsWith('text') ? cell.text : cell.integer;
      return type.endsWith('null') ? fc.option(present, { nil: null }) : present;
    }),
  );

describe('rows as text', () => {
  test.each(TABLE_NAMES)('any rows of %s come back as they were', (table) => {
    fc.assert(
      fc.property(fc.array(rowOf(table)), (rows) => {
        expect(decodeRows(table, encodeRows(rows))).toEqual(rows);
      }),
    );
  });

  test.each([
    ['half a line', '["a","b","1","c"]'],
    ['a cell too few', '["a","b","1"]\n'],
    ['a number instead of decimal text', '["a","b",1,"c"]\n'],
    ['an integer that is none', '["a","b","1e3","c"]\n'],
    ['a null where none may be', '["a",null,"1","c"]\n'],
    ['no JSON', 'a,b,1,c\n'],
    ['no UTF-8', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d, 0x0a])],
  ])('%s is refused', (_, text) => {
    expect(() => decodeRows('object', Buffer.from(text))).toThrow();
  });
});

describe('a copy', () => {
  test('from SQLite to SQLite has every object, change, revision and event, and numbering goes on behind them', { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(storySteps, streamsToKeep, (steps, streams) => copiesWhole(steps, streams, [])), { numRuns: 10 });
  });

  test.skipIf(postgresMissing !== undefined)('from SQLite to Postgres and back again is equal in every row', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(storySteps, streamsToKeep, async (steps, streams) => {
        await postgres().empty();
        await copiesWhole(steps, streams, [{ engine: 'postgres', url: postgres().url() }]);
      }),
      { numRuns: 8 },
    );
  });

  test.skipIf(postgresMissing !== undefined)('of a Postgres in which numbers were skipped and streams dropped is the same on SQLite', async () => {
    await postgres().empty();
    const from: DatabaseAddress = { engine: 'postgres', url: postgres().url() };
    const storage = await openStorage(from);
    await storage.store.create(keyOf('a'), widget('a', { text: 'ä\u0000\ud800' }));
    await postgres().query('UPDATE kradle.meta SET revision = revision + 5');
    await storage.store.update(keyOf('a'), widget('a', { size: 2 }), {});
    for (const stream of ['gone', 'kept', 'empty']) await storage.eventLog.append(stream, [event(1)]);
    await storage.eventLog.drop('gone');
    await storage.eventLog.append('kept', [event(2), event(3)]);
    await storage.close();
    const folder = await useTempDir();
    const to: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'kradle.db') };
    await copy(from, to);
    const copied = await openStorage(to);
    expect((await copied.store.get(keyOf('a')))?.metadata.resourceVersion).toBe('7');
    expect((await copied.eventLog.read('kept', { limit: 10 })).items.map(({ id, seq }) => [id, seq])).toEqual([['e1', 1], ['e2', 2], ['e3', 3]]);
    expect(await copied.eventLog.count('gone')).toBe(0);
    // A new stream gets a number of its own.
    await copied.eventLog.append('gone', [event(9)]);
    expect(await copied.eventLog.count('kept')).toBe(3);
    expect(await copied.checkIntegrity()).toEqual([]);
    await copied.close();
  });

  test('is of one moment while others write: no object is ahead of its counter, and none is without its log', { timeout: 60_000 }, async () => {
    const folder = await useTempDir();
    const from: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'from.db') };
    const to: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'to.db') };
    const storage = await openStorage(from);
    onTestFinished(() => storage.close());
    const names = Array.from({ length: 8 }, (_, writer) => `w${writer}`);
    for (const name of names) await storage.store.create(keyOf(name), widget(name, { count: 0, padding: 'x'.repeat(20_000) }));
    let writing = true;
    const writers = names.map(async (name) => {
      while (writing) await increment(storage.store, name);
    });
    const { head } = await copy(from, to);
    writing = false;
    await Promise.all(writers);
    expect(BigInt((await storage.store.revisions()).head)).toBeGreaterThan(head);
    const copied = await openStorage(to);
    onTestFinished(() => copied.close());
    expect(await copied.checkIntegrity()).toEqual([]);
    const asOf = (await storage.store.list({ atResourceVersion: head.toString() })).items;
    expect((await copied.store.list({})).items).toEqual(asOf);
  });

  test('of a file holds up no server: between two pages its write-ahead log can be moved and cut, and all of it is of one moment nevertheless', { timeout: 60_000 }, async () => {
    const folder = await useTempDir();
    const from: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'from.db') };
    const to: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'to.db') };
    const storage = await openStorage(from);
    onTestFinished(() => storage.close());
    const { store, eventLog } = storage;
    const padding = 'x'.repeat(500_000);
    for (let index = 0; index < 30; index += 1) {
      await store.create(keyOf(`w${index}`), widget(`w${index}`, { padding, size: 1 }));
      // The log holds what was replaced: pages of it.
      await store.update(keyOf(`w${index}`), widget(`w${index}`, { padding, size: 2 }), {});
    }
    for (const stream of ['run/n/a', 'run/n/gone']) await eventLog.append(stream, Array.from({ length: 3_000 }, (_, index) => event(index)));
    const expected = await store.list({});
    const db = new Database(from.path);
    onTestFinished(() => void db.close());
    let pages = 0;
    const meddle = async () => {
      pages += 1;
      // An object changes, one goes, one comes; events come; and nothing is in the way of the log's owner.
      await store.update(keyOf(`w${pages % 20}`), widget(`w${pages % 20}`, { pages }), {});
      if (pages < 9) await store.delete(keyOf(`w${20 + pages}`), {});
      await store.create(keyOf(`later${pages}`), widget('later'));
      await eventLog.append('run/n/a', [event(10_000 + pages)]);
      await eventLog.append(`run/n/later${pages}`, [event(1)]);
      expect(db.pragma('wal_checkpoint(TRUNCATE)')).toMatchObject([{ busy: 0, log: 0 }]);
    };
    let floor = 0n;
    await readDatabase(from, async (snapshot) => {
      await fillDatabase(to, {}, (database) =>
        copyRows(snapshot, {
          ...database,
          write: async (table, rows) => {
            await database.write(table, rows);
            await meddle();
            // The history is compacted while it is read, and a stream goes while its entries are.
            if (table === 'log' && floor === 0n) {
              floor = 20n;
              await store.compact('20');
            }
            if (table === 'event') await eventLog.drop('run/n/gone');
          },
        }),
      );
      expect(snapshot.floor).toBe(floor);
    });
    expect(pages).toBeGreaterThan(8);
    const copied = await openStorage(to);
    onTestFinished(() => copied.close());
    expect(await copied.checkIntegrity()).toEqual([]);
    expect(await copied.store.list({})).toEqual(expected);
    expect(await copied.store.revisions()).toEqual({ head: expected.resourceVersion, floor: '20' });
    expect(await copied.eventLog.count('run/n/a')).toBe(3_000);
    expect(await copied.eventLog.count('run/n/later1')).toBe(0);
    // Of the stream that went, at most the beginning is left, numbered as it was.
    const left = await copied.eventLog.read('run/n/gone', { limit: 5_000 });
    expect(left.items.map(({ seq }) => seq)).toEqual(Array.from({ length: left.lastSeq }, (_, index) => index + 1));
  });

  test('of a file whose history is compacted past the moment before its objects are read is given up in words', async () => {
    const folder = await useTempDir();
    const from: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'from.db') };
    const storage = await openStorage(from);
    onTestFinished(() => storage.close());
    for (const name of ['a', 'b']) await storage.store.create(keyOf(name), widget(name));
    const late = readDatabase(from, async (snapshot) => {
      const later = await storage.store.create(keyOf('c'), widget('c'));
      await storage.store.compact(later.metadata.resourceVersion);
      for await (const rows of snapshot.pages('object')) expect(rows).toEqual([]);
    });
    await expect(late).rejects.toMatchObject({ reason: 'ServiceUnavailable', message: expect.stringContaining('stop the server') as string });
  });

  test('into a database that holds something is refused, and changes nothing', async () => {
    const folder = await useTempDir();
    const from: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'from.db') };
    const to: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'to.db') };
    for (const address of [from, to]) {
      const storage = await openStorage(address);
      await storage.store.create(keyOf('a'), widget('a', { in: JSON.stringify(address) }));
      await storage.close();
    }
    const before = await digestOf(to);
    await expect(copy(from, to)).rejects.toMatchObject({ reason: 'AlreadyExists' });
    expect(await digestOf(to)).toEqual(before);
  });

  test('goes over a database that was never used, and over what a copy left that was killed', async () => {
    const folder = await useTempDir();
    const from: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'from.db') };
    const to: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'to.db') };
    await (await openStorage(to)).close();
    await writeFile(join(folder, 'to.db.incomplete'), 'half');
    await writeFile(join(folder, 'to.db.incomplete-wal'), 'half');
    const storage = await openStorage(from);
    await storage.store.create(keyOf('a'), widget('a'));
    await storage.close();
    await copy(from, to);
    expect(await digestOf(to)).toEqual(await digestOf(from));
    expect((await readdir(folder)).filter((name) => name.includes('incomplete'))).toEqual([]);
  });

  test('that finds something else when it reads back is no copy', async () => {
    const folder = await useTempDir();
    const from: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'from.db') };
    const path = join(folder, 'to.db');
    const storage = await openStorage(from);
    await storage.store.create(keyOf('a'), widget('a'));
    await storage.close();
    const losing = readDatabase(from, (snapshot) => fillDatabase({ engine: 'sqlite', path }, {}, (database) => copyRows(snapshot, { ...database, write: async (table, rows) => (table === 'log' ? undefined : database.write(table, rows)) })));
    await expect(losing).rejects.toThrow('log has 0 rows of 1');
    expect(await readdir(folder)).not.toContain('to.db');
  });

  test('of a database of another schema is refused in words', async () => {
    const folder = await useTempDir();
    const path = join(folder, 'from.db');
    await (await openStorage({ engine: 'sqlite', path })).close();
    const setVersion = (version: number) => {
      const db = new Database(path);
      db.pragma(`user_version = ${version}`);
      db.close();
    };
    setVersion(999);
    await expect(digestOf({ engine: 'sqlite', path })).rejects.toThrow('written by a newer Kradle (schema 999');
    setVersion(1);
    await expect(digestOf({ engine: 'sqlite', path })).rejects.toThrow('Start "kradle serve" on it once');
    setVersion(0);
    await expect(digestOf({ engine: 'sqlite', path })).rejects.toMatchObject({ reason: 'NotFound' });
  });
});

describe('kill -9 in the middle of a copy', () => {
  test('into SQLite leaves no database, and the next copy is whole', { timeout: 60_000 }, async () => {
    const folder = await useTempDir();
    const from = await largeDatabase(folder);
    const to: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'to.db') };
    await copyUntilKilled(from, to);
    expect(existsSync(to.path)).toBe(false);
    await copy(from, to);
    expect(await digestOf(to)).toEqual(await digestOf(from));
  });

  test.skipIf(postgresMissing !== undefined)('into Postgres leaves none either', { timeout: 60_000 }, async () => {
    await postgres().empty();
    const from = await largeDatabase(await useTempDir());
    const to: DatabaseAddress = { engine: 'postgres', url: postgres().url() };
    await copyUntilKilled(from, to);
    await eventually('Postgres to notice that the copier is gone', async () => (await postgres().query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'kradle'`)).length === 0);
    await expect(digestOf(to)).rejects.toMatchObject({ reason: 'NotFound' });
    await copy(from, to);
    expect(await digestOf(to)).toEqual(await digestOf(from));
  });
});

describe.skipIf(postgresMissing !== undefined)('a Postgres that a server has', () => {
  test('is read at any time and never filled', async () => {
    await postgres().empty();
    const folder = await useTempDir();
    const url = postgres().url();
    const serving = await openPostgresStore({ url, log: silentLogger() });
    onTestFinished(() => serving.close());
    await serving.store.start();
    await eventually('the server to listen', async () => (await postgres().query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'`)).length > 0);
    const file: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'kradle.db') };
    await copy({ engine: 'postgres', url }, file);
    await expect(copy(file, { engine: 'postgres', url })).rejects.toMatchObject({ reason: 'Conflict', message: expect.stringContaining('A Kradle server uses the database') as string });
  });
});

/** Streams of events by name; those that are to be dropped again are not kept. */
const streamsToKeep = fc.array(fc.record({ name: fc.constantFrom('run/n/a', 'run/n/b', 'ä/"'), count: fc.integer({ min: 1, max: 5 }), drop: fc.boolean() }), { maxLength: 6 });

/** Tells a story to a SQLite store, copies it from place to place and at last to SQLite again, and compares all of them. */
async function copiesWhole(steps: Parameters<Story['tell']>[0][], streams: { name: string; count: number; drop: boolean }[], over: readonly DatabaseAddress[]): Promise<void> {
  await using folder = await tempDir('kradle-copy-');
  const first: DatabaseAddress = { engine: 'sqlite', path: join(folder.path, 'first.db') };
  const last: DatabaseAddress = { engine: 'sqlite', path: join(folder.path, 'last.db') };
  const storage = await openStorage(first);
  const story = new Story(storage.store);
  for (const step of steps) await story.tell(step);
  for (const { name, count, drop } of streams) {
    await storage.eventLog.append(name, Array.from({ length: count }, (_, index) => event(index)));
    if (drop) await storage.eventLog.drop(name);
  }
  const told = await observe(storage);
  await storage.close();
  const places = [first, ...over, last];
  for (const [index, to] of places.entries()) {
    const from = places[index - 1];
    if (from === undefined) continue;
    await copy(from, to);
    expect(await digestOf(to)).toEqual(await digestOf(first));
    const copied = await openStorage(to);
    try {
      expect(await copied.checkIntegrity()).toEqual([]);
      expect(await observe(copied)).toEqual(told);
      if (to === last) await goesOn(copied);
    } finally {
      await copied.close();
    }
  }
}

/** All that a client could see: now, at every revision, and by a watch from every revision. */
async function observe({ store, eventLog }: SqlStorage): Promise<unknown> {
  const { head, floor } = await store.revisions();
  const seen = [];
  for (let revision = BigInt(floor); revision <= BigInt(head); revision += 1n) {
    const state = await store.list({ atResourceVersion: revision.toString() });
    const events: StoreEvent[] = [];
    for await (const change of store.watch({ resourceVersion: revision.toString(), bookmarkEveryMs: 60_000, signal: new AbortController().signal })) {
      if (change.type === 'BOOKMARK') break;
      events.push(change);
    }
    seen.push({ revision, state, events });
  }
  const streams = [];
  for (const name of ['run/n/a', 'run/n/b', 'ä/"']) streams.push(await eventLog.read(name, { limit: 100 }));
  return { head, floor, seen, streams };
}

/** A write on the copy gets the next revision, and an append the next number. */
async function goesOn({ store, eventLog }: SqlStorage): Promise<void> {
  const { head } = await store.revisions();
  const created = await store.create(keyOf('afterwards'), widget('afterwards'));
  expect(BigInt(created.metadata.resourceVersion)).toBeGreaterThan(BigInt(head));
  const before = await eventLog.count('run/n/a');
  expect(await eventLog.append('run/n/a', [{ ...event(0), id: 'afterwards' }])).toEqual({ lastSeq: before + 1, stored: 1 });
}

async function copy(from: DatabaseAddress, to: DatabaseAddress): Promise<{ head: bigint; digest: DatabaseDigest }> {
  return readDatabase(from, (snapshot) => fillDatabase(to, {}, async (database) => ({ head: snapshot.head, digest: await copyRows(snapshot, database) })));
}

async function digestOf(address: DatabaseAddress): Promise<unknown> {
  return readDatabase(address, async (snapshot) => {
    const digests = [];
    for (const table of TABLE_NAMES) {
      const digest = new RowDigest();
      for await (const page of snapshot.pages(table)) digest.add(page);
      digests.push([table, digest.result()]);
    }
    return { head: snapshot.head, floor: snapshot.floor, digests };
  });
}

async function openStorage(address: DatabaseAddress): Promise<SqlStorage> {
  const storage = await (address.engine === 'sqlite' ? openSqliteStore({ path: address.path, log: silentLogger() }) : openPostgresStore({ url: address.url, log: silentLogger() }));
  await storage.store.start();
  return storage;
}

function event(index: number) {
  return { id: `e${index}`, at: '2026-01-01T00:00:00Z', type: 'line', data: { text: `ä\n"\u0000 ${index}` } };
}

/** So large that a copy is under way for a while. */
async function largeDatabase(folder: string): Promise<DatabaseAddress> {
  const path = join(folder, 'from.db');
  const storage = await openSqliteStore({ path, log: silentLogger() });
  await storage.store.start();
  const padding = 'x'.repeat(50_000);
  await Promise.all(Array.from({ length: 600 }, (_, index) => storage.store.create(keyOf(`o${index}`), widget(`o${index}`, { padding }))));
  await storage.eventLog.append('run/n/a', Array.from({ length: 500 }, (_, index) => event(index)));
  await storage.close();
  return { engine: 'sqlite', path };
}

/** Kills the copier when it has said that it is under way. */
async function copyUntilKilled(from: DatabaseAddress, to: DatabaseAddress): Promise<void> {
  const child = spawn(process.execPath, [COPIER, JSON.stringify({ from, to })], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  child.kill('SIGKILL');
  expect((await ended)[1]).toBe('SIGKILL');
}

async function useTempDir(): Promise<string> {
  const folder = await tempDir('kradle-copy-');
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return folder.path;
}
