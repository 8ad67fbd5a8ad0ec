import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import type { GitRepository } from '../gitRepositories';
import { removeLeftovers } from './leftovers';
import { maintainRepository } from './maintenance';
import { dueTasks, readRepositoryShape } from './repositoryShape';
import { deleteBranch, updateRef } from '../refs/refs';

let fixture: GitFixture;
let repository: GitRepository;

beforeEach(async () => {
  fixture = await createGitFixture();
  repository = await fixture.bare('app');
});

afterEach(() => fixture.dispose());

async function fsck(): Promise<string> {
  const { stdout, stderr } = await fixture.git.run(['fsck', '--full', '--no-dangling'], { gitDir: repository.path });
  return stdout.toString() + stderr;
}

async function commits(count: number, branch = 'main'): Promise<string> {
  let sha = '';
  for (let index = 0; index < count; index += 1) sha = await fixture.commit(repository, { files: { [`${branch}-${index % 5}.txt`]: `${branch} ${index}\n` }, branch });
  return sha;
}

/** Two weeks and a day go by for what is in packs, as it seems to git. */
async function age(): Promise<void> {
  const folder = join(repository.path, 'objects/pack');
  const before = new Date(Date.now() - 15 * 24 * 3_600_000);
  for (const name of await readdir(folder)) await utimes(join(folder, name), before, before);
}

describe('what is due', () => {
  it('is nothing for a repository that is small or in shape', async () => {
    await commits(3);
    expect(dueTasks(await readRepositoryShape(repository.path))).toEqual([]);
    await maintainRepository(repository);
    expect(await readRepositoryShape(repository.path)).toMatchObject({ looseObjects: 0, looseRefs: 0, packs: 1, hasBitmap: true, hasCommitGraph: true, bytesSinceGraph: 0 });
  });

  it('follows what has gathered', () => {
    const shape = { looseObjects: 0, packs: 1, packedBytes: 10_000_000, looseRefs: 0, hasBitmap: true, hasCommitGraph: true, bytesSinceGraph: 0 };
    expect(dueTasks(shape)).toEqual([]);
    expect(dueTasks({ ...shape, looseRefs: 101 })).toEqual(['refs']);
    expect(dueTasks({ ...shape, looseObjects: 5000 })).toEqual(['objects']);
    expect(dueTasks({ ...shape, packs: 13 })).toEqual(['objects']);
    expect(dueTasks({ ...shape, hasBitmap: false })).toEqual(['objects']);
    expect(dueTasks({ ...shape, hasCommitGraph: false })).toEqual(['graph']);
    expect(dueTasks({ ...shape, bytesSinceGraph: 5_000_000 })).toEqual(['graph']);
    expect(dueTasks(shape, 50)).toEqual(['graph']);
    expect(dueTasks({ ...shape, packedBytes: 1000, hasBitmap: false, hasCommitGraph: false })).toEqual([]);
  });
});

describe('a sweep', () => {
  it('keeps what became unreachable for two weeks from then on, however old it is', async () => {
    await commits(2);
    const lost = await commits(1, 'topic');
    await maintainRepository(repository);
    await age();
    await deleteBranch(repository, 'topic', lost);
    await maintainRepository(repository, { tasks: ['sweep'] });
    await maintainRepository(repository, { tasks: ['sweep'] });
    expect((await repository.objects.info(lost))?.type).toBe('commit');
    expect(await fsck()).toBe('');
    // Without the grace, git drops at once what no reference reaches.
    await fixture.git.run(['repack', '-q', '-d', '--cruft', '--cruft-expiration=now'], { gitDir: repository.path });
    repository.objects.close();
    expect(await repository.objects.info(lost)).toBeUndefined();
    expect(await fsck()).toBe('');
  });

  it('drops it then, unless somebody borrows objects', async () => {
    await commits(2);
    const lost = await commits(1, 'topic');
    await deleteBranch(repository, 'topic', lost);
    await fixture.git.run(['repack', '-q', '-d', '--cruft'], { gitDir: repository.path });
    const cruft = (await readdir(join(repository.path, 'objects/pack'))).find((name) => name.endsWith('.mtimes')) ?? '';
    expect(cruft).not.toBe('');
    await makeOld(join(repository.path, 'objects/pack', cruft));
    await maintainRepository(repository, { tasks: ['sweep'], keepUnreachable: true });
    expect((await repository.objects.info(lost))?.type).toBe('commit');
    await maintainRepository(repository, { tasks: ['sweep'] });
    repository.objects.close();
    expect(await repository.objects.info(lost)).toBeUndefined();
    expect(await fsck()).toBe('');
  });

  it('keeps what a forced branch had, by its reflog', async () => {
    await commits(1);
    const before = await commits(1);
    const forced = await fixture.commit(repository, { files: { 'x.txt': 'x' }, branch: 'other' });
    await updateRef(repository, { ref: 'refs/heads/main', newOid: forced, expectedOid: before, reason: 'forced' });
    await maintainRepository(repository, { tasks: ['refs', 'sweep'] });
    const packs = await readdir(join(repository.path, 'objects/pack'));
    expect(packs.filter((name) => name.endsWith('.mtimes'))).toEqual([]);
    expect((await repository.objects.info(before))?.type).toBe('commit');
  });
});

it('may be killed at any moment, and goes on the next time', async () => {
  await commits(30);
  for (let round = 0; round < 12; round += 1) {
    const head = await commits(3, `branch-${round}`);
    const killed = maintainRepository(repository, { tasks: round % 3 === 2 ? ['refs', 'sweep'] : ['refs', 'objects', 'graph'], signal: AbortSignal.timeout(5 + round * 9) });
    await killed.catch(() => undefined);
    await removeLeftovers(repository.path, { lockMs: 0, temporaryMs: 0 });
    expect(await repository.objects.resolve(`refs/heads/branch-${round}`)).toBe(head);
    expect(await fsck()).toBe('');
  }
  await maintainRepository(repository);
  expect(await fsck()).toBe('');
});

it('removes what killed processes left, once it is old, and nothing else', async () => {
  await commits(2);
  const left = ['refs/heads/main.lock', 'refs/heads/deep/er.lock', 'packed-refs.lock', 'HEAD.lock', 'objects/pack/tmp_pack_Ab12', 'objects/pack/.tmp-1-pack-aa.pack', 'objects/12/tmp_obj_x', 'objects/tmp_objdir-incoming-XyZ/pack/tmp_pack_1', 'objects/info/commit-graphs/commit-graph-chain.lock'];
  for (const name of left) {
    await mkdir(join(repository.path, name, '..'), { recursive: true });
    await writeFile(join(repository.path, name), 'half');
  }
  expect(await removeLeftovers(repository.path, { lockMs: 60_000, temporaryMs: 60_000 })).toEqual([]);
  expect((await removeLeftovers(repository.path, { lockMs: 1000 }, Date.now() + 60_000)).filter((name) => !name.endsWith('.lock'))).toEqual([]);
  const removed = await removeLeftovers(repository.path, { lockMs: 1000, temporaryMs: 1000 }, Date.now() + 60_000);
  expect(removed.sort()).toEqual(['objects/12/tmp_obj_x', 'objects/pack/.tmp-1-pack-aa.pack', 'objects/pack/tmp_pack_Ab12', 'objects/tmp_objdir-incoming-XyZ']);
  expect(await fsck()).toBe('');
  expect(await fixture.commit(repository, { files: { 'after.txt': 'after' } })).toMatch(/^[0-9a-f]{40}$/);
});

it('removes packs without an index, and what kept a pack for a push that is over, but not what people keep', async () => {
  await commits(2);
  await maintainRepository(repository);
  const folder = join(repository.path, 'objects/pack');
  const pack = (await readdir(folder)).find((name) => name.endsWith('.idx'))?.slice(0, -'.idx'.length) ?? '';
  const [half, keptByPeople] = ['a', 'b'].map((digit) => `pack-${digit.repeat(40)}`);
  for (const name of [`${half}.pack`, `${half}.rev`, `${keptByPeople}.idx`]) await writeFile(join(folder, name), 'half');
  await writeFile(join(folder, `${pack}.keep`), 'receive-pack 4711 on forge');
  await writeFile(join(folder, `${keptByPeople}.keep`), 'the release of 1999\n');
  expect((await removeLeftovers(repository.path, { lockMs: 0, temporaryMs: 0 })).sort()).toEqual([`objects/pack/${half}.pack`, `objects/pack/${half}.rev`, `objects/pack/${pack}.keep`].sort());
  expect((await readdir(folder)).filter((name) => name.startsWith(`${keptByPeople}.`)).sort()).toEqual([`${keptByPeople}.idx`, `${keptByPeople}.keep`]);
});

/** Dates of what was set apart are in a table beside its pack. */
async function makeOld(path: string): Promise<void> {
  const bytes = await readFile(path);
  // Header of 12 bytes, four bytes an object, the pack's checksum, this file's checksum (gitformat-pack(5), "pack-*.mtimes").
  for (let at = 12; at < bytes.length - 40; at += 4) bytes.writeUInt32BE(Math.floor(Date.now() / 1000) - 15 * 24 * 3600, at);
  createHash('sha1').update(bytes.subarray(0, -20)).digest().copy(bytes, bytes.length - 20);
  await chmod(path, 0o644);
  await writeFile(path, bytes);
}
