import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../../../test/harness/eventually';
import { createGitFixture, type GitFixture } from '../../../../test/harness/gitFixture';
import { silentLogger } from '../../../app/log';
import { initBareRepository } from '../git/upkeep/bareRepository';
import type { GitRepository } from '../git/gitRepositories';
import { readRepositoryShape } from '../git/upkeep/repositoryShape';
import { createMaintenance, type Maintenance, type MaintenanceDeps, type MaintenanceResult } from './maintenance';
import { readRecord, writeRecord } from './maintenanceRecord';

let fixture: GitFixture;
let repository: GitRepository;
let root: string;
let results: MaintenanceResult[];

beforeEach(async () => {
  fixture = await createGitFixture();
  root = join(fixture.folder, 'repositories');
  const path = join(root, 'default/app.git');
  await initBareRepository(fixture.git, path);
  repository = fixture.repositories.open(path);
  results = [];
});

afterEach(() => fixture.dispose());

function open(deps: Partial<MaintenanceDeps> = {}): Maintenance {
  const maintenance = createMaintenance({
    git: fixture.repositories, log: silentLogger(), now: Date.now, repositoriesRoot: root, borrowersRoots: [root, join(fixture.folder, 'workspaces')], quietMs: 10,
    onDone: async (result) => void results.push(result), ...deps,
  });
  onTestFinished(() => maintenance.stop());
  return maintenance;
}

async function manyRefs(): Promise<string> {
  const sha = await fixture.commit(repository, { files: { 'a.txt': 'a' } });
  await fixture.git.run(['update-ref', '--stdin'], { gitDir: repository.path, input: Array.from({ length: 150 }, (_, index) => `create refs/heads/b-${index} ${sha}\n`).join('') });
  return sha;
}

it('cares for a repository once it has come to rest after pushes, and leaves one that needs nothing', async () => {
  const maintenance = open();
  await fixture.commit(repository, { files: { 'a.txt': 'a' } });
  maintenance.noteMoved('default', 'app');
  await eventually('a look', async () => (await readRecord(repository.path, 0)).movesSinceGraph === 1);
  expect(results).toEqual([]);
  await rm(join(repository.path, 'refs/heads/main'));
  await manyRefs();
  maintenance.noteMoved('default', 'app');
  await eventually('a result', () => results.length === 1);
  expect(results).toMatchObject([{ org: 'default', repository: 'app', tasks: ['refs'] }]);
  expect((await readRepositoryShape(repository.path)).looseRefs).toBe(0);
  expect(maintenance.stats).toMatchObject({ running: 0, waiting: 0, done: 1, failed: 0 });
});

it('finds at the start what it missed', async () => {
  await manyRefs();
  await open({ startDelayMs: 0 }).start();
  await eventually('a result', () => results.length === 1);
  expect(results).toMatchObject([{ tasks: ['refs'] }]);
});

it('never works twice at once on a repository', async () => {
  await manyRefs();
  const maintenance = open();
  const running: number[] = [];
  const watch = setInterval(() => running.push(maintenance.stats.running), 1);
  await Promise.all([1, 2, 3].map(() => maintenance.care('default', 'app', ['refs', 'objects', 'graph'])));
  clearInterval(watch);
  expect(results).toHaveLength(3);
  expect(Math.max(...running)).toBe(1);
});

it('sweeps what has changed, after its time', async () => {
  const maintenance = open({ now: () => Date.now() + 15 * 24 * 3_600_000 });
  await fixture.commit(repository, { files: { 'a.txt': 'a' } });
  await writeRecord(repository.path, { sweptAt: Date.now(), movesSinceGraph: 0, movesSinceSweep: 3 });
  expect(await maintenance.care('default', 'app')).toMatchObject({ tasks: ['refs', 'sweep'] });
  expect(await maintenance.care('default', 'app')).toBeUndefined();
});

it('drops nothing that somebody who borrows may need', async () => {
  const lost = await fixture.commit(repository, { files: { 'b.txt': 'b' }, branch: 'topic' });
  await fixture.commit(repository, { files: { 'a.txt': 'a' } });
  await fixture.git.run(['update-ref', '-d', 'refs/heads/topic'], { gitDir: repository.path });
  await fixture.git.run(['repack', '-q', '-d', '--cruft'], { gitDir: repository.path });
  const workspace = join(fixture.folder, 'workspaces/default/app.git');
  await mkdir(join(workspace, 'objects/info'), { recursive: true });
  await writeFile(join(workspace, 'objects/info/alternates'), '../../../../repositories/default/app.git/objects\n');
  const maintenance = open();
  await maintenance.care('default', 'app', ['sweep']);
  expect((await repository.objects.info(lost))?.type).toBe('commit');
});

it('stops at once in a folder that goes', async () => {
  await manyRefs();
  const maintenance = open();
  const going = maintenance.care('default', 'app', ['refs', 'objects', 'graph']);
  await eventually('work', () => maintenance.stats.running === 1);
  maintenance.release(repository.path);
  expect(await going).toBeUndefined();
  await rename(repository.path, `${repository.path}.gone`);
  expect((await readdir(join(root, 'default')))).toEqual(['app.git.gone']);
});

it('ends what a killed server left at work, and clears at once what that leaves', async () => {
  await fixture.commit(repository, { files: { 'a.txt': 'a' } });
  // They wait for questions, and for the commands of a client that is slow.
  const asked = fixture.git.start(['cat-file', '--batch'], { gitDir: repository.path, timeoutMs: 0 });
  const receiving = fixture.git.start(['receive-pack', '--stateless-rpc', repository.path], { cwd: repository.path, timeoutMs: 0 });
  const left = ['refs/heads/main.lock', 'packed-refs.lock', 'objects/info/commit-graphs/commit-graph-chain.lock', 'objects/tmp_objdir-incoming-aB3dEf/pack/tmp_pack_x', 'objects/pack/.tmp-77-pack-abc.pack'];
  for (const name of left) {
    await mkdir(dirname(join(repository.path, name)), { recursive: true });
    await writeFile(join(repository.path, name), 'half');
  }
  await open().start();
  expect([await asked.ended, await receiving.ended]).toEqual([undefined, undefined]);
  const exist = async (): Promise<string[]> => (await readdir(repository.path, { recursive: true })).filter((name) => /lock$|tmp/.test(name));
  // Whoever writes first meets no lock.
  expect((await exist()).filter((name) => name.endsWith('lock'))).toEqual([]);
  await eventually('nothing left', async () => (await exist()).length === 0);
});

it('clears what a git takes that is ended only by the start', async () => {
  const sha = await fixture.commit(repository, { files: { 'a.txt': 'a' } });
  const lock = join(repository.path, 'refs/heads/main.lock');
  // It holds the lock until it is told to commit.
  const moving = fixture.git.start(['update-ref', '--stdin'], { gitDir: repository.path, timeoutMs: 0 });
  moving.stdin.write(`start\nupdate refs/heads/main ${sha}\nprepare\n`);
  await eventually('the lock', () => existsSync(lock));
  // As if it had taken it while the start was at it, which is so long at least.
  const soon = new Date(Date.now() + 5);
  await utimes(lock, soon, soon);
  await open().start();
  expect(await moving.ended).toBeUndefined();
  expect(existsSync(lock)).toBe(false);
});

it('leaves alone at the start what is on its way since, and the gits of others', async () => {
  await fixture.commit(repository, { files: { 'a.txt': 'a' } });
  const elsewhere = fixture.git.start(['cat-file', '--batch'], { gitDir: fixture.folder, cwd: fixture.folder, timeoutMs: 0 });
  const peoples = fixture.git.start(['-C', repository.path, 'hash-object', '--stdin'], { timeoutMs: 0 });
  const [old, young] = ['refs/heads/old.lock', 'refs/heads/young.lock'].map((name) => join(repository.path, name));
  await writeFile(old ?? '', '');
  const later = new Date(Date.now() + 60_000);
  await writeFile(young ?? '', '');
  await utimes(young ?? '', later, later);
  await open().start();
  await eventually('the old lock gone', async () => !(await readdir(join(repository.path, 'refs/heads'))).includes('old.lock'));
  expect(await readdir(join(repository.path, 'refs/heads'))).toEqual(['main', 'young.lock']);
  peoples.stdin.end('still here');
  expect(await peoples.ended).toBe(0);
  elsewhere.kill();
});

it('says what failed, and goes on', async () => {
  await manyRefs();
  await writeFile(join(repository.path, 'packed-refs'), 'this is no list of references\n');
  const maintenance = open();
  expect(await maintenance.care('default', 'app', ['refs'])).toMatchObject({ failure: expect.stringContaining('git pack-refs') });
  expect(maintenance.stats).toMatchObject({ failed: 1 });
  expect(await readFile(join(repository.path, 'packed-refs'), 'utf8')).toContain('no list');
});

it('lets pushes and fetches through while it works', async () => {
  const maintenance = open();
  await manyRefs();
  let over = false;
  const caring = (async () => {
    for (let round = 0; round < 6; round += 1) await maintenance.care('default', 'app', round % 2 === 0 ? ['refs', 'objects', 'graph'] : ['refs', 'sweep']);
    over = true;
  })();
  const shas: string[] = [];
  for (let index = 0; !over || index < 10; index += 1) {
    shas.push(await fixture.commit(repository, { files: { [`f-${index}.txt`]: `${index}` } }));
    await fixture.git.run(['update-ref', `refs/heads/b-${index % 150}`, shas.at(-1) ?? ''], { gitDir: repository.path });
  }
  await caring;
  expect(results.filter(({ failure }) => failure !== undefined)).toEqual([]);
  const log = await fixture.git.run(['rev-list', '--count', 'main'], { gitDir: repository.path });
  expect(Number(log.stdout.toString())).toBe(shas.length + 1);
  expect((await fixture.git.run(['fsck', '--full', '--no-dangling'], { gitDir: repository.path })).stdout.toString()).toBe('');
});
