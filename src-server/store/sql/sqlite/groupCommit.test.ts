import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { keyOf, watching, widget } from '../../../../test/conformance/storeSuite';
import { openInline } from '../../../../test/harness/inlineWrites';
import { silentLogger } from '../../../app/log';
import { openSqliteStore } from './openSqliteStore';
import { SqlStore } from '../sqlStore';
import { ThreadedWrites } from './threadedWrites';

async function temporaryPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-group-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'kradle.db');
}

/** As the server opens it. */
async function openStore() {
  const path = await temporaryPath();
  const operations: string[] = [];
  const { store, close } = await openSqliteStore({ path, log: silentLogger(), observe: (operation) => operations.push(operation) });
  await store.start();
  onTestFinished(close);
  return { path, store, transactions: () => operations.filter((operation) => operation === 'append').length };
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

test('a thread that has nothing to do begins before a long turn is over', async () => {
  const { store, path } = await openStore();
  await store.create(keyOf('first'), widget('first'));
  const other = new Database(path, { readonly: true });
  onTestFinished(() => void other.close());
  const count = other.prepare('SELECT count(*) FROM object').pluck();
  // The thread may still be about to say that it has nothing to do; then the turn's end comes first, and the next turn tries again.
  for (let turn = 0, seen = 0; seen === 0; turn += 1) {
    expect(turn).toBeLessThan(40);
    await new Promise(setImmediate);
    const before = Number(count.get());
    const writes = names(8, `turn-${turn}-`).map((name) => store.create(keyOf(name), widget(name)));
    const until = performance.now() + 500;
    while (count.get() === before && performance.now() < until);
    seen = Number(count.get()) - before;
    await Promise.all(writes);
  }
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
  // The first alone; those of the turn together, or in two parts where the thread had nothing to do.
  expect(transactions()).toBeLessThanOrEqual(3);
  expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? revisionOf(outcome.value) : (outcome.reason as { reason: string }).reason))).toEqual([2, 'AlreadyExists', 'NotFound', 1, 3, 'Conflict', 4, 5]);
  expect((await store.get(keyOf('a')))?.spec.size).toBe(2);
  expect((await store.get(keyOf('b')))?.spec.size).toBe(9);
});

test('a turn in which nothing changes writes nothing', async () => {
  const { store, path } = await openStore();
  await store.create(keyOf('a'), widget('a'));
  const other = new Database(path);
  const version = other.pragma('data_version', { simple: true });
  await Promise.allSettled([store.create(keyOf('a'), widget('a')), store.update(keyOf('a'), widget('a'), {})]);
  expect(other.pragma('data_version', { simple: true })).toBe(version);
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

test('while the database keeps the writers waiting the event loop goes on, and what is asked for meanwhile shares one transaction', async () => {
  const { store, path, transactions } = await openStore();
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  let isWritten = false;
  const first = store.create(keyOf('first'), widget('first')).then(() => (isWritten = true));
  await new Promise(setImmediate);
  const others: Promise<unknown>[] = [];
  for (const name of names(20)) {
    others.push(store.create(keyOf(name), widget(name)));
    await new Promise(setImmediate);
  }
  expect(isWritten).toBe(false);
  expect((await store.list({})).items).toEqual([]);
  other.exec('ROLLBACK');
  other.close();
  await Promise.all([first, ...others]);
  // The first alone, or with those that came before the thread looked; the others together.
  expect(transactions()).toBeLessThanOrEqual(2);
  expect(await store.count({})).toBe(21);
});

test('a row that is written is read from the file until the writer has heard of it, and never again as it was', async () => {
  const { store } = await openStore();
  await store.create(keyOf('a'), widget('a', { size: 0 }));
  const seen: number[] = [];
  let isDone = false;
  const reader = (async () => {
    while (!isDone) {
      const [listed] = (await store.list({})).items;
      const got = await store.get(keyOf('a'));
      seen.push(Number(listed?.spec.size), Number(got?.spec.size));
      await new Promise(setImmediate);
    }
  })();
  for (let size = 1; size <= 200; size += 1) await store.update(keyOf('a'), widget('a', { size }), {});
  isDone = true;
  await reader;
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test('a thread that dies fails what it was asked for, and the next write has another', async () => {
  const path = await temporaryPath();
  const { close } = await openSqliteStore({ path, log: silentLogger() });
  onTestFinished(close);
  const writes = new ThreadedWrites({ path, log: silentLogger(), observe: () => undefined });
  onTestFinished(() => writes.close());
  // What no caller can say, since types forbid it.
  const deadly = writes.send({ op: 'appendEvents', stream: 'run/n/a', entries: undefined as never });
  await expect(deadly).rejects.toMatchObject({ reason: 'InternalError', message: expect.stringContaining('whether this was written is not known') as string });
  const entries = [{ id: '1', at: '2026-01-01T00:00:00Z', type: 'line', data: '1' }];
  expect(await writes.send({ op: 'appendEvents', stream: 'run/n/a', entries })).toEqual({ lastSeq: 1, stored: 1 });
});

test('one that cannot be stored fails alone, and the log says that the others had to be stored by themselves', async () => {
  const path = await temporaryPath();
  const { close } = await openSqliteStore({ path, log: silentLogger() });
  onTestFinished(close);
  const lines: string[] = [];
  const writes = new ThreadedWrites({ path, log: pino({ base: undefined }, { write: (line: string) => void lines.push(line) }), observe: () => undefined });
  onTestFinished(() => writes.close());
  const entry = { id: '1', at: '2026-01-01T00:00:00Z', type: 'line', data: '1' };
  const [good, bad, other] = await Promise.allSettled([
    writes.send({ op: 'appendEvents', stream: 'run/n/a', entries: [entry] }),
    // What no caller can say, since types forbid it.
    writes.send({ op: 'appendEvents', stream: 'run/n/b', entries: [{ ...entry, data: {} as never }] }),
    writes.send({ op: 'appendEvents', stream: 'run/n/c', entries: [entry] }),
  ]);
  expect([good, other]).toEqual(Array.from({ length: 2 }, () => ({ status: 'fulfilled', value: { lastSeq: 1, stored: 1 } })));
  expect(bad.status).toBe('rejected');
  expect(lines.map((line) => JSON.parse(line) as { level: number; msg: string })).toEqual([expect.objectContaining({ level: 40, msg: 'several writes at once could not be stored; each is tried by itself' })]);
});

test('one that does not fit on the disk fails alone', async () => {
  const apart: unknown[] = [];
  const { db, dialect, close } = openInline(await temporaryPath(), { onApart: (error) => apart.push(error) });
  const store = new SqlStore(dialect, { log: silentLogger() });
  await store.start();
  onTestFinished(async () => {
    await store.stop();
    close();
  });
  await store.create(keyOf('first'), widget('first'));
  db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 30}`);
  const sizes = [10, 500_000, 10, 500_000, 10];
  const outcomes = await Promise.allSettled(sizes.map((size, index) => store.create(keyOf(`w${index}`), widget(`w${index}`, { text: 'x'.repeat(size) }))));
  expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'stored' : (outcome.reason as { reason: string }).reason))).toEqual(['stored', 'InsufficientStorage', 'stored', 'InsufficientStorage', 'stored']);
  expect((await store.list({})).items.map(({ metadata }) => metadata.name)).toEqual(['first', 'w0', 'w2', 'w4']);
  expect(apart).toEqual([expect.objectContaining({ reason: 'InsufficientStorage' })]);
  expect((await watching(store, { resourceVersion: '1' }).take(3)).map((event) => event.object?.metadata.name)).toEqual(['w0', 'w2', 'w4']);
});

test('a database that another program has locked refuses all of a turn at once', async () => {
  const { store, path } = await openStore();
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  const startedAt = performance.now();
  const outcomes = await Promise.allSettled(names(30).map((name) => store.create(keyOf(name), widget(name))));
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(new Set(outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as { reason: string }).reason : 'stored')))).toEqual(new Set(['ServiceUnavailable']));
  other.exec('ROLLBACK');
  other.close();
  await store.create(keyOf('after'), widget('after'));
});

test('a store that closes stores first what was asked for', async () => {
  const path = await temporaryPath();
  const storage = await openSqliteStore({ path, log: silentLogger() });
  await storage.store.start();
  const writes = names(20).map((name) => storage.store.create(keyOf(name), widget(name)));
  await storage.close();
  await Promise.all(writes);
  const reopened = await openSqliteStore({ path, log: silentLogger() });
  onTestFinished(() => reopened.close());
  expect(await reopened.store.count({})).toBe(20);
});
