import { createHash } from 'node:crypto';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../test/harness/gitFixture';
import { systemClock } from '../../../app/clock';
import { silentLogger } from '../../../app/log';
import { openFileBlobStore } from '../../../store/fileBlobStore';
import { createRepositoryFiles, type FilePlace, type RepositoryFiles } from '../files/repositoryFiles';
import { initBareRepository } from '../git/upkeep/bareRepository';
import { deleteBranch } from '../git/refs/refs';
import { createLfsCollector, type LfsCollector } from './lfsCollector';

const DAY_MS = 86_400_000;

let fixture: GitFixture;
let root: string;
let files: RepositoryFiles;
let collector: LfsCollector;

beforeEach(async () => {
  fixture = await createGitFixture();
  root = join(fixture.folder, 'repositories');
  files = createRepositoryFiles({ blobs: await openFileBlobStore(join(fixture.folder, 'blobs')), ledger: join(fixture.folder, 'ledger'), repositoriesRoot: root, namedByObjects: async () => new Set() });
  collector = createLfsCollector({ files, git: fixture.repositories, repositoriesRoot: root, clock: systemClock, log: silentLogger() });
});

afterEach(async () => {
  await collector.stop();
  await fixture.dispose();
});

async function repository(name: string): Promise<FilePlace> {
  const path = join(root, 'default', `${name}.git`);
  await initBareRepository(fixture.git, path);
  return { repository: path, use: 'lfs' };
}

const hexOf = (content: string): string => createHash('sha256').update(content).digest('hex');
const pointerTo = (content: string): string => `version https://git-lfs.github.com/spec/v1\noid sha256:${hexOf(content)}\nsize ${content.length}\n`;

async function put(place: FilePlace, content: string, ageDays: number): Promise<void> {
  await files.put(place, Readable.from([Buffer.from(content)]));
  const [hex, then] = [hexOf(content), new Date(Date.now() - ageDays * DAY_MS)];
  for (const folder of [join(place.repository, 'files/lfs'), join(fixture.folder, 'ledger'), join(fixture.folder, 'blobs/sha256')]) await utimes(join(folder, hex.slice(0, 2), hex), then, then);
}

const has = async (place: FilePlace, content: string): Promise<boolean> => (await files.stat(place, `sha256:${hexOf(content)}`)) !== undefined;

async function contents(): Promise<string[]> {
  const folders = await readdir(join(fixture.folder, 'blobs/sha256'));
  return (await Promise.all(folders.map((folder) => readdir(join(fixture.folder, 'blobs/sha256', folder))))).flat().sort();
}

it('drops what no commit has pointed to for two weeks, and then its content', async () => {
  const app = await repository('app');
  await fixture.commit(fixture.repositories.open(app.repository), { files: { 'used.bin': pointerTo('used'), 'deep/er.bin': pointerTo('deeper'), 'text.txt': hexOf('unused') } });
  for (const content of ['used', 'deeper', 'unused']) await put(app, content, 15);
  // Uploaded, and its pointer not pushed yet.
  await put(app, 'coming', 13);
  expect(await collector.collect()).toEqual({ dropped: 1, removed: 1 });
  expect(await Promise.all(['used', 'deeper', 'coming', 'unused'].map((content) => has(app, content)))).toEqual([true, true, true, false]);
  expect(await contents()).toEqual(['used', 'deeper', 'coming'].map(hexOf).sort());
  expect(await collector.collect()).toEqual({ dropped: 0, removed: 0 });
});

it('keeps what a deleted branch points to, because it may be restored', async () => {
  const app = await repository('app');
  const git = fixture.repositories.open(app.repository);
  await fixture.commit(git, { files: { 'a.txt': 'a' } });
  const topic = await fixture.commit(git, { files: { 'large.bin': pointerTo('large') }, branch: 'topic' });
  await put(app, 'large', 100);
  await deleteBranch(git, 'topic', topic);
  expect(await collector.collect()).toEqual({ dropped: 0, removed: 0 });
  expect(await has(app, 'large')).toBe(true);
});

it('keeps a content that another repository has', async () => {
  const [app, fork] = [await repository('app'), await repository('fork')];
  await fixture.commit(fixture.repositories.open(fork.repository), { files: { 'large.bin': pointerTo('large') } });
  await put(app, 'large', 15);
  await put(fork, 'large', 15);
  expect(await collector.collect()).toEqual({ dropped: 1, removed: 0 });
  expect([await has(app, 'large'), await has(fork, 'large')]).toEqual([false, true]);
  expect(await contents()).toEqual([hexOf('large')]);
});

it('leaves a repository that cannot be read as it is, and goes on with the others', async () => {
  const [app, broken] = [await repository('app'), await repository('a-broken-one')];
  await put(app, 'unused', 15);
  await put(broken, 'perhaps used', 15);
  await writeFile(join(broken.repository, 'config'), '[core\n');
  expect(await collector.collect()).toEqual({ dropped: 1, removed: 1 });
  expect(await has(broken, 'perhaps used')).toBe(true);
});
