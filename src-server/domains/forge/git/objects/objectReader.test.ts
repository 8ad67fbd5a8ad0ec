import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import { CatFileReader } from './catFileReader';
import { createGit, type GitProcess } from '../git';
import { createGitRepositories, type GitRepository } from '../gitRepositories';
import { IsomorphicReader } from './isomorphicReader';
import { maintainRepository } from '../upkeep/maintenance';
import { type ObjectReader, ObjectTooLarge } from './objectReader';
import { listTree } from './tree';

let fixture: GitFixture;
let repository: GitRepository;

beforeEach(async () => {
  fixture = await createGitFixture();
  repository = await fixture.bare('app');
});
afterEach(() => fixture.dispose());

const readers: [string, (repository: GitRepository) => ObjectReader][] = [
  ['git cat-file', ({ git, path }) => new CatFileReader(git, path, { idleTimeoutMs: 10_000 })],
  ['isomorphic-git', ({ path }) => new IsomorphicReader(path)],
];

describe.each(readers)('an object reader by %s', (_, open) => {
  let reader: ObjectReader;
  beforeEach(() => {
    reader = open(repository);
  });
  afterEach(() => reader.close());

  it('reads commits, trees, blobs and tags, byte for byte, loose and packed', async () => {
    const content = randomBytes(70_000);
    const sha = await fixture.commit(repository, { files: { 'a.bin': content, 'empty': '', 'dir/b.txt': 'b\n' } });
    await fixture.user(['tag', '-a', 'v1', '-m', 'one', sha], { cwd: repository.path });
    for (const packed of [false, true]) {
      if (packed) await maintainRepository(repository);
      expect(await reader.resolve('refs/heads/main')).toBe(sha);
      const commit = await reader.read(sha, 10_000);
      expect(commit).toMatchObject({ oid: sha, type: 'commit' });
      const blob = (await fixture.git.run(['rev-parse', `${sha}:a.bin`], { gitDir: repository.path })).stdout.toString().trim();
      expect((await reader.read(blob, 100_000))?.content.equals(content)).toBe(true);
      expect(await reader.info(blob)).toEqual({ oid: blob, type: 'blob', sizeBytes: 70_000 });
      const empty = (await fixture.git.run(['rev-parse', `${sha}:empty`], { gitDir: repository.path })).stdout.toString().trim();
      expect(await reader.read(empty, 0)).toEqual({ oid: empty, type: 'blob', sizeBytes: 0, content: Buffer.alloc(0) });
      const tag = await reader.resolve('refs/tags/v1');
      expect(await reader.info(tag ?? '')).toMatchObject({ type: 'tag' });
      expect(await reader.expand(sha.slice(0, 9))).toBe(sha);
      expect(await reader.resolve('HEAD')).toBe(sha);
    }
  });

  it('answers undefined for what is not there', async () => {
    await fixture.commit(repository, { files: { a: '1' } });
    expect(await reader.info('1'.repeat(40))).toBeUndefined();
    expect(await reader.read('1'.repeat(40), 10)).toBeUndefined();
    expect(await reader.info('not an id')).toBeUndefined();
    expect(await reader.resolve('refs/heads/none')).toBeUndefined();
    expect(await reader.resolve('refs/heads/main~1')).toBeUndefined();
    expect(await reader.resolve('refs/heads/main\ninfo HEAD')).toBeUndefined();
    expect(await reader.expand('ffffffff')).toBeUndefined();
  });

  it('does not read more than it was asked for, and goes on', async () => {
    const sha = await fixture.commit(repository, { files: { a: 'x'.repeat(1000) } });
    const blob = (await fixture.git.run(['rev-parse', `${sha}:a`], { gitDir: repository.path })).stdout.toString().trim();
    await expect(reader.read(blob, 999)).rejects.toThrow(ObjectTooLarge);
    expect((await reader.read(blob, 1000))?.sizeBytes).toBe(1000);
  });

  it('sees objects and references that came after its first question', async () => {
    const first = await fixture.commit(repository, { files: { a: '1' } });
    expect(await reader.resolve('refs/heads/main')).toBe(first);
    const second = await fixture.commit(repository, { files: { a: '2' } });
    await maintainRepository(repository);
    expect(await reader.resolve('refs/heads/main')).toBe(second);
    expect(await reader.info(second)).toMatchObject({ type: 'commit' });
  });

  it('answers many questions at once in their order', async () => {
    const files = Object.fromEntries(Array.from({ length: 200 }, (__, index) => [`f${index}`, `${index}`]));
    const sha = await fixture.commit(repository, { files });
    const { entries } = await listTree({ ...repository, objects: reader }, sha);
    const contents = await Promise.all(entries.map(async (entry) => [entry.name, (await reader.read(entry.sha, 100))?.content.toString()]));
    expect(Object.fromEntries(contents)).toEqual(files);
  });
});

describe('the pool of readers', () => {
  it('starts a new process after one was idle or died', async () => {
    const sha = await fixture.commit(repository, { files: { a: '1' } });
    const start = vi.spyOn(fixture.git, 'start');
    const reader = new CatFileReader(fixture.git, repository.path, { idleTimeoutMs: 1 });
    expect(await reader.info(sha)).toBeDefined();
    await expect.poll(() => reader.isWarm).toBe(false);
    expect(await reader.info(sha)).toBeDefined();
    (start.mock.results.at(-1)?.value as GitProcess).kill();
    await expect.poll(() => reader.isWarm).toBe(false);
    expect(await reader.info(sha)).toBeDefined();
    expect(start).toHaveBeenCalledTimes(3);
    reader.close();
  });

  it('keeps no more processes than it may, and a handle outlives its reader', async () => {
    const git = createGit({ environment: process.env, emptyHome: fixture.folder });
    const start = vi.spyOn(git, 'start');
    const pool = createGitRepositories(git, { maxReaders: 2 });
    const handles = await Promise.all(['a', 'b', 'c'].map(async (name) => pool.open((await fixture.bare(name)).path)));
    for (const { objects } of [...handles, ...handles]) expect(await objects.resolve('HEAD')).toBeUndefined();
    const running = start.mock.calls.filter(([args]) => args[0] === 'cat-file');
    expect(running).toHaveLength(6);
    pool.close();
    for (const result of start.mock.results) expect(await (result.value as GitProcess).ended).toBe(0);
  });

  it('reads without a git on the machine', async () => {
    const sha = await fixture.commit(repository, { files: { 'dir/a.txt': 'x' } });
    const pool = createGitRepositories(createGit({ environment: { PATH: '/nonexistent' }, emptyHome: fixture.folder }));
    expect((await listTree(pool.open(repository.path), sha, { path: 'dir' })).entries).toMatchObject([{ name: 'a.txt', sizeBytes: 1 }]);
    pool.close();
  });
});
