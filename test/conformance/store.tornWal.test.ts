import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KradleObject } from '#shared/kind/defineKind';
import { silentLogger } from '../../src-server/app/log';
import { openSqliteStore } from '../../src-server/store/sql/sqlite/openSqliteStore';
import type { SqlStorage } from '../../src-server/store/sql/sqlStorage';
import { tempDir, type TempDir } from '../harness/tempDir';
import { keyOf, watching, widget } from './storeSuite';

/** Compaction moves what was written so far from the log into the database file; what comes after is few enough to stay in the log. */
const WRITES_BEFORE = 12;
const FLOOR = '5';
const WRITES = 72;
/** Places at which the log is torn, spread over all of it. */
const PLACES = 20;
/** https://sqlite.org/fileformat2.html#the_write_ahead_log */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** What a process leaves that is killed: a database file, and a write-ahead log with what it has not got. */
let folder: TempDir;
let blank: Buffer;
let database: Buffer;
let wal: Buffer;
/** Where the commits in the log end, in bytes from its beginning. */
let commits: readonly number[];
/** What there was at each revision. */
const states = new Map<string, readonly KradleObject[]>([['0', []]]);
let copies = 0;

beforeAll(async () => {
  folder = await tempDir('kradle-torn-');
  const path = join(folder.path, 'written.db');
  const storage = await openSqliteStore({ path, log: silentLogger() });
  blank = await readFile(path);
  await storage.store.start();
  await write(storage);
  [database, wal] = await Promise.all([readFile(path), readFile(`${path}-wal`)]);
  commits = commitsOf(wal);
  await storage.close();
});
afterAll(() => folder[Symbol.asyncDispose]());

const garbled = (at: number): Buffer => {
  const copy = Buffer.from(wal);
  for (let index = at; index < Math.min(at + 16, copy.length); index += 1) copy[index] = 255 - (copy[index] ?? 0);
  return copy;
};
/** A file system that knows the length, but has not the bytes. */
const zeroed = (at: number): Buffer => Buffer.from(wal).fill(0, at);
const cutOff = (at: number): Buffer => wal.subarray(0, at);

describe('a write-ahead log that is torn', () => {
  test.each([['garbled', garbled], ['zeroed from there on', zeroed], ['cut off', cutOff]] as const)('%s: what was committed before the place is there, and nothing of what came after', async (_how, tear) => {
    const last = commits.at(-1) ?? 0;
    expect(commits.length).toBeGreaterThanOrEqual(WRITES - WRITES_BEFORE);
    let before = BigInt(WRITES_BEFORE);
    for (let place = 0; place < PLACES; place += 1) {
      // Odd steps, so that frames are torn in their headers, in their pages and between.
      const at = Math.min(HEADER_BYTES + Math.floor(((last - HEADER_BYTES) * place) / (PLACES - 1)) + (place % 3), last - 1);
      const head = await expectState(tear(at));
      expect(head).toBe(await expectState(cutOff(commits.findLast((end) => end <= at) ?? HEADER_BYTES)));
      expect(head).toBeGreaterThanOrEqual(before);
      before = head;
    }
    expect(await expectState(cutOff(last))).toBe(BigInt(WRITES));
  });

  test('at its beginning is refused by name, and left as it is', async () => {
    for (const at of [0, 5, 8, 16, 31]) {
      const path = await place(garbled(at));
      await expect(openSqliteStore({ path, log: silentLogger() })).rejects.toMatchObject({
        code: 'DATABASE_DAMAGED',
        message: expect.stringMatching(new RegExp(`^${path}-wal is damaged at its beginning.*Restore a backup with "kradle restore"`)) as string,
      });
      expect((await readFile(`${path}-wal`)).equals(garbled(at))).toBe(true);
    }
  });

  test('and gone, with all there was, is refused where there was something', async () => {
    const path = await place(Buffer.alloc(0), blank);
    await expect(openSqliteStore({ path, log: silentLogger(), inUse: true })).rejects.toMatchObject({ code: 'DATABASE_DAMAGED', message: expect.stringContaining(`${path} is empty, though`) as string });
    await (await openSqliteStore({ path, log: silentLogger() })).close();
  });
});

/** Opens what is left and checks that it is the whole of some earlier state, which it goes on from. Answers its revision. */
async function expectState(log: Buffer): Promise<bigint> {
  const storage = await openTorn(log);
  try {
    const { store, eventLog } = storage;
    expect(await storage.checkIntegrity()).toEqual([]);
    await store.start();
    const { head, floor } = await store.revisions();
    expect(floor).toBe(FLOOR);
    expect((await store.list({})).items).toEqual(states.get(head));
    // The history is there as well, once, in order, up to the head.
    const told = await watching(store, { resourceVersion: floor }).take(Number(head) - Number(floor));
    expect(told.map(({ resourceVersion }) => resourceVersion)).toEqual(Array.from({ length: Number(head) - Number(floor) }, (_, index) => String(Number(floor) + index + 1)));
    const page = await eventLog.read('s', { limit: 1 });
    expect(page.lastSeq).toBe(await eventLog.count('s'));
    const next = await store.create(keyOf('afterwards'), widget('afterwards'));
    expect(BigInt(next.metadata.resourceVersion)).toBe(BigInt(head) + 1n);
    return BigInt(head);
  } finally {
    await storage.close();
  }
}

async function openTorn(log: Buffer): Promise<SqlStorage> {
  return openSqliteStore({ path: await place(log), log: silentLogger() });
}

/** A copy of the database with this log. */
async function place(log: Buffer, main = database): Promise<string> {
  const path = join(folder.path, `copy-${(copies += 1)}.db`);
  await Promise.all([writeFile(path, main), writeFile(`${path}-wal`, log)]);
  return path;
}

/** Ends of the frames that end a commit, as far as they are of the log's present round. */
function commitsOf(log: Buffer): number[] {
  const frameBytes = FRAME_HEADER_BYTES + log.readUInt32BE(8);
  const salt = log.subarray(16, 24);
  const ends: number[] = [];
  for (let at = HEADER_BYTES; at + frameBytes <= log.length && log.subarray(at + 8, at + 16).equals(salt); at += frameBytes) {
    if (log.readUInt32BE(at + 4) > 0) ends.push(at + frameBytes);
  }
  return ends;
}

/** Objects that come, change and go, and a stream of events; a commit each. */
async function write({ store, eventLog }: SqlStorage): Promise<void> {
  for (let count = 1; count <= WRITES; count += 1) {
    const key = keyOf(`w${count % 7}`);
    if ((await store.get(key)) === undefined) await store.create(key, widget(key.name, { count }));
    else if (count % 3 === 0) await store.delete(key, {});
    else await store.update(key, widget(key.name, { count }), {});
    const { items, resourceVersion } = await store.list({});
    states.set(resourceVersion, items);
    if (count % 10 === 0) await eventLog.append('s', [{ id: String(count), at: '2026-01-01T00:00:00Z', type: 'line', data: { count } }]);
    if (count === WRITES_BEFORE) await store.compact(FLOOR);
  }
}
