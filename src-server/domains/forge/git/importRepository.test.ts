import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../test/harness/gitFixture';
import { importRepository, type ImportOptions } from './importRepository';
import { type ImportProgress, parseProgressLine } from './importProgress';

let fixture: GitFixture;
let target: string;

beforeEach(async () => {
  fixture = await createGitFixture();
  target = join(fixture.folder, 'repositories', 'new.git');
});
afterEach(() => fixture.dispose());

const run = (source: string, options: Partial<ImportOptions> = {}) => importRepository(fixture.repositories, { source, path: target, identity: 'isolated', allowFolders: true, ...options });
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
  expect(progress).toContainEqual({ phase: 'receiving', percent: 100 });
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

it('asks before it calls a host', async () => {
  const asked: string[] = [];
  const checkUrl = async (url: URL): Promise<void> => {
    asked.push(url.host);
    throw new Error('not this one');
  };
  await expect(run('https://forge.example/a/b.git', { checkUrl })).rejects.toThrow('not this one');
  await expect(run('git@forge.example:a/b.git', { checkUrl })).rejects.toThrow('not this one');
  expect(asked).toEqual(['forge.example', 'forge.example']);
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
  expect(parseProgressLine('remote: Counting objects:  50% (3/6)')).toEqual({ phase: 'counting', percent: 50 });
  expect(parseProgressLine('Receiving objects:  12% (10/80), 1.20 MiB | 2.00 MiB/s')).toEqual({ phase: 'receiving', percent: 12 });
  expect(parseProgressLine('remote: Enumerating objects: 6, done.')).toEqual({ phase: 'counting' });
  expect(parseProgressLine("Cloning into bare repository '/x'...")).toBeUndefined();
});
