import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SshServerView } from '#shared/api/sshKeys';
import { git, tryGit } from '../harness/git';
import { runProcess } from '../harness/runProcess';
import { makeSshKey, sshCommand } from '../harness/sshPeer';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir, type TempDir } from '../harness/tempDir';

const hasLfs = (await runProcess('git', ['lfs', 'version'], {}).catch(() => ({ code: 1 }))).code === 0;

let server: TestServer;
let folder: TempDir;
let env: Record<string, string>;

beforeEach(async () => {
  folder = await tempDir('kradle-lfs-');
  server = await startServer({ args: ['--ssh-port', '0'], env: { KRADLE_MAX_LFS_FILE_BYTES: '5000000' } });
  const key = await makeSshKey(folder.path, 'laptop');
  await server.api('POST', '/api/user/ssh-keys', { key: await readFile(`${key}.pub`, 'utf8') });
  const config = join(folder.path, 'gitconfig');
  await writeFile(config, '[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n\tprocess = git-lfs filter-process\n\trequired = true\n[lfs]\n\tlocksverify = true\n');
  env = { GIT_CONFIG_GLOBAL: config, GIT_SSH_COMMAND: sshCommand(key), GIT_LFS_SKIP_DOWNLOAD_ERRORS: '0' };
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function sshUrl(repository: string): Promise<string> {
  const { address } = await server.api<SshServerView>('GET', '/api/ssh');
  return `ssh://git@${address?.host ?? ''}:${address?.port ?? 0}/default/${repository}.git`;
}

async function clone(from: string, into: string): Promise<string> {
  await git(['clone', '--quiet', from, into], { cwd: folder.path, env });
  const path = join(folder.path, into);
  await git(['lfs', 'install', '--local'], { cwd: path, env });
  return path;
}

async function commit(path: string, files: Readonly<Record<string, Buffer | string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  await git(['add', '--all'], { cwd: path, env });
  await git(['commit', '--quiet', '-m', 'Change'], { cwd: path, env });
}

const ATTRIBUTES = '*.bin filter=lfs diff=lfs merge=lfs -text\n*.png filter=lfs diff=lfs merge=lfs -text\n';
const LFS = { 'Content-Type': 'application/vnd.git-lfs+json', Accept: 'application/vnd.git-lfs+json' };

function batch(repository: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return server.fetch(`/git/default/${repository}.git/info/lfs/objects/batch`, { method: 'POST', headers: { ...LFS, ...headers }, body: JSON.stringify(body) });
}

describe.skipIf(!hasLfs)('Git LFS, with git-lfs', () => {
  it('takes large files over SSH and gives them over HTTP, and shows their real bytes', async () => {
    await server.api('POST', '/api/orgs/default/repositories', { name: 'app' });
    const content = randomBytes(3_000_000);
    const one = await clone(await sshUrl('app'), 'one');
    await git(['checkout', '--quiet', '-B', 'main'], { cwd: one });
    await commit(one, { '.gitattributes': ATTRIBUTES, 'large.bin': content });
    await git(['push', '--quiet', 'origin', 'main'], { cwd: one, env });
    const two = await clone(server.gitUrl('app'), 'two');
    await git(['lfs', 'pull'], { cwd: two, env });
    expect((await readFile(join(two, 'large.bin'))).equals(content)).toBe(true);
    const raw = await server.fetch('/api/orgs/default/repositories/app/raw/main/large.bin', { headers: { Range: 'bytes=10-19' } });
    expect([raw.status, Buffer.from(await raw.arrayBuffer()).equals(content.subarray(10, 20))]).toEqual([206, true]);

    for (const [format, unpack] of [['zip', ['unzip', '-q']], ['tar.gz', ['tar', '-xzf']]] as const) {
      const archive = await server.fetch(`/api/orgs/default/repositories/app/archive/main.${format}`);
      await writeFile(join(folder.path, `app.${format}`), Buffer.from(await archive.arrayBuffer()));
      const [program, flag] = unpack;
      await mkdir(join(folder.path, format));
      expect(await runProcess(program, [flag, join(folder.path, `app.${format}`)], { cwd: join(folder.path, format) })).toMatchObject({ code: 0 });
      expect((await readFile(join(folder.path, format, 'app-main', 'large.bin'))).equals(content)).toBe(true);
    }

    await commit(two, { 'more.bin': randomBytes(1000) });
    await git(['push', '--quiet', 'origin', 'main'], { cwd: two, env });
    await git(['pull', '--quiet'], { cwd: one, env });
    expect((await readFile(join(one, 'more.bin'))).length).toBe(1000);

    const large = await clone(server.gitUrl('app'), 'three');
    await commit(large, { 'huge.bin': Buffer.alloc(5_000_001) });
    expect((await tryGit(['push', 'origin', 'main'], { cwd: large, env })).stderr).toContain('larger than this server takes');
  });

  it('keeps nothing of an upload that is cut off or is not what it says, and gives nobody what another repository has', async () => {
    for (const name of ['app', 'other']) await server.api('POST', '/api/orgs/default/repositories', { name });
    const content = Buffer.from('the content');
    const oid = createHash('sha256').update(content).digest('hex');
    const put = (body: Buffer, size = content.length) => server.fetch(`/git/default/app.git/info/lfs/objects/${oid}/${size}`, { method: 'PUT', body: new Uint8Array(body) });
    expect((await put(Buffer.from('not content'))).status).toBe(422);
    expect((await put(Buffer.from('short'))).status).toBe(422);
    expect(await readdir(join(server.dataDir, 'blobs', 'tmp'))).toEqual([]);
    const asked = await (await batch('app', { operation: 'download', objects: [{ oid, size: content.length }] })).json() as { objects: { error?: { code: number } }[] };
    expect(asked.objects[0]?.error?.code).toBe(404);
    expect((await put(content)).status).toBe(200);
    const other = await (await batch('other', { operation: 'upload', objects: [{ oid, size: content.length }] })).json() as { objects: { actions?: object }[] };
    expect(other.objects[0]?.actions).toHaveProperty('upload');
    expect((await server.fetch(`/git/default/other.git/info/lfs/objects/${oid}`)).status).toBe(404);
    const rest = await server.fetch(`/git/default/app.git/info/lfs/objects/${oid}`, { headers: { Range: 'bytes=4-' } });
    expect([rest.status, await rest.text()]).toEqual([206, 'content']);
    const bad = await batch('app', { operation: 'upload', objects: [{ oid: '../../x', size: 1 }] });
    expect([bad.status, await bad.json()]).toMatchObject([422, { message: expect.stringContaining('SHA-256') as string }]);
  });

  it('keeps locks, and refuses pushes that break those of others', async () => {
    await server.api('POST', '/api/orgs/default/repositories', { name: 'app' });
    const mine = await clone(server.gitUrl('app'), 'mine');
    await git(['checkout', '--quiet', '-B', 'main'], { cwd: mine });
    await commit(mine, { '.gitattributes': ATTRIBUTES, 'a.bin': 'a', 'b.bin': 'b' });
    await git(['push', '--quiet', 'origin', 'main'], { cwd: mine, env });
    await git(['lfs', 'lock', 'a.bin'], { cwd: mine, env });

    const resource = (kind: string, name: string, spec: object) => server.api('POST', '/api/orgs/default/resources', { apiVersion: 'kradle.a5c.ai/v1alpha1', kind, metadata: { name }, spec });
    await resource('AgentServiceAccount', 'bot', { namespace: 'kradle-org-default', serviceAccountName: 'bot' });
    await resource('RepositoryPermission', 'bot-app', { repository: 'app', subject: { kind: 'AgentServiceAccount', name: 'bot' }, permission: 'write' });
    const key = await makeSshKey(folder.path, 'bot');
    await resource('SSHKey', 'bot', { scope: 'automation', serviceAccount: 'bot', key: await readFile(`${key}.pub`, 'utf8') });
    const asBot = { ...env, GIT_SSH_COMMAND: sshCommand(key) };
    const theirs = await clone(await sshUrl('app'), 'theirs');
    await commit(theirs, { 'a.bin': 'changed' });
    const refused = await tryGit(['-c', 'lfs.locksverify=false', 'push', 'origin', 'main:branch'], { cwd: theirs, env: asBot });
    expect(refused.stderr).toMatch(/remote rejected\] main -> branch \(a\.bin is locked by /);
    expect((await tryGit(['lfs', 'unlock', '--force', 'a.bin'], { cwd: theirs, env: asBot })).code).not.toBe(0);
    const listed = await git(['lfs', 'locks', '--verify'], { cwd: mine, env });
    expect(listed).toMatch(/O a\.bin/);
    await git(['lfs', 'unlock', 'a.bin'], { cwd: mine, env });
    await git(['push', '--quiet', 'origin', 'main:branch'], { cwd: theirs, env: asBot });
  });

  it('takes a push whose large files did not come, and has them once they do', async () => {
    await server.api('POST', '/api/orgs/default/repositories', { name: 'app' });
    const one = await clone(server.gitUrl('app'), 'one');
    await git(['checkout', '--quiet', '-B', 'main'], { cwd: one });
    await commit(one, { '.gitattributes': ATTRIBUTES, 'large.bin': 'large' });
    // As a client without git-lfs pushes: nothing brings the files.
    await git(['push', '--quiet', '--no-verify', 'origin', 'main'], { cwd: one, env });
    const raw = async () => (await server.fetch('/api/orgs/default/repositories/app/raw/main/large.bin')).text();
    expect(await raw()).toMatch(/^version https:\/\/git-lfs\.github\.com\/spec\/v1\n/);
    await git(['lfs', 'push', '--all', 'origin'], { cwd: one, env });
    expect(await raw()).toBe('large');
  });

  it('can be switched off for a repository', async () => {
    await server.api('POST', '/api/orgs/default/repositories', { name: 'app' });
    await server.api('PATCH', '/api/orgs/default/resources/Repository/app', { spec: { objectStorage: { lfs: false } } });
    const answer = await batch('app', { operation: 'download', objects: [] });
    expect([answer.status, await answer.json()]).toMatchObject([403, { message: expect.stringContaining('switched off') as string }]);
  });
});
