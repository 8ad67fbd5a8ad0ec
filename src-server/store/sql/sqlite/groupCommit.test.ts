import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { keyOf, watching, widget } from '../../../../test/conformance/storeSuite';
import { silentLogger } from '../../../app/log';
import { openSqlite } from './openSqlite';
import { openSqliteStore } from './openSqliteStore';
import { SqliteDialect } from './sqliteDialect';
import { migrateSqlite } from './sqliteMigrations';
import { SqlStore } from '../sqlStore';
import { WalSync } from './walSync';

/** A disk that syncs when the test says so. */
class HeldSync extends WalSync {
  readonly held: { done(): void; fail(error: Error): void }[] = [];

  override flushed(): Promise<void> {
    return new Promise((done, fail) => this.held.push({ done, fail }));
  }

  /** The sync that is asked for next, if none waits. */
  async next() {
    await expect.poll(() => this.held).not.toEqual([]);
    const [first] = this.held.splice(0, 1);
    if (first === undefined) throw new Error('nobody asked for a sync');
    return first;
  }
}

async function openStore(syncOf = (path: string): WalSync => new WalSync(path)) {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-group-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'kradle.db');
  const db = openSqlite(path, { synchronous: 'NORMAL', cacheKiB: 2_000 });
  migrateSqlite(db);
  const operations: string[] = [];
  const dialect = new SqliteDialect(db, { observe: (operation) => operations.push(operation), sync: syncOf(path) });
  const store = new SqlStore(dialect, { log: silentLogger() });
  await store.start();
  onTestFinished(async () => {
    await store.stop();
    db.close();
  });
  return { path, db, dialect, store, transactions: () => operations.filter((operation) => operation === 'append').length };
}

const names = (count: number, prefix = 'w') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const revisionOf = ({ metadata }: { metadata: { resourceVersion: string } }) => Number(metadata.resourceVersion);

test('writes of one turn share a transaction, and are numbered and watched in the order in which they were asked for', async () => {
  const { store, transactions } = await openStore();
  const watch = watching(store, { resourceVersion: '0' });
  const created = await Promise.all(names(50).map((name) => store.create(keyOf(name), widget(name))));
  expect(transactions()).toBe(1);
  expect(created.map(revisionOf)).toEqual(names(50).map((_, index) => index + 1));
  expect((await watch.take(50)).map((event) => event.object?.metadata.name)).toEqual(names(50));
  expect((await store.revisions()).head).toBe('50');
});

test('a write that is refused takes no number, and the others of its turn go through', async () => {
  const { store, transactions } = await openStore();
  const first = await store.create(keyOf('a'), widget('a', { size: 1 }));
  const outcomes = await Promise.allSettled([
    store.create(keyOf('b'), widget('b')),
    store.create(keyOf('a'), widget('a')),
    store.update(keyOf('none'), widget('none'), {}),
    store.update(keyOf('a'), widget('a', { size: 1 }), {}),
    store.update(keyOf('a'), widget('a', { size: 2 }), { expectedResourceVersion: first.metadata.resourceVersion }),
    // By now somebody of the same turn was faster.
    store.update(keyOf('a'), widget('a', { size: 3 }), { expectedResourceVersion: first.metadata.resourceVersion }),
    store.delete(keyOf('b'), {}),
    store.create(keyOf('b'), widget('b', { size: 9 })),
  ]);
  expect(transactions()).toBe(2);
  expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? revisionOf(outcome.value) : (outcome.reason as { reason: string }).reason))).toEqual([2, 'AlreadyExists', 'NotFound', 1, 3, 'Conflict', 4, 5]);
  expect((await store.get(keyOf('a')))?.spec.size).toBe(2);
  expect((await store.get(keyOf('b')))?.spec.size).toBe(9);
});

test('a turn in which nothing changes writes nothing', async () => {
  const { store, db } = await openStore();
  await store.create(keyOf('a'), widget('a'));
  const before = db.pragma('data_version', { simple: true });
  const other = new Database(db.name);
  const version = other.pragma('data_version', { simple: true });
  await Promise.allSettled([store.create(keyOf('a'), widget('a')), store.update(keyOf('a'), widget('a'), {})]);
  expect(other.pragma('data_version', { simple: true })).toBe(version);
  expect(db.pragma('data_version', { simple: true })).toBe(before);
  expect((await store.revisions()).head).toBe('1');
  other.close();
});

test('nobody reads what is not committed, and what was not acknowledged is not numbered', async () => {
  const { store } = await openStore();
  const writes = names(5).map((name) => store.create(keyOf(name), widget(name)));
  expect(await store.get(keyOf('w0'))).toBeUndefined();
  expect((await store.list({})).items).toEqual([]);
  expect((await store.revisions()).head).toBe('0');
  await Promise.all(writes);
  expect((await store.list({})).items).toHaveLength(5);
});

test('a write is acknowledged, and seen by readers and watchers, when it is on the disk; the event loop does not wait', async () => {
  const sync = new HeldSync('kradle.db');
  const { store } = await openStore(() => sync);
  const told: string[] = [];
  const tell = (what: string) => () => void told.push(what);
  const watch = watching(store, { resourceVersion: '0' });
  const writes = names(3).map((name) => store.create(keyOf(name), widget(name)).then(tell('written')));
  const { done } = await sync.next();
  const reads = [store.get(keyOf('w0')).then(tell('got')), store.list({}).then(tell('listed')), store.count({}).then(tell('counted')), store.revisions().then(tell('head'))];
  const seen = watch.take(3).then(tell('watched'));
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
  expect(told).toEqual([]);
  done();
  await Promise.all([...writes, ...reads, seen]);
  expect(told.toSorted()).toEqual(['counted', 'got', 'head', 'listed', 'watched', 'written', 'written', 'written']);
});

test('what is asked for during a sync shares the next one', async () => {
  const sync = new HeldSync('kradle.db');
  const { store, transactions } = await openStore(() => sync);
  const first = store.create(keyOf('first'), widget('first'));
  const { done } = await sync.next();
  const others: Promise<unknown>[] = [];
  for (const name of names(20)) {
    others.push(store.create(keyOf(name), widget(name)));
    await new Promise(setImmediate);
  }
  expect(transactions()).toBe(1);
  done();
  await first;
  (await sync.next()).done();
  await Promise.all(others);
  expect(transactions()).toBe(2);
});

test('a sync that fails fails the writes that waited for it, and what is read afterwards is what stands', async () => {
  const sync = new HeldSync('kradle.db');
  const { store } = await openStore(() => sync);
  const write = (work: Promise<unknown>) => Promise.all([work, sync.next().then(({ done }) => done())]);
  await write(store.create(keyOf('a'), widget('a', { size: 1 })));
  await store.get(keyOf('a'));
  const failing = store.update(keyOf('a'), widget('a', { size: 2 }), {});
  (await sync.next()).fail(new Error('the disk is gone'));
  await expect(failing).rejects.toThrow('the disk is gone');
  const listed = (await store.list({})).items.map(({ spec }) => spec.size);
  expect([(await store.get(keyOf('a')))?.spec.size]).toEqual(listed);
  await write(store.update(keyOf('a'), widget('a', { size: 3 }), {}));
  expect((await store.get(keyOf('a')))?.spec.size).toBe(3);
});

test('one that does not fit on the disk fails alone', async () => {
  const { store, db } = await openStore();
  await store.create(keyOf('first'), widget('first'));
  db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 30}`);
  const sizes = [10, 500_000, 10, 500_000, 10];
  const outcomes = await Promise.allSettled(sizes.map((size, index) => store.create(keyOf(`w${index}`), widget(`w${index}`, { text: 'x'.repeat(size) }))));
  expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'stored' : (outcome.reason as { reason: string }).reason))).toEqual(['stored', 'InsufficientStorage', 'stored', 'InsufficientStorage', 'stored']);
  expect((await store.list({})).items.map(({ metadata }) => metadata.name)).toEqual(['first', 'w0', 'w2', 'w4']);
  expect((await watching(store, { resourceVersion: '1' }).take(3)).map((event) => event.object?.metadata.name)).toEqual(['w0', 'w2', 'w4']);
});

test('a database that another program has locked refuses all of a turn at once', async () => {
  const { store, path } = await openStore();
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  const startedAt = performance.now();
  const outcomes = await Promise.allSettled(names(30).map((name) => store.create(keyOf(name), widget(name))));
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  expect(new Set(outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as { reason: string }).reason : 'stored')))).toEqual(new Set(['ServiceUnavailable']));
  other.exec('ROLLBACK');
  other.close();
  await store.create(keyOf('after'), widget('after'));
});

test('a store that closes stores first what was asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-group-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'kradle.db');
  const storage = await openSqliteStore({ path, log: silentLogger() });
  await storage.store.start();
  const writes = names(20).map((name) => storage.store.create(keyOf(name), widget(name)));
  await storage.close();
  await Promise.all(writes);
  const reopened = await openSqliteStore({ path, log: silentLogger() });
  onTestFinished(() => reopened.close());
  expect(await reopened.store.count({})).toBe(20);
});
