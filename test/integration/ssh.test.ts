import { readFile, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SshKeyView, SshServerView } from '#shared/api/sshKeys';
import { eventually } from '../harness/eventually';
import { git, tryGit } from '../harness/git';
import { cleanEnvironment, runProcess } from '../harness/runProcess';
import { makeSshKey, sshCommand } from '../harness/sshPeer';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir, type TempDir } from '../harness/tempDir';

const hasSsh = (await runProcess('ssh', ['-V'], {}).catch(() => ({ code: 1 }))).code === 0;

let server: TestServer;
let folder: TempDir;
let key: string;

beforeEach(async () => {
  folder = await tempDir('kradle-ssh-');
  server = await startServer({ args: ['--ssh-port', '0'] });
  key = await makeSshKey(folder.path, 'laptop');
  await server.api('POST', '/api/user/ssh-keys', { key: await readFile(`${key}.pub`, 'utf8') });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const withKey = (file = key, more: Readonly<Record<string, string>> = {}) => ({ GIT_SSH_COMMAND: sshCommand(file), ...more });
const tell = () => server.api<SshServerView>('GET', '/api/ssh');

async function address(): Promise<{ host: string; port: number }> {
  const { address: found } = await tell();
  if (found === undefined) throw new Error('there is no git over SSH');
  return found;
}

async function url(repository: string): Promise<string> {
  const { host, port } = await address();
  return `ssh://git@${host}:${port}/default/${repository}.git`;
}

async function commit(clone: string, path: string, content: string | Buffer): Promise<string> {
  await writeFile(join(clone, path), content);
  await git(['add', '--all'], { cwd: clone });
  await git(['commit', '--quiet', '-m', `Change ${path}`], { cwd: clone });
  return (await git(['rev-parse', 'HEAD'], { cwd: clone })).trim();
}

/** A repository with one commit, and a clone of it over SSH. */
async function seed(name: string): Promise<string> {
  await server.api('POST', '/api/orgs/default/repositories', { name });
  await git(['clone', '--quiet', await url(name), name], { cwd: folder.path, env: withKey() });
  const clone = join(folder.path, name);
  await git(['checkout', '--quiet', '-B', 'main'], { cwd: clone });
  await commit(clone, 'a.txt', 'one\n');
  await git(['push', '--quiet', '-u', 'origin', 'main'], { cwd: clone, env: withKey() });
  return clone;
}

/** Runs `ssh`, as somebody at a terminal does. */
async function ssh(args: readonly string[], file = key) {
  const { host, port } = await address();
  return runProcess('ssh', ['-F', 'none', '-i', file, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', '-p', String(port), `git@${host}`, ...args], { env: cleanEnvironment(folder.path) });
}

async function branches(repository: string): Promise<string[]> {
  return (await git(['for-each-ref', '--format=%(refname)', 'refs/heads'], { cwd: join(server.dataDir, 'repositories', 'default', `${repository}.git`) })).trim().split('\n').filter(Boolean);
}

describe.skipIf(!hasSsh)('git over SSH, with OpenSSH and git', () => {
  it('clones, fetches and pushes: new branches, force with lease, deletion, atomic, options, many references', async () => {
    const clone = await seed('app');
    const env = withKey();
    const first = await commit(clone, 'b.txt', 'two\n');
    const pushed = await tryGit(['push', '-o', 'topic=x', 'origin', 'main:feature'], { cwd: clone, env });
    expect(pushed.stderr).toContain('remote: Open a pull request for feature:');
    await git(['commit', '--quiet', '--amend', '-m', 'Again'], { cwd: clone });
    expect((await tryGit(['push', 'origin', 'main:feature'], { cwd: clone, env })).stderr).toContain('[rejected]');
    await git(['push', '--quiet', `--force-with-lease=feature:${first}`, 'origin', 'main:feature'], { cwd: clone, env });
    await server.api('POST', '/api/orgs/default/resources', { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'BranchProtection', metadata: { name: 'p' }, spec: { repository: 'app', refs: ['locked'] } });
    const atomic = await tryGit(['push', '--atomic', 'origin', 'main:locked', 'main:free'], { cwd: clone, env });
    expect(atomic.code).toBe(1);
    expect(atomic.stderr).toMatch(/remote rejected\] main -> locked \(.*BranchProtection default\/p/);
    expect(await branches('app')).toEqual(['refs/heads/feature', 'refs/heads/main']);
    await git(['push', '--quiet', 'origin', ':feature'], { cwd: clone, env });
    const refs = Array.from({ length: 1000 }, (_, index) => `HEAD:refs/heads/many/${index}`);
    await git(['push', '--quiet', 'origin', ...refs], { cwd: clone, env });
    expect(await branches('app')).toHaveLength(1001);
    await git(['fetch', '--quiet', 'origin'], { cwd: clone, env });
    const trace = await tryGit(['ls-remote', 'origin', 'main'], { cwd: clone, env: { ...env, GIT_TRACE_PACKET: '1' } });
    expect(trace.stderr).toContain('version 2');
    expect(JSON.stringify(await server.api('GET', '/api/orgs/default/audit?limit=50'))).toMatch(/"kind":"ssh-key"/);
  });

  it('clones shallow, in parts with later fetches, with submodules, and archives', async () => {
    const clone = await seed('app');
    await commit(clone, 'big.txt', 'x'.repeat(200_000));
    await git(['push', '--quiet', 'origin', 'main'], { cwd: clone, env: withKey() });
    await git(['clone', '--quiet', '--depth=1', await url('app'), 'shallow'], { cwd: folder.path, env: withKey() });
    expect((await git(['rev-list', '--count', 'HEAD'], { cwd: join(folder.path, 'shallow') })).trim()).toBe('1');
    await git(['fetch', '--quiet', '--unshallow'], { cwd: join(folder.path, 'shallow'), env: withKey() });
    await git(['clone', '--quiet', '--filter=blob:none', '--no-checkout', await url('app'), 'partial'], { cwd: folder.path, env: withKey() });
    expect(await git(['show', 'HEAD:big.txt'], { cwd: join(folder.path, 'partial'), env: withKey() })).toHaveLength(200_000);

    const outer = await seed('outer');
    await git(['-c', 'protocol.allow=always', 'submodule', '--quiet', 'add', await url('app'), 'inner'], { cwd: outer, env: withKey() });
    await commit(outer, 'c.txt', 'c\n');
    await git(['push', '--quiet', 'origin', 'main'], { cwd: outer, env: withKey() });
    await git(['clone', '--quiet', '--recurse-submodules', await url('outer'), 'both'], { cwd: folder.path, env: withKey() });
    expect(await readFile(join(folder.path, 'both', 'inner', 'a.txt'), 'utf8')).toBe('one\n');

    const archived = await tryGit(['archive', '--format=tar', '--output=out.tar', `--remote=${await url('app')}`, 'main', 'a.txt'], { cwd: folder.path, env: withKey() });
    expect(archived.code).toBe(0);
    expect((await readFile(join(folder.path, 'out.tar'))).includes('one\n')).toBe(true);
  });

  it('says who you are, and refuses everything else in words', async () => {
    await server.api('POST', '/api/orgs/default/repositories', { name: 'app' });
    const greeted = await ssh([]);
    expect(greeted).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Hi .+! You are signed in, but there is no shell here\./) as string });
    for (const [line, words] of [['ls -la', 'no command "ls"'], ['git-upload-pack \'default/--upload-pack=x\'', 'is no repository'], ['git-upload-pack \'default/../../etc\'', 'is no repository'], ['git-receive-pack \'/default/app.git\' --exec=id', 'nothing else']] as const) {
      expect(await ssh([line])).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(words) as string });
    }
    for (const place of ['default/none', 'nobody/app']) {
      const { host, port } = await address();
      const refused = await tryGit(['ls-remote', `ssh://git@${host}:${port}/${place}.git`], { cwd: folder.path, env: withKey() });
      expect(refused.stderr).toMatch(/fatal: remote error: There is no repository/);
    }
    const injected = await tryGit(['clone', 'git@-oProxyCommand=touch:x/y', 'z'], { cwd: folder.path, env: withKey() });
    expect(injected.code).not.toBe(0);
  });

  it('keeps its host keys, 0600, and tells them', async () => {
    const before = await tell();
    expect(before.hostKeys.map(({ type }) => type)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
    expect((await stat(join(server.dataDir, 'ssh', 'ssh_host_ed25519_key'))).mode & 0o777).toBe(0o600);
    const known = join(folder.path, 'known');
    const { host, port } = await address();
    await writeFile(known, (await server.cli(['ssh', 'host-keys'])).stdout);
    const strict = await runProcess('ssh', ['-F', 'none', '-i', key, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes', '-o', `UserKnownHostsFile=${known}`, '-p', String(port), `git@${host}`], { env: cleanEnvironment(folder.path) });
    expect(strict.stderr).toContain('You are signed in');
    await server.stop();
    await server.restart();
    expect((await tell()).hostKeys.map(({ fingerprint }) => fingerprint)).toEqual(before.hostKeys.map(({ fingerprint }) => fingerprint));
  });

  it('lets in who has a key that is good, as far as it goes', async () => {
    const clone = await seed('app');
    await server.api('POST', '/api/orgs/default/repositories', { name: 'other' });
    const strange = await makeSshKey(folder.path, 'strange');
    expect((await tryGit(['ls-remote', await url('app')], { cwd: folder.path, env: withKey(strange) })).stderr).toContain('Permission denied (publickey)');

    const deploy = await makeSshKey(folder.path, 'deploy');
    const publicKey = await readFile(`${deploy}.pub`, 'utf8');
    const object = (readOnly: boolean) => ({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'SSHKey', metadata: { name: 'deploy' }, spec: { scope: 'deploy', repository: 'app', key: publicKey, readOnly } });
    await server.api('POST', '/api/orgs/default/resources', object(true));
    expect((await tryGit(['ls-remote', await url('app')], { cwd: folder.path, env: withKey(deploy) })).code).toBe(0);
    expect((await tryGit(['ls-remote', await url('other')], { cwd: folder.path, env: withKey(deploy) })).stderr).toContain('There is no repository');
    await commit(clone, 'b.txt', 'b\n');
    expect((await tryGit(['push', 'origin', 'main'], { cwd: clone, env: withKey(deploy) })).stderr).toContain('read-only');
    await expect(server.api('POST', '/api/user/ssh-keys', { key: publicKey })).rejects.toMatchObject({ status: 422, body: { error: { reasons: [{ field: 'spec.key' }] } } });
    const { keys } = await server.api<{ keys: SshKeyView[] }>('GET', '/api/user/ssh-keys');
    await eventually('the use of the key is noted', async () => (await server.api<{ keys: SshKeyView[] }>('GET', '/api/user/ssh-keys')).keys[0]?.lastUsedAt !== undefined);
    await server.api('DELETE', `/api/user/ssh-keys/${keys[0]?.org ?? ''}/${keys[0]?.name ?? ''}`);
    expect((await tryGit(['push', 'origin', 'main'], { cwd: clone, env: withKey() })).stderr).toContain('Permission denied (publickey)');
  });

  it('stands a flood of connections that never sign in', async () => {
    await seed('app');
    const { host, port } = await address();
    const sockets: Socket[] = [];
    try {
      for (let index = 0; index < 120; index += 1) sockets.push(connect(port, host).on('error', () => undefined));
      await eventually('those beyond the limit are closed', () => sockets.filter(({ destroyed, readableEnded }) => destroyed || readableEnded).length >= 40);
      expect((await server.fetch('/healthz')).status).toBe(200);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await eventually('others are let in again', async () => (await tryGit(['ls-remote', await url('app')], { cwd: folder.path, env: withKey() })).code === 0);
  });

  it('says which port is taken, and serves without SSH where it is switched off', async () => {
    const { port } = await address();
    const taken = await server.cli(['serve', '--port', '0', '--ssh-port', String(port), '--data-dir', join(folder.path, 'second')]);
    expect(taken).toMatchObject({ code: 5, stderr: expect.stringContaining(`Port ${port} for git over SSH is taken`) as string });
    await using off = await startServer({ args: ['--ssh-port', 'off'] });
    expect(await off.api('GET', '/api/ssh')).toEqual({ enabled: false, hostKeys: [] });
  });
});
