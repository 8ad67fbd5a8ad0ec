import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import { startHttpBackend } from '../../../../../test/harness/httpBackend';
import { type AddressGuardOptions, createAddressGuard } from '../../../../http/safeAddress';
import { importRepository, type ImportOptions } from './importRepository';
import { type ImportProgress, parseProgressLine } from './importProgress';

let fixture: GitFixture;
let target: string;

beforeEach(async () => {
  fixture = await createGitFixture();
  target = join(fixture.folder, 'repositories', 'new.git');
});
afterEach(() => fixture.dispose());

const run = (source: string, options: Partial<ImportOptions> = {}) => importRepository(fixture.repositories, { source, path: target, identity: 'isolated', allowFolders: true, keysRoot: join(fixture.folder, 'keys'), ...options });
const leftovers = async (): Promise<string[]> => readdir(join(fixture.folder, 'repositories')).catch(() => []);

async function worktree(): Promise<string> {
  const folder = join(fixture.folder, 'source');
  await mkdir(folder);
  await fixture.user(['init', '--quiet', '--initial-branch=trunk'], { cwd: folder });
  for (let index = 0; index < 3; index += 1) {
    await writeFile(join(folder, 'a.txt'), `${index}\n`);
    await fixture.user(['add', '-A'], { cwd: folder });
    await fixture.user(['commit', '--quiet', '-m', `c${index}`], { cwd: folder });
  }
  await fixture.user(['branch', 'feature/x', 'HEAD~1'], { cwd: folder });
  await fixture.user(['tag', '-a', 'v1', '-m', 'one'], { cwd: folder });
  return folder;
}

it('imports a folder with all branches and tags, and reports progress', async () => {
  const folder = await worktree();
  const progress: ImportProgress[] = [];
  expect(await run(folder, { onProgress: (step) => progress.push(step) })).toEqual({ defaultBranch: 'trunk', branches: 2, tags: 1, isShallow: false });
  expect(progress).toContainEqual({ phase: 'receiving', percent: 100, total: 10 });
  expect(progress.at(-1)).toEqual({ phase: 'optimizing' });
  const repository = fixture.repositories.open(target);
  expect(await fixture.show(repository, 'trunk:a.txt')).toBe('2\n');
  expect(await readFile(join(target, 'config'), 'utf8')).not.toContain(folder);
  expect(await leftovers()).toEqual(['new.git']);
});

it('imports a bare repository, one with a detached HEAD, an empty one and a shallow one', async () => {
  const folder = await worktree();
  await fixture.user(['checkout', '--quiet', '--detach'], { cwd: folder });
  expect(await run(folder)).toMatchObject({ defaultBranch: 'trunk', branches: 2 });

  await fixture.bare('empty');
  expect(await run(join(fixture.folder, 'empty.git'), { path: `${target}2` })).toEqual({ defaultBranch: 'main', branches: 0, tags: 0, isShallow: false });

  await fixture.user(['clone', '--quiet', '--depth=1', `file://${folder}`, 'shallow']);
  expect(await run(join(fixture.folder, 'shallow'), { path: `${target}3` })).toMatchObject({ isShallow: true });
});

it('says what is wrong with a folder', async () => {
  await mkdir(join(fixture.folder, 'plain'));
  await writeFile(join(fixture.folder, 'file'), '');
  await expect(run(join(fixture.folder, 'plain'))).rejects.toMatchObject({ reason: 'Invalid', code: 'NOT_A_REPOSITORY', message: expect.stringContaining('is not a git repository: choose a folder that contains a ".git" folder') });
  await expect(run(join(fixture.folder, 'none'))).rejects.toMatchObject({ reason: 'NotFound' });
  await expect(run(join(fixture.folder, 'file'))).rejects.toMatchObject({ reason: 'Invalid', message: expect.stringContaining('is a file') });
  await expect(run('relative/folder')).rejects.toMatchObject({ message: expect.stringContaining('whole path') });
  await expect(run(fixture.folder, { allowFolders: false })).rejects.toMatchObject({ message: expect.stringContaining('does not read folders') });
  expect(await leftovers()).toEqual([]);
});

it.each(['--upload-pack=touch /tmp/x', '-o', 'ext::sh -c whoami', 'ftp://host/x.git', 'https://', 'ssh://-oProxyCommand=x/y', 'https://host/a\nb', ''])('refuses the address %j', async (source) => {
  await expect(run(source)).rejects.toMatchObject({ reason: 'Invalid' });
});

describe('a server that is not the user\'s own', () => {
  const inside = { resolve: async () => [{ address: '10.0.0.7', family: 4 }] };
  const guarded = (source: string, guard: AddressGuardOptions = inside) => run(source, { allowFolders: false, addresses: createAddressGuard(guard) });

  it.each([
    'http://127.0.0.1/a.git', 'http://127.1/a.git', 'http://[::1]/a.git', 'http://[::ffff:127.0.0.1]/a.git', 'http://169.254.169.254/latest.git', 'http://0x7f000001/a.git', 'https://2130706433/a.git',
    'https://inside.example/a.git', 'http://forge.example\\@127.0.0.1/a.git', 'http://user@127.0.0.1/a.git',
  ])('calls nothing in its own network: %s', async (source) => {
    await expect(guarded(source)).rejects.toMatchObject({ reason: 'Forbidden', message: expect.stringContaining('may not be sent to') });
  });

  it.each(['file:///etc', '/etc', 'ssh://git@forge.example/a.git', 'git@forge.example:a/b.git', 'git://forge.example/a.git'])('has neither folders nor keys for others: %s', async (source) => {
    await expect(guarded(source, { allow: '*' })).rejects.toMatchObject({ reason: 'Invalid', message: expect.stringMatching(/does not read folders|by http and https only/) });
  });

  it('fetches from the address that was checked, and asks nobody for the name again', async () => {
    await worktree();
    await fixture.user(['clone', '--quiet', '--bare', 'source', 'served.git']);
    const backend = await startHttpBackend(fixture.folder);
    try {
      const guard: AddressGuardOptions = { allow: ['127.0.0.1'], resolve: async () => [{ address: '127.0.0.1', family: 4 }] };
      // Nobody but the guard knows this name.
      const source = `http://forge.invalid:${new URL(backend.url).port}/served.git`;
      expect(await guarded(source, guard)).toMatchObject({ defaultBranch: 'trunk', branches: 2 });
    } finally {
      backend.close();
    }
  });

  it('follows no redirect, wherever it leads', async () => {
    let asked = 0;
    const secret = createHttpServer((_req, res) => { asked += 1; res.end(); });
    await new Promise<void>((resolve) => secret.listen(0, '127.0.0.1', resolve));
    const redirecting = createHttpServer((req, res) => res.writeHead(302, { location: `http://127.0.0.1:${(secret.address() as AddressInfo).port}${req.url}` }).end());
    await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.2', resolve));
    try {
      await expect(guarded(`http://127.0.0.2:${(redirecting.address() as AddressInfo).port}/a.git`, { allow: ['127.0.0.2'] })).rejects.toMatchObject({ code: 'IMPORT_REDIRECT' });
      expect(asked).toBe(0);
    } finally {
      secret.close();
      redirecting.close();
    }
  });
});

it('gives up on a place that does not answer, without its credentials in the text', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await expect(run(`http://me:secret@127.0.0.1:${port}/a.git`, { connectTimeoutMs: 300 })).rejects.toMatchObject({
      reason: 'Timeout',
      message: `http://***@127.0.0.1:${port}/a.git could not be imported: it did not answer in time; try again, or check that the address is reachable`,
    });
  } finally {
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  }
  await expect(run(`http://127.0.0.1:${port}/a.git`)).rejects.toMatchObject({ reason: 'ServiceUnavailable', code: 'IMPORT_UNREACHABLE' });
  expect(await leftovers()).toEqual([]);
});

it('leaves nothing behind when it is aborted, and does not touch what is there', async () => {
  const folder = await worktree();
  const controller = new AbortController();
  await expect(run(folder, { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) })).rejects.toThrow('enough');
  expect(await leftovers()).toEqual([]);
  await run(folder);
  await expect(run(folder)).rejects.toMatchObject({ reason: 'AlreadyExists' });
});

it('reads the lines of progress that git writes', () => {
  expect(parseProgressLine('remote: Counting objects:  50% (3/6)')).toEqual({ phase: 'counting', percent: 50, total: 6 });
  expect(parseProgressLine('Receiving objects:  12% (10/80), 1.20 MiB | 2.00 MiB/s')).toEqual({ phase: 'receiving', percent: 12, total: 80 });
  expect(parseProgressLine('remote: Enumerating objects: 6, done.')).toEqual({ phase: 'counting' });
  expect(parseProgressLine("Cloning into bare repository '/x'...")).toBeUndefined();
});
