import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanEnvironment, runProcess } from '../harness/runProcess';
import { KRADLE, startServer } from '../harness/startServer';
import { tempDir, type TempDir } from '../harness/tempDir';

const RESOURCES = '/api/orgs/default/resources';
const user = (name: string) => ({ kind: 'User', metadata: { name }, spec: { displayName: name, email: `${name}@example.com` } });

/** The data folder of a server that was killed, to be copied. */
let folder: TempDir;
let killed: string;
beforeAll(async () => {
  folder = await tempDir();
  await using server = await startServer();
  for (const name of ['ada', 'bert', 'carl']) await server.api('POST', RESOURCES, user(name));
  await server.kill9();
  killed = join(folder.path, 'killed');
  await cp(server.dataDir, killed, { recursive: true });
});
afterAll(() => folder[Symbol.asyncDispose]());

let copies = 0;
async function copyOfKilled(): Promise<string> {
  const dataDir = join(folder.path, `copy-${(copies += 1)}`);
  await cp(killed, dataDir, { recursive: true });
  return dataDir;
}

/** The database file without its companions. */
async function replaceDatabase(dataDir: string, content: Buffer | string): Promise<void> {
  for (const suffix of ['-wal', '-shm']) await rm(join(dataDir, `kradle.db${suffix}`), { force: true });
  await writeFile(join(dataDir, 'kradle.db'), content);
}

function makeDatabase(dataDir: string, sql: string): void {
  const path = join(dataDir, 'kradle.db');
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

async function garble(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  for (let index = at; index < Math.min(at + 64, bytes.length); index += 1) bytes[index] = 255 - (bytes[index] ?? 0);
  await writeFile(path, bytes);
}

describe('a database that is damaged', () => {
  it.each<[string, (dataDir: string) => Promise<void>, RegExp]>([
    ['has random bytes in it', (dataDir) => replaceDatabase(dataDir, randomBytes(40_000)), /kradle\.db is no SQLite database\. Restore a backup with "kradle restore"/],
    ['is a text', (dataDir) => replaceDatabase(dataDir, 'dear diary\n'), /kradle\.db is no SQLite database\. Restore a backup with "kradle restore"/],
    ['is empty', (dataDir) => replaceDatabase(dataDir, ''), /kradle\.db is empty, though this data folder has been in use\. Restore a backup with "kradle restore"; or delete that file/],
    ['has its header and nothing else', async (dataDir) => replaceDatabase(dataDir, (await readFile(join(dataDir, 'kradle.db'))).subarray(0, 100)), /kradle\.db .*Restore a backup with "kradle restore"/],
    ['has lost its tables', async (dataDir) => {
      await replaceDatabase(dataDir, '');
      makeDatabase(dataDir, 'VACUUM');
    }, /kradle\.db is empty, though this data folder has been in use/],
    ["is another program's", async (dataDir) => {
      await replaceDatabase(dataDir, '');
      makeDatabase(dataDir, 'CREATE TABLE moz_places (id INTEGER PRIMARY KEY); PRAGMA user_version = 77');
    }, /kradle\.db is the database of another program\. Choose another data folder/],
    ["is another program's, which counts no versions", async (dataDir) => {
      await replaceDatabase(dataDir, '');
      makeDatabase(dataDir, 'CREATE TABLE notes (id INTEGER PRIMARY KEY)');
    }, /kradle\.db is the database of another program\. Choose another data folder/],
    ["is a newer Kradle's", (dataDir) => {
      makeDatabase(dataDir, 'PRAGMA user_version = 1000');
      return Promise.resolve();
    }, /written by a newer Kradle \(schema 1000; .*\)\. Start that version, or restore a backup/],
    ['has a log that is damaged at its beginning', (dataDir) => garble(join(dataDir, 'kradle.db-wal'), 0), /kradle\.db-wal is damaged at its beginning, .*Restore a backup with "kradle restore"; or move that file away/],
  ])('because it %s, is refused in a line that names it and says what to do, and left as it is', async (_what, damage, message) => {
    const dataDir = await copyOfKilled();
    await damage(dataDir);
    const before = await readFile(join(dataDir, 'kradle.db'));
    const ended = await runProcess(process.execPath, [KRADLE, 'serve', '--port', '0', '--data-dir', dataDir], { env: cleanEnvironment(folder.path) });
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(message) as string });
    expect(ended.stderr).toMatch(/^error: [^\n]+\n$/);
    expect((await readFile(join(dataDir, 'kradle.db'))).equals(before)).toBe(true);
    expect(existsSync(join(dataDir, 'server.json'))).toBe(existsSync(join(killed, 'server.json')));
  });

  it('only at the end of its log, is served as it was before that', async () => {
    const dataDir = await copyOfKilled();
    const wal = join(dataDir, 'kradle.db-wal');
    await garble(wal, (await stat(wal)).size - 200);
    await using server = await startServer({ dataDir });
    const { items } = await server.api<{ items: { metadata: { name: string } }[] }>('GET', `${RESOURCES}?kind=users`);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(['ada', 'admin', 'bert']));
    await server.api('POST', RESOURCES, user('after'));
  });

  it('never to begin with, starts: a folder that was given up half made', async () => {
    const dataDir = join(folder.path, 'half-made');
    await cp(killed, dataDir, { recursive: true });
    for (const file of ['admin-token', 'secret.key']) await rm(join(dataDir, file));
    await replaceDatabase(dataDir, '');
    await using server = await startServer({ dataDir });
    expect((await server.fetch(`${RESOURCES}/users/admin`)).status).toBe(200);
  });
});
