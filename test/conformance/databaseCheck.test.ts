import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { KradleObject } from '#shared/kind/defineKind';
import { checkInstallation, type CheckReport } from '../../src-server/app/check/checkInstallation';
import { openDataDir, type DataDir } from '../../src-server/app/dataDir';
import { silentLogger } from '../../src-server/app/log';
import { initBareRepository } from '../../src-server/domains/forge/git/upkeep/bareRepository';
import type { DatabaseAddress } from '../../src-server/store/copy/databaseSnapshot';
import { openFileBlobStore } from '../../src-server/store/fileBlobStore';
import type { ObjectKey } from '../../src-server/store/store';
import { SCHEMA_VERSION } from '../../src-server/store/sql/migrations';
import { openPostgresStore } from '../../src-server/store/sql/postgres/openPostgresStore';
import { openSqliteStore } from '../../src-server/store/sql/sqlite/openSqliteStore';
import type { SqlStorage } from '../../src-server/store/sql/sqlStorage';
import { createGitFixture, type GitFixture } from '../harness/gitFixture';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { tempDir } from '../harness/tempDir';
import { keyOf, widget } from './storeSuite';

const postgres = usePostgres();

let fixture: GitFixture;
beforeAll(async () => {
  fixture = await createGitFixture();
});
afterAll(() => fixture.dispose());

/** A fault as SQL that both databases understand, and what is to be said of it. The history is that of {@link tellHistory}. */
const FAULTS: readonly (readonly [problem: string, sql: string, example: string | undefined])[] = [
  ['the revision counter is missing', 'DELETE FROM meta', undefined],
  ['an object has a revision that was never given out', `UPDATE object SET revision = 77 WHERE key = 'widgets/n/a'`, 'widgets/n/a'],
  ['the log has a revision that was never given out', `INSERT INTO log (revision, key, type, at) VALUES (77, 'widgets/n/a', 'C', 0)`, '77'],
  ['an object is not at its last logged change', `DELETE FROM object WHERE key = 'widgets/n/a'`, 'widgets/n/a'],
  ['an object has changed without a trace in the log', `DELETE FROM log WHERE key = 'widgets/n/b'`, 'widgets/n/b'],
  ['a change in the log is not what its type says', `UPDATE log SET prev_value = NULL WHERE revision = 2`, '2'],
  ['a change in the log is not what its type says', `UPDATE log SET prev_revision = NULL WHERE revision = 2`, '2'],
  ['a change in the log does not follow the one before it', `UPDATE log SET prev_revision = 0 WHERE revision = 2`, '2'],
  ['a change in the log does not follow the one before it', 'DELETE FROM log WHERE revision = 1', '2'],
  ['an event stream has lost its count', 'UPDATE event_stream SET last_seq = 5', 'run/n/a'],
  ['events belong to no stream', 'DELETE FROM event_stream', '1'],
  ['a key is none', `UPDATE object SET key = 'nothing' WHERE key = 'widgets/n/b'`, 'nothing'],
  ['an object is not JSON', `UPDATE object SET value = '{' WHERE key = 'widgets/n/b'`, 'widgets/n/b'],
  ['an object is another than its key says', `UPDATE object SET key = 'widgets/n/z' WHERE key = 'widgets/n/b'`, 'widgets/n/z'],
  ['an object has another uid than is noted beside it', `UPDATE object SET uid = 'other' WHERE key = 'widgets/n/b'`, 'widgets/n/b'],
  ['a change in the log has a key that is none', `UPDATE log SET key = 'a/b' WHERE revision = 3`, '3'],
  ['a change in the log is not JSON', `UPDATE log SET prev_value = 'nothing' WHERE revision = 2`, '2'],
  ['a change in the log is of another object than its key says', `UPDATE log SET key = 'widgets/n/y' WHERE revision = 2`, '2'],
  ['an event is not JSON', `UPDATE event SET data = '[' WHERE id = 'e1'`, 'event 1 of stream 1'],
  ['an event has no id', `UPDATE event SET id = '' WHERE id = 'e1'`, 'event 1 of stream 1'],
];

describe('a check of SQLite', () => {
  test('finds nothing wrong with a sound database, while it is written to and when it is not', async () => {
    const { dataDir, storage } = await openInstallation();
    await tellHistory(storage);
    expect(await check(dataDir)).toEqual({
      database: { engine: 'sqlite', where: dataDir.database, schemaVersion: SCHEMA_VERSION, head: '5', floor: '0', objects: 2, changes: 5, streams: 1, events: 2 },
      problems: [],
    });
    await storage.store.compact('3');
    expect((await check(dataDir)).problems).toEqual([]);
    await storage.close();
    const report = await check(dataDir);
    expect([report.problems, report.database.floor, report.database.changes]).toEqual([[], '3', 2]);
  });

  test.each(FAULTS)('says that %s (%s)', async (problem, sql, example) => {
    const { dataDir, storage } = await openInstallation();
    await tellHistory(storage);
    await storage.close();
    const db = new Database(dataDir.database);
    db.exec(sql);
    db.close();
    expect((await check(dataDir)).problems).toContainEqual({ part: 'database', problem, count: expect.any(Number), example: example ?? expect.any(String) });
  });

  test('says so when the file itself is damaged, or is none', async () => {
    const { dataDir, storage } = await openInstallation();
    for (let index = 0; index < 60; index += 1) await storage.store.create(keyOf(`w${index}`), widget(`w${index}`, { padding: 'x'.repeat(3_000) }));
    await storage.close();
    const whole = await readFile(dataDir.database);
    const file = await open(dataDir.database, 'r+');
    await file.write(Buffer.alloc(4096 * 8, 0xa5), 0, 4096 * 8, 4096 * 20);
    await file.close();
    const { problems } = await check(dataDir);
    expect(problems).toEqual([expect.objectContaining({ part: 'database', problem: 'the file is damaged, says SQLite' })]);
    await writeFile(dataDir.database, Buffer.concat([Buffer.from('something else altogether'), whole.subarray(25)]));
    await expect(check(dataDir)).rejects.toMatchObject({ code: 'DATABASE_DAMAGED' });
    await rm(dataDir.database);
    await expect(check(dataDir)).rejects.toMatchObject({ reason: 'NotFound' });
  });

  test('finds missing and damaged blobs, and nothing wrong with artifacts that are elsewhere', async () => {
    const { dataDir, storage } = await openInstallation();
    const blobs = await openFileBlobStore(dataDir.blobs);
    const good = await blobs.put(Buffer.from('good'));
    const bad = await blobs.put(Buffer.from('bad'));
    const missing = `sha256:${'0'.repeat(64)}`;
    await storage.store.create(...artifact('good', { digest: good.digest }));
    await storage.store.create(...artifact('elsewhere', { digest: missing, objectRef: 's3://there' }));
    await storage.store.create(...artifact('expired', { digest: missing }, 'Expired'));
    const sound = await check(dataDir, { blobs: true });
    expect([sound.problems, sound.blobs]).toEqual([[], { files: 2, sizeBytes: 7, artifacts: 1 }]);
    await storage.store.create(...artifact('missing', { digest: missing }));
    const hex = bad.digest.slice('sha256:'.length);
    await writeFile(join(dataDir.blobs, 'sha256', hex.slice(0, 2), hex), 'rot');
    expect((await check(dataDir, { blobs: true })).problems).toEqual([
      { part: 'blobs', problem: 'a blob is not what its digest says', count: 1, example: bad.digest },
      { part: 'blobs', problem: 'the content of an artifact is missing', count: 1, example: 'kradleartifacts/kradle-org-acme/missing' },
    ]);
  });

  test('finds repositories that are missing, and such as lack an object', async () => {
    const { dataDir, storage } = await openInstallation();
    const path = join(dataDir.repositories, 'acme', 'shop.git');
    await initBareRepository(fixture.git, path);
    const sha = await fixture.commit(fixture.repositories.open(path), { files: { a: '1' } });
    const tree = (await fixture.git.run(['rev-parse', `${sha}^{tree}`], { gitDir: path })).stdout.toString().trim();
    await storage.store.create(...repository('shop', 'Ready'));
    await storage.store.create(...repository('still-importing', 'Importing'));
    expect((await check(dataDir, { repositories: true })).problems).toEqual([]);
    await storage.store.create(...repository('gone', 'Ready'));
    await removeObject(path, tree);
    const { problems, repositories } = await check(dataDir, { repositories: true });
    expect(problems).toEqual([
      { part: 'repositories', problem: 'the repository acme/shop.git is damaged', count: 1, example: expect.stringContaining(tree) as string },
      { part: 'repositories', problem: 'a repository has no folder', count: 1, example: 'acme/gone.git' },
    ]);
    expect(repositories).toEqual({ folders: 1, objects: 2 });
  });
});

describe.skipIf(postgresMissing !== undefined)('a check of Postgres', () => {
  const database = (): DatabaseAddress => ({ engine: 'postgres', url: postgres().url() });

  test('finds nothing wrong with a sound database, while it is served and when it is not', async () => {
    await postgres().empty();
    const { dataDir } = await openInstallation();
    await expect(check(dataDir, { database: database() })).rejects.toMatchObject({ reason: 'NotFound' });
    const storage = await openPostgresStore({ url: postgres().url(), log: silentLogger() });
    await tellHistory(storage);
    await storage.store.compact('3');
    const report = await check(dataDir, { database: database() });
    expect(report).toEqual({ database: { engine: 'postgres', where: `127.0.0.1:${postgres().port}/kradle`, schemaVersion: SCHEMA_VERSION, head: '5', floor: '3', objects: 2, changes: 2, streams: 1, events: 2 }, problems: [] });
    await storage.close();
    expect(await check(dataDir, { database: database() })).toEqual(report);
  });

  test.each(FAULTS)('says that %s (%s)', async (problem, sql, example) => {
    await postgres().empty();
    const storage = await openPostgresStore({ url: postgres().url(), log: silentLogger() });
    await tellHistory(storage);
    await storage.close();
    await postgres().query(`SET search_path = kradle; ${sql}`);
    const { dataDir } = await openInstallation();
    expect((await check(dataDir, { database: database() })).problems).toContainEqual({ part: 'database', problem, count: expect.any(Number), example: example ?? expect.any(String) });
  });
});

/** Revisions 1 to 5: an object is made, changed; another is made; a third comes and goes. And a stream of two events. */
async function tellHistory({ store, eventLog }: SqlStorage): Promise<void> {
  await store.create(keyOf('a'), widget('a', { size: 1 }));
  await store.update(keyOf('a'), widget('a', { size: 2 }), {});
  await store.create(keyOf('b'), widget('b'));
  await store.create(keyOf('c'), widget('c'));
  await store.delete(keyOf('c'), {});
  await eventLog.append('run/n/a', ['e1', 'e2'].map((id) => ({ id, at: '2026-01-01T00:00:00Z', type: 'line', data: { id } })));
}

async function check(dataDir: DataDir, opts: { blobs?: boolean; repositories?: boolean; database?: DatabaseAddress } = {}): Promise<CheckReport> {
  return checkInstallation({ database: { engine: 'sqlite', path: dataDir.database }, dataDir, blobs: false, repositories: false, environment: process.env, ...opts });
}

function artifact(name: string, spec: Record<string, unknown>, phase = 'Stored'): [ObjectKey, KradleObject] {
  const key = { plural: 'kradleartifacts', namespace: 'kradle-org-acme', name };
  return [key, { ...widget(name, spec), metadata: { ...widget(name).metadata, namespace: key.namespace }, status: { phase } }];
}

function repository(name: string, phase: string): [ObjectKey, KradleObject] {
  const key = { plural: 'repositories', namespace: 'kradle-org-acme', name };
  return [key, { ...widget(name), metadata: { ...widget(name).metadata, namespace: key.namespace }, status: { phase } }];
}

/** Takes an object out of a repository, loose or packed. */
async function removeObject(path: string, oid: string): Promise<void> {
  const { stdout } = await fixture.git.run(['rev-list', '--objects', '--all'], { gitDir: path });
  const others = stdout.toString().split('\n').map((line) => line.slice(0, 40)).filter((each) => each !== '' && each !== oid);
  const packed = await fixture.git.run(['pack-objects', '--stdout'], { gitDir: path, input: `${others.join('\n')}\n` });
  await rm(join(path, 'objects'), { recursive: true });
  await initObjects(path);
  await fixture.git.run(['unpack-objects', '-q'], { gitDir: path, input: packed.stdout });
}

async function initObjects(path: string): Promise<void> {
  await fixture.git.run(['init', '--quiet', '--bare', path]);
}

async function openInstallation(): Promise<{ dataDir: DataDir; storage: SqlStorage }> {
  const folder = await tempDir('kradle-check-');
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const dataDir = openDataDir(join(folder.path, 'data'));
  const storage = await openSqliteStore({ path: dataDir.database, log: silentLogger() });
  onTestFinished(() => storage.close());
  return { dataDir, storage };
}
