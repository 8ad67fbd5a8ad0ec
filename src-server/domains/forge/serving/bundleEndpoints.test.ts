import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ada, type bob, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';
import { git } from '../../../../test/harness/git';
import { isBareRepository } from '../git/upkeep/bareRepository';

let fixture: ForgeFixture;
let clone: string;

beforeEach(async () => {
  fixture = await createForgeFixture();
  clone = await fixture.seed('demo');
});

afterEach(() => fixture[Symbol.asyncDispose]());

async function call(method: string, repository: string, opts: { query?: string; body?: Uint8Array<ArrayBuffer>; actor?: typeof bob } = {}): Promise<Response> {
  const url = new URL(fixture.url(repository, opts.actor ?? ada));
  const authorization = `Basic ${Buffer.from(`${url.username}:${url.password}`).toString('base64')}`;
  return fetch(`${url.origin}/api/orgs/default/repositories/${repository}/bundle${opts.query ?? ''}`, { method, headers: { Authorization: authorization }, ...(opts.body === undefined ? {} : { body: opts.body }) });
}

async function downloaded(query = ''): Promise<string> {
  const response = await call('GET', 'demo', { query });
  expect(response.status, query).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/x-git-bundle');
  const path = join(fixture.folder, 'demo.bundle');
  await writeFile(path, new Uint8Array(await response.arrayBuffer()));
  return path;
}

const put = async (repository: string, path: string, query = ''): Promise<Response> => call('PUT', repository, { query, body: new Uint8Array(await readFile(path)) });

it('moves a whole repository, and git clones the file as it is', async () => {
  await fixture.openPull(clone, 'feature/x', { 'b.txt': 'b\n' });
  await fixture.git(clone, 'tag', '-a', '-m', 'one', 'v1', 'main');
  await fixture.git(clone, 'push', '--quiet', 'origin', 'v1');
  const bundle = await downloaded();
  const heads = await fixture.git('.', 'bundle', 'list-heads', bundle);
  expect(heads.trim().split('\n').map((line) => line.split(' ')[1]).sort()).toEqual(['HEAD', 'refs/heads/feature/x', 'refs/heads/main', 'refs/tags/v1']);
  await fixture.git('.', 'clone', '--quiet', bundle, 'offline');
  expect(await fixture.git('offline', 'rev-parse', 'main')).toBe(await fixture.git(clone, 'rev-parse', 'main'));

  const made = await put('moved', bundle, '?visibility=internal&description=From%20elsewhere');
  expect(made.status).toBe(201);
  const { repository } = (await made.json()) as { repository: unknown };
  expect(repository).toMatchObject({ metadata: { name: 'moved' }, spec: { visibility: 'internal', description: 'From elsewhere', defaultBranch: 'main' }, status: { phase: 'Ready', empty: false, branchCount: 2, tagCount: 1 } });
  expect(await fixture.git('.', 'ls-remote', fixture.url('moved'))).toBe((await fixture.git('.', 'ls-remote', fixture.url('demo'))).split('\n').filter((line) => !line.includes('refs/pull/')).join('\n'));
  await fixture.git('.', 'clone', '--quiet', fixture.url('moved'), 'again');
  expect(await fixture.git('again', 'fsck', '--no-dangling')).toBe('');
});

it('fills an empty repository, once, with its own default branch where there is one', async () => {
  await fixture.git(clone, 'checkout', '--quiet', '-b', 'develop');
  await fixture.commit(clone, { 'b.txt': 'b\n' });
  const path = join(fixture.folder, 'own.bundle');
  await fixture.git(clone, 'bundle', 'create', '--quiet', path, 'HEAD', '--branches');
  expect(await (await put('fresh', path)).json()).toMatchObject({ repository: { spec: { defaultBranch: 'develop' } } });
  await fixture.as(ada).repositories.create({ org: 'default', name: 'waiting' });
  const filled = await put('waiting', path);
  expect(filled.status).toBe(200);
  expect(await filled.json()).toMatchObject({ repository: { spec: { defaultBranch: 'main' }, status: { empty: false, branchCount: 2 } } });
  const again = await put('waiting', path);
  expect([again.status, await again.json()]).toMatchObject([409, { error: { code: 'REPOSITORY_NOT_EMPTY' } }]);
});

it('takes a range, for who has the rest', async () => {
  await fixture.git('.', 'clone', '--quiet', await downloaded(), 'offline');
  await fixture.git(clone, 'checkout', '--quiet', '-b', 'later');
  const sha = await fixture.commit(clone, { 'b.txt': 'b\n' });
  await fixture.git(clone, 'push', '--quiet', 'origin', 'later');
  const bundle = await downloaded('?ref=later&since=main');
  expect(await fixture.git('offline', 'bundle', 'verify', '--quiet', bundle)).toBe('');
  await fixture.git('offline', 'fetch', '--quiet', bundle, 'later:later');
  expect((await fixture.git('offline', 'rev-parse', 'later')).trim()).toBe(sha);
  const refused = await put('partial', bundle);
  expect([refused.status, await refused.json()]).toMatchObject([422, { error: { code: 'BUNDLE_INVALID', message: expect.stringContaining('continues a history') } }]);
});

it('says what cannot be had', async () => {
  for (const [query, status, code] of [['?ref=nothing', 404, 'REVISION_NOT_FOUND'], ['?since=main', 422, 'BUNDLE_EMPTY'], ['?ref=--all', 404, 'REVISION_NOT_FOUND'], ['?ref=refs/kradle/x', 404, 'REVISION_NOT_FOUND']] as const) {
    const response = await call('GET', 'demo', { query });
    expect([response.status, await response.json()], query).toMatchObject([status, { error: { code } }]);
  }
  await fixture.as(ada).repositories.create({ org: 'default', name: 'empty' });
  expect(await (await call('GET', 'empty')).json()).toMatchObject({ error: { code: 'BUNDLE_EMPTY' } });
});

it('makes nothing of what is no sound bundle, and leaves nothing behind', async () => {
  const bundle = await readFile(await downloaded());
  const evil = join(fixture.folder, 'evil');
  await fixture.git('.', 'init', '--quiet', '--bare', evil);
  const blob = (await fixture.git(clone, 'rev-parse', 'main:a.txt')).trim();
  const object = (await git(['hash-object', '-w', '--stdin'], { cwd: evil, input: 'text' })).trim();
  const tree = (await git(['mktree'], { cwd: evil, input: `100644 blob ${object}\t.git\n` })).trim();
  const commit = (await git(['commit-tree', '-m', 'evil', tree], { cwd: evil })).trim();
  await fixture.git('evil', 'update-ref', 'refs/heads/main', commit);
  await fixture.git('evil', 'bundle', 'create', '--quiet', join(fixture.folder, 'evil.bundle'), '--branches');
  const cases: [string, Buffer, string][] = [
    ['no bundle', Buffer.from('PK\u0003\u0004 this is a zip'), 'not a bundle'],
    ['nothing', Buffer.alloc(0), 'not a bundle'],
    ['cut off', bundle.subarray(0, bundle.length - 30), 'git does not take it'],
    ['only its head', bundle.subarray(0, bundle.indexOf('\n\n') + 2), 'git does not take it'],
    ['damaged', Buffer.concat([bundle.subarray(0, -40), Buffer.alloc(20), bundle.subarray(-20)]), 'git does not take it'],
    ['of a partial clone', Buffer.from(`# v3 git bundle\n@filter=blob:none\n${blob} refs/heads/main\n\nPACK`), '--filter'],
    ['with a name that git refuses', Buffer.from(`# v2 git bundle\n${blob} refs/heads/a..b\n\nPACK`), 'no name of a branch'],
    ['with an option for a name', Buffer.from(`# v2 git bundle\n${blob} --exec=x\n\nPACK`), 'no name of a branch'],
    ['with a folder called .git', await readFile(join(fixture.folder, 'evil.bundle')), 'hasDotgit'],
  ];
  for (const [what, bytes, message] of cases) {
    const response = await call('PUT', 'bad', { body: new Uint8Array(bytes) });
    expect([response.status, await response.json()], what).toMatchObject([422, { error: { code: 'BUNDLE_INVALID', message: expect.stringContaining(message) } }]);
  }
  expect(await readdir(join(fixture.folder, 'git/uploads'))).toEqual([]);
  expect((await readdir(join(fixture.folder, 'repositories/default'))).sort()).toEqual(['demo.git']);
  expect(await isBareRepository(join(fixture.folder, 'repositories/default/bad.git'))).toBe(false);
});
