import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../harness/eventually';
import { git } from '../harness/git';
import { startHttpBackend } from '../harness/httpBackend';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

const repositories = '/api/orgs/default/repositories';
const resources = '/api/orgs/default/resources';
const ISSUES = 200;

interface RepositoryAnswer {
  readonly status?: { readonly phase?: string; readonly moving?: unknown; readonly import?: { readonly stage?: string } };
}

const phaseOf = async (server: TestServer, name: string) => (await server.api<RepositoryAnswer>('GET', `${repositories}/${name}`).catch(() => undefined))?.status?.phase;
const foldersOf = async ({ dataDir }: TestServer) => (await readdir(join(dataDir, 'repositories/default'))).sort();

/** A repository with two branches and a commit on each, and a clone of it. */
async function seed(server: TestServer, clone: string): Promise<void> {
  await server.api('POST', repositories, { name: 'shop' });
  await git(['init', '--quiet', '--initial-branch=main', clone], { cwd: join(clone, '..') });
  await git(['remote', 'add', 'origin', server.gitUrl('shop')], { cwd: clone });
  for (const branch of ['main', 'topic']) {
    await git(['checkout', '--quiet', '-B', branch], { cwd: clone });
    await writeFile(join(clone, `${branch}.txt`), branch);
    await git(['add', '.'], { cwd: clone });
    await git(['commit', '--quiet', '-m', branch], { cwd: clone });
    await git(['push', '--quiet', 'origin', branch], { cwd: clone });
  }
}

/** A push of which the server has the commands and not the whole pack: what a move of its repository waits for. */
async function holdPush(server: TestServer, sha: string): Promise<void> {
  const { username, password, origin, pathname } = new URL(server.gitUrl('shop'));
  const push = httpRequest(`${origin}${pathname}/git-receive-pack`, { method: 'POST', auth: `${username}:${password}`, headers: { 'Content-Type': 'application/x-git-receive-pack-request' } });
  // It ends with the server that is killed.
  push.on('error', () => undefined);
  onTestFinished(() => void push.destroy());
  const command = `${'0'.repeat(40)} ${sha} refs/heads/held\0report-status`;
  const pack = Buffer.alloc(12);
  pack.write('PACK');
  pack.writeUInt32BE(2, 4);
  pack.writeUInt32BE(1, 8);
  push.write(Buffer.concat([Buffer.from(`${(command.length + 4).toString(16).padStart(4, '0')}${command}0000`), pack]));
  const objects = join(server.dataDir, 'repositories/default/shop.git/objects');
  await eventually('the push on its way', async () => (await readdir(objects)).some((name) => /^(?:tmp_objdir|incoming)-/.test(name)));
}

it('is killed while it renames a repository, as often as one likes, and finishes', async () => {
  await using server = await startServer({ args: ['--log-level', 'error'] });
  await using work = await tempDir();
  const clone = join(work.path, 'clone');
  await seed(server, clone);
  await server.api('POST', '/api/orgs/default/pullrequests', { repository: 'shop', title: 'A topic', sourceBranch: 'topic', targetBranch: 'main' });
  await server.api('POST', '/api/orgs/default/pullrequests/shop-1/reviews', { state: 'commented', body: 'Seen.' });
  const issues = Array.from({ length: ISSUES }, (_, index) => ({ kind: 'Issue', metadata: { name: `issue-${index}` }, spec: { title: `Issue ${index}`, repositories: ['shop'] } }));
  await server.api('POST', '/api/orgs/default/snapshot', { resources: issues });
  const sha = (await git(['rev-parse', 'HEAD'], { cwd: clone })).trim();

  await holdPush(server, sha);
  const renaming = server.api('POST', `${repositories}/shop/rename`, { name: 'store' }).then(() => 'renamed', () => 'cut off');
  await eventually('the move to be noted, and the repository closed', async () => (await phaseOf(server, 'shop')) === 'Moving');
  expect(await foldersOf(server)).toEqual(['shop.git']);
  await server.kill9();
  expect(await renaming).toBe('cut off');

  // Whoever starts it again finds it moving on; wherever that is cut off, too.
  for (let kills = 0; kills < 3; kills += 1) {
    await server.restart();
    await eventually('the repository at its new place', async () => (await phaseOf(server, 'store')) !== undefined);
    await server.kill9();
  }
  await server.restart();
  await eventually('the repository open', async () => (await phaseOf(server, 'store')) === 'Ready');
  await eventually('the move to be over', async () => (await server.api<RepositoryAnswer>('GET', `${repositories}/store`)).status?.moving === undefined);
  expect(await foldersOf(server)).toEqual(['store.git']);
  const { items } = await server.api<{ items: { spec: { repositories: string[] } }[] }>('GET', `${resources}?kind=issues&limit=1000`);
  expect(items.map(({ spec }) => spec.repositories)).toEqual(Array.from({ length: ISSUES }, () => ['store']));
  expect(await server.api('GET', '/api/orgs/default/pullrequests/store-1/reviews')).toMatchObject({ items: [{ spec: { pullRequest: 'store-1', body: 'Seen.' } }] });
  expect(await server.api('GET', `${resources}?kind=pullrequests`)).toMatchObject({ items: [{ metadata: { name: 'store-1' } }] });
  expect(await server.api('GET', `${repositories}/shop/location`)).toEqual({ organization: 'default', repository: 'store', moved: true });
  expect((await git(['ls-remote', server.gitUrl('shop'), 'refs/heads/*'], { cwd: clone })).trim().split('\n')).toEqual([expect.stringMatching(/main$/), `${sha}\trefs/heads/topic`]);
  expect(await git(['fsck', '--full', '--no-dangling'], { cwd: join(server.dataDir, 'repositories/default/store.git') })).toBe('');
  // Nothing is left that would hold the next one up.
  await server.api('POST', `${repositories}/store/rename`, { name: 'shop' });
  await server.api('GET', '/api/orgs/default/pullrequests/shop-1');
});

/** A git server that sends the beginning of a pack, and no more until it is let. */
async function startStallingGit(root: string): Promise<{ url: string; stalled: () => number; letGo: () => void }> {
  const backend = await startHttpBackend(root);
  let stalled = 0;
  let isOpen = false;
  const proxy = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks);
      const stalls = !isOpen && body.includes('command=fetch');
      const onward = httpRequest(`${backend.url}${req.url ?? '/'}`, { method: req.method ?? 'GET', headers: { ...req.headers, host: new URL(backend.url).host } }, (answer) => {
        res.writeHead(answer.statusCode ?? 500, answer.headers);
        if (!stalls) return void answer.pipe(res);
        let left = 512 * 1024;
        answer.on('data', (chunk: Buffer) => {
          if (left <= 0) return;
          res.write(chunk.subarray(0, left));
          left -= chunk.length;
          if (left <= 0) stalled += 1;
        });
      });
      onward.on('error', () => void res.destroy());
      onward.end(body);
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
    backend.close();
  });
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    stalled: () => stalled,
    letGo: () => {
      isOpen = true;
    },
  };
}

it('is killed while it imports a repository, and begins it anew', async () => {
  await using server = await startServer({ args: ['--log-level', 'error'] });
  await using work = await tempDir();
  const source = join(work.path, 'source');
  await mkdir(source);
  await git(['init', '--quiet', '--initial-branch=main', source], { cwd: work.path });
  await writeFile(join(source, 'large.bin'), randomBytes(4 * 1024 * 1024));
  await git(['add', '.'], { cwd: source });
  await git(['commit', '--quiet', '-m', 'Large'], { cwd: source });
  const sha = (await git(['rev-parse', 'HEAD'], { cwd: source })).trim();
  await cp(join(source, '.git'), join(work.path, 'root/large.git'), { recursive: true });
  const remote = await startStallingGit(join(work.path, 'root'));

  await server.api('POST', repositories, { name: 'copy', importFrom: `${remote.url}/large.git` });
  for (let kills = 1; kills <= 2; kills += 1) {
    await eventually('half of the pack', () => remote.stalled() === kills);
    expect(await phaseOf(server, 'copy')).toBe('Importing');
    expect(await foldersOf(server)).toEqual([expect.stringMatching(/^copy\.git.+/)]);
    await server.kill9();
    if (kills === 2) remote.letGo();
    await server.restart();
  }
  await eventually('the import to be through', async () => (await phaseOf(server, 'copy')) === 'Ready');
  await eventually('what was cut off to be gone', async () => (await foldersOf(server)).join() === 'copy.git');
  await git(['clone', '--quiet', server.gitUrl('copy'), 'clone'], { cwd: work.path });
  expect((await git(['rev-parse', 'HEAD'], { cwd: join(work.path, 'clone') })).trim()).toBe(sha);
  expect(await git(['fsck', '--full', '--no-dangling'], { cwd: join(server.dataDir, 'repositories/default/copy.git') })).toBe('');
});
