import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { isRepositoryFile, MANIFEST_NAME, partOfEntry, type ArchiveManifest } from '../../src-server/app/backup/archiveFormat';
import { backupPath, writeBackupFile } from '../../src-server/app/backup/backupFile';
import { createBackup, type Backup } from '../../src-server/app/backup/createBackup';
import { restoreBackup } from '../../src-server/app/backup/restoreBackup';
import { commitRestore, makeStaging, settleRestore } from '../../src-server/app/backup/restoreFolder';
import { verifyArchive } from '../../src-server/app/backup/verifyArchive';
import { dataDirAt, openDataDir, readOrCreateAdminToken, type DataDir } from '../../src-server/app/dataDir';
import { openKeyFile } from '../../src-server/app/keyRing';
import { silentLogger } from '../../src-server/app/log';
import { initBareRepository } from '../../src-server/domains/forge/git/upkeep/bareRepository';
import { maintainRepository } from '../../src-server/domains/forge/git/upkeep/maintenance';
import { lockDataDir } from '../../src-server/store/dataDirLock';
import type { DatabaseAddress } from '../../src-server/store/copy/databaseSnapshot';
import type { TableName } from '../../src-server/store/copy/databaseTables';
import { openFileBlobStore } from '../../src-server/store/fileBlobStore';
import { openPostgresStore } from '../../src-server/store/sql/postgres/openPostgresStore';
import { openSqliteStore } from '../../src-server/store/sql/sqlite/openSqliteStore';
import type { SqlStorage } from '../../src-server/store/sql/sqlStorage';
import { createGitFixture, type GitFixture } from '../harness/gitFixture';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { mountSmallDisk, smallDiskMissing } from '../harness/smallDisk';
import { rawTarball, readTarball, writeTarball, type TarEntry } from '../harness/tarballs';
import { tempDir } from '../harness/tempDir';
import { increment, keyOf, watching, widget } from './storeSuite';

const postgres = usePostgres();
const EVERYTHING = { repositories: true, blobs: true, keys: false };

let fixture: GitFixture;
beforeAll(async () => {
  fixture = await createGitFixture();
});
afterAll(() => fixture.dispose());

describe('a backup', () => {
  test('made while eight writers write is the state at its revision, from which watches go on', { timeout: 60_000 }, async () => {
    const { dataDir, storage } = await openInstallation();
    await backsUpWhileWriting({ dataDir, storage });
  });

  test.skipIf(postgresMissing !== undefined)('is the same from Postgres, and goes into SQLite and into Postgres', { timeout: 120_000 }, async () => {
    await postgres().empty();
    const dataDir = openDataDir(join(await useTempDir(), 'data'));
    const database: DatabaseAddress = { engine: 'postgres', url: postgres().url() };
    const storage = await openPostgresStore({ url: database.url, log: silentLogger() });
    onTestFinished(() => storage.close());
    await storage.store.start();
    const file = await backsUpWhileWriting({ dataDir, database, storage });

    await storage.close();
    await postgres().query('CREATE DATABASE restored', { database: 'postgres' });
    const other = postgres().url('restored');
    const target = dataDirAt(join(await useTempDir(), 'restored'));
    const { manifest } = await restoreBackup({ file, dataDir: target, databaseUrl: other, force: false });
    expect(existsSync(target.database)).toBe(false);
    const restored = await openPostgresStore({ url: other, log: silentLogger() });
    expect(await restored.checkIntegrity()).toEqual([]);
    expect((await restored.store.revisions()).head).toBe(manifest.head);
    await restored.store.start();
    await restored.store.create(keyOf('afterwards'), widget('afterwards'));
    await restored.close();

    // It holds something now: only on demand is it moved aside.
    const again = dataDirAt(join(await useTempDir(), 'again'));
    await expect(restoreBackup({ file, dataDir: again, databaseUrl: other, force: false })).rejects.toMatchObject({ reason: 'AlreadyExists' });
    expect(existsSync(again.root)).toBe(false);
    const forced = await restoreBackup({ file, dataDir: again, databaseUrl: other, force: true });
    expect(forced.asideSchema).toMatch(/^kradle_before_restore_\d{8}t\d{6}z$/);
    const [old] = await postgres().query<{ revision: string }>(`SELECT revision FROM ${forced.asideSchema}.meta`, { database: 'restored' });
    expect(BigInt(old?.revision ?? 0)).toBe(BigInt(manifest.head) + 1n);
  });

  test('has every commit that a reference of it names, while pushes and maintenance go on', { timeout: 120_000 }, async () => {
    const { dataDir } = await openInstallation();
    const path = join(dataDir.repositories, 'acme', 'shop.git');
    await initBareRepository(fixture.git, path);
    const repository = fixture.repositories.open(path);
    for (let index = 0; index < 3; index += 1) await fixture.commit(repository, { files: { 'big.bin': randomBytes(200_000) } });
    await fixture.git.run(['tag', '-a', 'v1', '-m', 'one', 'main'], { gitDir: path });
    let working = true;
    const pushing = (async () => {
      for (let index = 0; working; index += 1) {
        await fixture.commit(repository, { branch: `b${index % 5}`, files: { [`f${index}`]: randomBytes(2_000) } });
        if (index % 2 === 0) await maintainRepository(repository);
      }
    })();
    try {
      for (let round = 0; round < 4; round += 1) {
        const { file, backup } = await backUp(dataDir);
        expect(backup.manifest.repositories).toBe(1);
        const target = dataDirAt(join(await useTempDir(), 'restored'));
        await restoreBackup({ file, dataDir: target, force: false });
        const restored = join(target.repositories, 'acme', 'shop.git');
        await fixture.git.run(['fsck', '--full', '--strict'], { gitDir: restored });
        const clone = join(await useTempDir(), 'clone');
        expect((await fixture.user(['clone', '--quiet', restored, clone])).code).toBe(0);
        expect((await fixture.user(['describe', '--tags'], { cwd: clone })).stdout.toString()).toContain('v1');
        // And it is one that can be pushed to and looked after.
        await fixture.commit(fixture.repositories.open(restored), { files: { after: 'x' } });
        await maintainRepository(fixture.repositories.open(restored));
        fixture.repositories.forget(restored);
      }
    } finally {
      working = false;
      await pushing;
    }
  });

  test('has loose references, reflogs and an empty repository, and no settings or hooks', async () => {
    const { dataDir } = await openInstallation();
    const path = join(dataDir.repositories, 'acme', 'shop.git');
    await initBareRepository(fixture.git, path);
    await initBareRepository(fixture.git, join(dataDir.repositories, 'acme', 'empty.git'));
    const repository = fixture.repositories.open(path);
    const first = await fixture.commit(repository, { files: { a: '1' } });
    const second = await fixture.commit(repository, { files: { a: '2' } });
    await fixture.git.run(['update-ref', '-m', 'moved', 'refs/heads/feature/ä', first], { gitDir: path });
    await fixture.git.run(['update-ref', '-m', 'moved again', 'refs/heads/feature/ä', second], { gitDir: path });
    await fixture.git.run(['symbolic-ref', 'HEAD', 'refs/heads/feature/ä'], { gitDir: path });
    await writeFile(join(path, 'config'), '[core]\n\tbare = true\n\tfsmonitor = planted\n');
    await mkdir(join(path, 'hooks'));
    await writeFile(join(path, 'hooks', 'post-update'), 'planted');
    const { file } = await backUp(dataDir);
    const target = dataDirAt(join(await useTempDir(), 'restored'));
    await restoreBackup({ file, dataDir: target, force: false });
    const restored = join(target.repositories, 'acme', 'shop.git');
    const refs = async (gitDir: string) => (await fixture.git.run(['for-each-ref'], { gitDir })).stdout.toString();
    expect(await refs(restored)).toBe(await refs(path));
    expect((await fixture.git.run(['reflog', 'feature/ä'], { gitDir: restored })).stdout.toString()).toContain('moved again');
    expect(await readFile(join(restored, 'HEAD'), 'utf8')).toBe('ref: refs/heads/feature/ä\n');
    expect(await readFile(join(restored, 'config'), 'utf8')).not.toContain('planted');
    expect(existsSync(join(restored, 'hooks'))).toBe(false);
    expect((await fixture.git.run(['status'], { gitDir: join(target.repositories, 'acme', 'empty.git'), okCodes: [0, 128] })).stderr).toContain('work tree');
  });

  test('has blobs; one that was damaged before is said, and not restored', async () => {
    const { dataDir } = await openInstallation();
    const blobs = await openFileBlobStore(dataDir.blobs);
    const good = await blobs.put(Buffer.alloc(1_000_000, 'good'));
    const empty = await blobs.put(Buffer.alloc(0));
    const bad = await blobs.put(Buffer.from('bad'));
    const hex = bad.digest.slice('sha256:'.length);
    await writeFile(join(dataDir.blobs, 'sha256', hex.slice(0, 2), hex), 'rot');
    const { file, backup } = await backUp(dataDir);
    expect(backup.manifest.warnings).toEqual([expect.stringContaining(`${bad.digest} is damaged`)]);
    const target = dataDirAt(join(await useTempDir(), 'restored'));
    const { warnings } = await restoreBackup({ file, dataDir: target, force: false });
    expect(warnings).toHaveLength(2);
    const restored = await openFileBlobStore(target.blobs);
    expect([await restored.has(good.digest), await restored.has(empty.digest), await restored.has(bad.digest)]).toEqual([true, true, false]);
  });

  test('has no key unless it is asked for them, and is readable by its owner only', async () => {
    const { dataDir } = await openInstallation();
    openKeyFile(dataDir.secretKeyFile);
    const secretKey = (await readFile(dataDir.secretKeyFile, 'utf8')).trim();
    const secrets = [readOrCreateAdminToken(dataDir), secretKey, 'planted certificate key'];
    await mkdir(dataDir.tls);
    await writeFile(join(dataDir.tls, 'ca.key'), 'planted certificate key');
    const plain = await backUp(dataDir);
    expect((await stat(plain.file)).mode & 0o777).toBe(0o600);
    const raw = await rawTarball(plain.file);
    for (const secret of secrets) expect(raw.includes(secret)).toBe(false);

    const keyed = await backUp(dataDir, { include: { ...EVERYTHING, keys: true } });
    for (const secret of secrets) expect((await rawTarball(keyed.file)).includes(secret)).toBe(true);
    const target = dataDirAt(join(await useTempDir(), 'restored'));
    await restoreBackup({ file: keyed.file, dataDir: target, force: false });
    expect(readOrCreateAdminToken(target)).toBe(secrets[0]);
    expect(await readFile(join(target.tls, 'ca.key'), 'utf8')).toBe('planted certificate key');
    expect((await stat(target.secretKeyFile)).mode & 0o777).toBe(0o600);
  });

  test('without repositories and blobs has neither, and a restore leaves those that are there', async () => {
    const { dataDir, storage } = await openInstallation();
    await initBareRepository(fixture.git, join(dataDir.repositories, 'acme', 'shop.git'));
    const { digest } = await (await openFileBlobStore(dataDir.blobs)).put(Buffer.from('kept'));
    readOrCreateAdminToken(dataDir);
    const { file } = await backUp(dataDir, { include: { repositories: false, blobs: false, keys: false } });
    expect((await readTarball(file)).filter(({ name }) => /^(repositories|blobs)\//.test(name))).toEqual([]);
    await storage.store.create(keyOf('later'), widget('later'));
    await storage.close();
    const { aside } = await restoreBackup({ file, dataDir, force: true });
    expect(existsSync(join(dataDir.repositories, 'acme', 'shop.git', 'HEAD'))).toBe(true);
    expect(await (await openFileBlobStore(dataDir.blobs)).has(digest)).toBe(true);
    expect(existsSync(dataDir.adminTokenFile)).toBe(true);
    expect(await readdir(aside ?? '')).toEqual(expect.arrayContaining(['kradle.db', 'workspaces', 'runs']));
    expect(await readdir(aside ?? '')).not.toEqual(expect.arrayContaining(['repositories']));
    const reopened = await openSqliteStore({ path: dataDir.database, log: silentLogger() });
    expect(await reopened.store.get(keyOf('later'))).toBeUndefined();
    await reopened.close();
  });

  test('that is stopped or that the disk has no room for leaves no file', async () => {
    const { dataDir } = await openInstallation();
    await (await openFileBlobStore(dataDir.blobs)).put(randomBytes(3_000_000));
    const folder = await useTempDir();
    const stop = new AbortController();
    const stopped = writeBackupFile(join(folder, 'b.tar.gz'), (destination) =>
      createBackup({ ...optionsFor(dataDir), destination, signal: stop.signal, onProgress: () => stop.abort() }),
    );
    await expect(stopped).rejects.toThrow(/aborted/i);
    expect(await readdir(folder)).toEqual([]);
    await expect(writeBackupFile(join(folder, 'missing', 'b.tar.gz'), (destination) => createBackup({ ...optionsFor(dataDir), destination }))).rejects.toMatchObject({ reason: 'NotFound' });
  });

  test.skipIf(smallDiskMissing !== undefined)('onto a full disk says so and leaves no file', async () => {
    const { dataDir } = await openInstallation();
    await (await openFileBlobStore(dataDir.blobs)).put(randomBytes(3_000_000));
    const disk = mountSmallDisk(1);
    onTestFinished(() => disk[Symbol.asyncDispose]());
    const full = writeBackupFile(join(disk.path, 'b.tar.gz'), (destination) => createBackup({ ...optionsFor(dataDir), destination }));
    await expect(full).rejects.toMatchObject({ reason: 'InsufficientStorage', message: expect.stringContaining('no backup was made') as string });
    expect(await readdir(disk.path)).toEqual([]);
    const { file } = await backUp(dataDir);
    await expect(restoreBackup({ file, dataDir: dataDirAt(join(disk.path, 'restored')), force: false })).rejects.toMatchObject({ reason: 'InsufficientStorage' });
    expect(await readdir(disk.path)).toEqual([]);
  });

  test('replaces an older one of its name only when it is whole, and gets a name of its own in a folder', async () => {
    const { dataDir } = await openInstallation();
    const folder = await useTempDir();
    const path = join(folder, 'b.tar.gz');
    await writeFile(path, 'older');
    await expect(writeBackupFile(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await readFile(path, 'utf8')).toBe('older');
    await writeBackupFile(path, (destination) => createBackup({ ...optionsFor(dataDir), destination }));
    await verifyArchive(path, {});
    expect(await readdir(folder)).toEqual(['b.tar.gz']);
    expect(await backupPath(folder, new Date('2026-11-21T10:20:30.400Z'))).toBe(join(folder, 'kradle-backup-20261121T102030Z.tar.gz'));
  });
});

describe('a backup that is not what it was', () => {
  let file: string;
  let entries: TarEntry[];
  let manifest: ArchiveManifest;
  beforeAll(async () => {
    const { dataDir, storage } = await openInstallation({ keep: true });
    const path = join(dataDir.repositories, 'acme', 'shop.git');
    await initBareRepository(fixture.git, path);
    await fixture.commit(fixture.repositories.open(path), { files: { a: '1' } });
    await (await openFileBlobStore(dataDir.blobs)).put(Buffer.from('a blob'));
    await storage.store.create(keyOf('a'), widget('a'));
    await storage.eventLog.append('run/n/a', [{ id: '1', at: '2026-01-01T00:00:00Z', type: 'line', data: 1 }]);
    ({ file } = await backUp(dataDir));
    await storage.close();
    entries = await readTarball(file);
    ({ manifest } = await verifyArchive(file, {}));
  });

  /** What a restore says of an archive that has these entries; it must refuse it and leave nothing. */
  async function refusal(changed: readonly TarEntry[]): Promise<string> {
    const folder = await useTempDir();
    const path = join(folder, 'changed.tar.gz');
    await writeTarball(path, changed);
    return refusalOf(path);
  }

  async function refusalOf(path: string): Promise<string> {
    const root = join(await useTempDir(), 'data');
    const error = await restoreBackup({ file: path, dataDir: dataDirAt(root), force: false }).then(
      () => new Error('it was restored'),
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: 'StatusError', reason: 'Invalid' });
    expect(existsSync(root)).toBe(false);
    return error instanceof Error ? error.message : '';
  }

  const withManifest = (change: (manifest: ArchiveManifest) => unknown): TarEntry[] =>
    entries.map((entry) => (entry.name === MANIFEST_NAME ? { ...entry, content: Buffer.from(JSON.stringify(change(structuredClone(manifest)))) } : entry));
  const before = (added: TarEntry): TarEntry[] => entries.flatMap((entry) => (entry.name === MANIFEST_NAME ? [added, entry] : [entry]));

  test('is taken as it was written', async () => {
    const folder = await useTempDir();
    await writeTarball(join(folder, 'same.tar.gz'), entries);
    expect((await verifyArchive(join(folder, 'same.tar.gz'), {})).manifest).toEqual(manifest);
  });

  test('is refused wherever it is cut off', { timeout: 60_000 }, async () => {
    const whole = await readFile(file);
    const folder = await useTempDir();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 9 }), async (length) => {
        const path = join(folder, `${length}.tar.gz`);
        await writeFile(path, whole.subarray(0, length));
        await expect(verifyArchive(path, {})).rejects.toMatchObject({ name: 'StatusError', reason: 'Invalid' });
      }),
      { numRuns: 60 },
    );
  });

  test('is refused whichever byte of the archive is another', { timeout: 120_000 }, async () => {
    const raw = await rawTarball(file);
    const folder = await useTempDir();
    const { gzipSync } = await import('node:zlib');
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: raw.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(raw);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const path = join(folder, 'changed.tar.gz');
        await writeFile(path, gzipSync(changed));
        // What tar fills up with means nothing: then it is still what it was.
        await verifyArchive(path, {}).then(
          (verified) => expect(verified.manifest.parts).toEqual(manifest.parts),
          (error: unknown) => expect(error).toMatchObject({ name: 'StatusError', reason: 'Invalid' }),
        );
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    '../evil', 'repositories/../../evil', '/etc/evil', 'repositories/acme/shop.git/config', 'repositories/acme/shop.git/hooks/post-update', 'repositories/acme/shop.git/objects/info/alternates',
    'repositories/acme/shop.git/refs/../../../../evil', 'repositories/acme/shop.git/logs/refs/heads/../../../../evil', 'repositories/acme/../shop.git/HEAD', 'repositories/.././HEAD',
    'blobs/sha256/ab/../../../evil', 'keys/../evil', 'kradle.db', 'server.json', 'database/object/../../evil', 'repositories\\acme\\evil', 'repositories/acme/shop.git/refs/heads/a\\..\\b',
  ])('is refused with the name %j in it', async (name) => {
    expect(partOfEntry(name)).toBeUndefined();
    expect(await refusal(before({ name, content: Buffer.from('evil') }))).toContain('which no backup has');
  });

  test('is refused with anything but plain files in it', async () => {
    const target = 'blobs/sha256/ab/ab00000000000000000000000000000000000000000000000000000000000000';
    for (const type of ['symlink', 'link', 'directory', 'fifo', 'character-device'] as const) {
      expect(await refusal(before({ name: target, content: Buffer.alloc(0), header: { type, linkname: '/etc/passwd' } }))).toContain('no file');
    }
  });

  test('is refused when content, order or number of its files is another', async () => {
    const rows = entries.findIndex(({ name }) => name.startsWith('database/object/'));
    const changed = entries.map((entry, index) => (index === rows ? { ...entry, content: Buffer.from(entry.content.toString().replace('uid-a', 'uid-b')) } : entry));
    expect(await refusal(changed)).toContain('database/object is not what was put into it');
    const blob = entries.find(({ name }) => name.startsWith('blobs/'));
    expect(await refusal(entries.filter((entry) => entry !== blob))).toMatch(/has \d+ parts, and its manifest names \d+/);
    expect(await refusal(before({ name: `repositories/acme/other.git/HEAD`, content: Buffer.from('ref: refs/heads/main\n') }))).toMatch(/has \d+ parts/);
    expect(await refusal(before({ name: `repositories/acme/shop.git/refs/heads/evil`, content: Buffer.from('x') }))).toContain('do not lie together');
    const [header, first, second, ...rest] = entries;
    if (header === undefined || first === undefined || second === undefined) throw new Error('a backup has more entries');
    expect(await refusal([header, second, first, ...rest])).toContain('in its place');
    expect(await refusal([...entries, { name: first.name, content: first.content }])).toContain('something follows its manifest');
  });

  test('is refused without its manifest, or with one that says something else', async () => {
    expect(await refusal(entries.filter(({ name }) => name !== MANIFEST_NAME))).toContain('it ends before its manifest');
    expect(await refusal(withManifest(() => ({})))).toContain('its manifest is not one');
    expect(await refusal(withManifest((said) => ({ ...said, head: '-1' })))).toContain('its manifest is not one');
    expect(await refusal(withManifest((said) => ({ ...said, tables: { ...said.tables, log: { rows: 5, sha256: '0'.repeat(64) } } })))).toContain('the rows of its table "log"');
  });

  test('is refused when a newer program made it', async () => {
    const header = Buffer.from(JSON.stringify({ format: 'kradle-backup', formatVersion: 2, andMore: true }));
    expect(await refusal([{ name: 'kradle-backup.json', content: header }, { name: 'something/new', content: header }])).toContain('This backup has format 2; this Kradle knows up to 1');
    expect(await refusal(withManifest((said) => ({ ...said, schemaVersion: 99, kradleVersion: '9.9.9' })))).toMatch(/newer Kradle \(schema 99.*9\.9\.9 or newer/);
  });

  test('is refused when it is something else altogether', async () => {
    const folder = await useTempDir();
    const path = join(folder, 'other');
    await writeFile(path, 'a letter');
    expect(await refusalOf(path)).toContain('not compressed by gzip');
    expect(await refusal([{ name: 'holiday.jpg', content: Buffer.from('x') }])).toContain('another archive');
    expect(await refusal([])).toContain('it is empty');
    await expect(verifyArchive(join(folder, 'nothing'), {})).rejects.toMatchObject({ reason: 'NotFound' });
  });

  /** The backup with other rows of a table, and a manifest that fits them. */
  function withRows(table: TableName, text: Buffer, more: Partial<ArchiveManifest> = {}): TarEntry[] {
    const rows = entries.findIndex(({ name }) => name.startsWith(`database/${table}/`));
    const name = entries[rows]?.name ?? '';
    const digest = { rows: text.toString().split('\n').length - 1, sha256: createHash('sha256').update(text).digest('hex') };
    const sha256 = createHash('sha256').update(`${name}\0${text.length}\0`).update(text).digest('hex');
    const forged = withManifest((said) => ({
      ...said,
      ...more,
      tables: { ...said.tables, [table]: digest },
      parts: said.parts.map((part) => (part.name === `database/${table}` ? { ...part, sizeBytes: text.length, sha256 } : part)),
    }));
    return forged.map((entry, index) => (index === rows ? { ...entry, content: text } : entry));
  }

  test('is refused when rows that fit its manifest are none', async () => {
    expect(await refusal(withRows('object', Buffer.from('["a","b"]\n')))).toContain('something that is no row');
    expect(await refusal(withRows('object', Buffer.from('["a","b","1","{}",null]\n')))).toContain('something that is no row');
    expect(await refusal(withRows('log', Buffer.from('["1","widgets/n/a","C",null,"0","what it made",null,null]\n')))).toContain('something that is no row');
  });

  test('is restored when an earlier schema had a column that is gone', async () => {
    const value = JSON.stringify(widget('a'));
    const path = join(await useTempDir(), 'older.tar.gz');
    await writeTarball(path, withRows('log', Buffer.from(`${JSON.stringify(['1', 'widgets/n/a', 'C', null, '0', value, null])}\n`), { schemaVersion: 3 }));
    const dataDir = dataDirAt(join(await useTempDir(), 'data'));
    await restoreBackup({ file: path, dataDir, force: false });
    const storage = await openSqliteStore({ path: dataDir.database, log: silentLogger() });
    onTestFinished(() => storage.close());
    await storage.store.start();
    expect(await storage.checkIntegrity()).toEqual([]);
    expect((await watching(storage.store, { resourceVersion: '0' }).take(1)).map(({ type, object }) => [type, object?.metadata.name])).toEqual([['ADDED', 'a']]);
  });
});

describe('names of entries', () => {
  test('never lead out of the folder, whatever they are', () => {
    const segment = fc.oneof(fc.constantFrom('..', '.', '', 'repositories', 'acme', 'shop.git', 'refs', 'heads', 'logs', 'objects', 'pack', 'HEAD', 'blobs', 'sha256', 'ab', 'keys', 'tls', '\\', 'C:'), fc.string({ unit: 'binary', maxLength: 5 }));
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 9 }), (segments) => {
        const name = segments.join('/');
        if (partOfEntry(name) === undefined && !isRepositoryFile(name)) return;
        expect(name.split('/').some((each) => ['', '.', '..'].includes(each) || /[\\:\0]/.test(each))).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a restore', () => {
  test('is refused into a folder that a server has, or that is not empty, and changes nothing there', async () => {
    const { dataDir } = await openInstallation();
    const { file } = await backUp(dataDir);
    const root = join(await useTempDir(), 'data');
    await mkdir(root);
    const lock = await lockDataDir(root);
    await expect(restoreBackup({ file, dataDir: dataDirAt(root), force: true })).rejects.toMatchObject({ reason: 'Conflict' });
    await lock.release();
    await writeFile(join(root, 'notes.txt'), 'mine');
    await expect(restoreBackup({ file, dataDir: dataDirAt(root), force: false })).rejects.toMatchObject({ reason: 'AlreadyExists', message: expect.stringContaining('notes.txt') as string });
    expect((await readdir(root)).sort()).toEqual(['kradle.lock', 'notes.txt']);
  });

  test('by force moves what is there aside, and leaves settings and keys that the backup has not', async () => {
    const { dataDir, storage } = await openInstallation();
    await storage.store.create(keyOf('a'), widget('a'));
    const { file } = await backUp(dataDir);
    const other = openDataDir(join(await useTempDir(), 'data'));
    const token = readOrCreateAdminToken(other);
    await writeFile(join(other.root, 'config.yaml'), 'port: 1234\n');
    await writeFile(join(other.root, 'notes.txt'), 'mine');
    await writeFile(`${other.database}-wal`, 'of another database');
    const { aside } = await restoreBackup({ file, dataDir: other, force: true });
    expect(await readFile(join(aside ?? '', 'notes.txt'), 'utf8')).toBe('mine');
    expect(await readFile(join(aside ?? '', 'kradle.db-wal'), 'utf8')).toBe('of another database');
    expect(await readFile(join(other.root, 'config.yaml'), 'utf8')).toBe('port: 1234\n');
    expect(readOrCreateAdminToken(other)).toBe(token);
    const restored = await openSqliteStore({ path: other.database, log: silentLogger() });
    expect(await restored.store.get(keyOf('a'))).toBeDefined();
    await restored.close();
  });

  test('that is stopped leaves the folder as it was', async () => {
    const { dataDir, storage } = await openInstallation();
    await storage.store.create(keyOf('a'), widget('a'));
    const { file } = await backUp(dataDir);
    const folder = await useTempDir();
    const root = join(folder, 'not', 'there', 'yet');
    for (const phase of ['bytes checked', 'bytes restored', 'rows of log read back']) {
      const stop = new AbortController();
      const stopped = restoreBackup({ file, dataDir: dataDirAt(root), force: false, signal: stop.signal, onProgress: ({ what }) => void (what === phase && stop.abort()) });
      await expect(stopped).rejects.toThrow(/aborted/i);
      expect(await readdir(folder)).toEqual([]);
    }
  });

  test('that is killed between any two of its last steps is finished by the next start', async () => {
    const old = ['kradle.db', 'kradle.db-wal', 'repositories', 'workspaces'];
    const pieces = ['blobs', 'kradle.db', 'repositories'];
    for (let steps = 0; ; steps += 1) {
      const root = await useTempDir();
      for (const entry of old) await writeFile(join(root, entry), `old ${entry}`);
      const staging = await makeStaging(root);
      for (const piece of pieces) await writeFile(join(staging, piece), `new ${piece}`);
      const plan = { aside: 'before-restore-1', old, pieces };
      // As `commitRestore` begins, and then as many steps as it came to.
      await writeFile(join(staging, 'plan.json'), JSON.stringify(plan));
      await rename(staging, join(root, 'restored'));
      const script = [
        () => mkdir(join(root, plan.aside)),
        ...old.map((entry) => () => rename(join(root, entry), join(root, plan.aside, entry))),
        ...pieces.map((piece) => () => rename(join(root, 'restored', piece), join(root, piece))),
      ];
      for (const step of script.slice(0, steps)) await step();
      // A server makes what is missing before it looks.
      if (!existsSync(join(root, 'blobs'))) await mkdir(join(root, 'blobs'));
      expect(await settleRestore(root)).toBe(true);
      expect((await readdir(root)).sort()).toEqual(['before-restore-1', ...pieces].sort());
      for (const piece of pieces) expect(await readFile(join(root, piece), 'utf8')).toBe(`new ${piece}`);
      for (const entry of old) expect(await readFile(join(root, plan.aside, entry), 'utf8')).toBe(`old ${entry}`);
      expect(await settleRestore(root)).toBe(false);
      if (steps > script.length) return;
    }
  });

  test('that was not decided is forgotten by the next start', async () => {
    const root = await useTempDir();
    await writeFile(join(root, 'kradle.db'), 'old');
    await writeFile(join(await makeStaging(root), 'kradle.db'), 'new');
    expect(await settleRestore(root)).toBe(false);
    expect(await readdir(root)).toEqual(['kradle.db']);
    await writeFile(join(await makeStaging(root), 'kradle.db'), 'newer');
    await commitRestore(root, { aside: 'before-restore-2', old: ['kradle.db'], pieces: ['kradle.db'] });
    expect(await readFile(join(root, 'kradle.db'), 'utf8')).toBe('newer');
  });
});

/** Backs up under eight writers and a stream, restores into SQLite, and compares with what the source says of that revision. */
async function backsUpWhileWriting(opts: { dataDir: DataDir; database?: DatabaseAddress; storage: SqlStorage }): Promise<string> {
  const { dataDir, storage } = opts;
  const { store, eventLog } = storage;
  const names = Array.from({ length: 8 }, (_, writer) => `w${writer}`);
  for (const name of names) await store.create(keyOf(name), widget(name, { count: 0, padding: randomBytes(5_000).toString('hex') }));
  let writing = true;
  const writers = [
    ...names.map(async (name) => {
      while (writing) await increment(store, name);
    }),
    (async () => {
      for (let index = 0; writing; index += 1) await eventLog.append('run/n/a', [{ id: `e${index}`, at: '2026-01-01T00:00:00Z', type: 'line', data: { index } }]);
    })(),
  ];
  const { file, backup } = await backUp(dataDir, opts.database === undefined ? {} : { database: opts.database });
  writing = false;
  await Promise.all(writers);
  const { head, floor } = backup.manifest;
  expect(BigInt((await store.revisions()).head)).toBeGreaterThan(BigInt(head));
  expect(backup.manifest.tables.object.rows).toBe(8);

  const target = dataDirAt(join(await useTempDir(), 'restored'));
  await restoreBackup({ file, dataDir: target, force: false });
  const restored = await openSqliteStore({ path: target.database, log: silentLogger() });
  onTestFinished(() => restored.close());
  await restored.store.start();
  expect(await restored.checkIntegrity()).toEqual([]);
  expect(await restored.store.revisions()).toEqual({ head, floor });
  expect((await restored.store.list({})).items).toEqual((await store.list({ atResourceVersion: head })).items);
  // A watcher that was half way goes on with the same changes, in the same order.
  const from = (BigInt(head) - 5n).toString();
  const [seen, expected] = await Promise.all([restored.store, store].map((each) => watching(each, { resourceVersion: from }).take(5)));
  expect(seen).toEqual(expected);
  const events = await restored.eventLog.count('run/n/a');
  expect(events).toBe(backup.manifest.tables.event.rows);
  expect((await restored.eventLog.read('run/n/a', { limit: 5_000 })).items).toEqual((await eventLog.read('run/n/a', { before: events + 1, limit: 5_000 })).items);
  await restored.store.create(keyOf('afterwards'), widget('afterwards'));
  return file;
}

async function openInstallation(opts: { keep?: boolean } = {}): Promise<{ dataDir: DataDir; storage: SqlStorage }> {
  const dataDir = openDataDir(join(await (opts.keep === true ? keptTempDir() : useTempDir()), 'data'));
  const storage = await openSqliteStore({ path: dataDir.database, log: silentLogger() });
  await storage.store.start();
  if (opts.keep !== true) onTestFinished(() => storage.close());
  return { dataDir, storage };
}

function optionsFor(dataDir: DataDir): Omit<Parameters<typeof createBackup>[0], 'destination'> {
  return { database: { engine: 'sqlite', path: dataDir.database }, dataDir, include: EVERYTHING, kradleVersion: '0.0.0-test' };
}

async function backUp(dataDir: DataDir, opts: { database?: DatabaseAddress; include?: typeof EVERYTHING } = {}): Promise<{ file: string; backup: Backup }> {
  const file = join(await keptTempDir(), 'backup.tar.gz');
  const { database, include } = opts;
  const backup = await writeBackupFile(file, (destination) =>
    createBackup({ ...optionsFor(dataDir), destination, ...(database === undefined ? {} : { database }), ...(include === undefined ? {} : { include }) }),
  );
  expect(createHash('sha256').update(await readFile(file)).digest('hex')).toBe(backup.archive.sha256);
  return { file, backup };
}

const kept: AsyncDisposable[] = [];
afterAll(async () => {
  for (const folder of kept) await folder[Symbol.asyncDispose]();
});

/** Goes when all tests of this file are done. */
async function keptTempDir(): Promise<string> {
  const folder = await tempDir('kradle-backup-');
  kept.push(folder);
  return folder.path;
}

async function useTempDir(): Promise<string> {
  const folder = await tempDir('kradle-backup-');
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return folder.path;
}
