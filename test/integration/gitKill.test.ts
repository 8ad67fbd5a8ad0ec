import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { SshServerView } from '#shared/api/sshKeys';
import { gitsBelow } from '../../src-server/domains/forge/serving/leftoverProcess';
import { eventually } from '../harness/eventually';
import { git, tryGit } from '../harness/git';
import { runProcess } from '../harness/runProcess';
import { makeSshKey, sshCommand } from '../harness/sshPeer';
import { openSshPush, pushBody } from '../harness/sshPush';
import { startServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

const hasSsh = (await runProcess('ssh', ['-V'], {}).catch(() => ({ code: 1 }))).code === 0;

it('is killed while it receives a push, and nothing half is left', async () => {
  await using server = await startServer({ args: ['--log-level', 'error'] });
  await using work = await tempDir();
  await server.api('POST', '/api/orgs/default/repositories', { name: 'app', initialize: true });
  const bare = join(server.dataDir, 'repositories/default/app.git');
  const clone = join(work.path, 'app');
  const url = () => server.gitUrl('app');
  await git(['clone', '--quiet', url(), clone], { cwd: work.path });
  const before = (await git(['rev-parse', 'refs/heads/main'], { cwd: bare })).trim();
  for (let file = 0; file < 24; file += 1) await writeFile(join(clone, `${file}.bin`), randomBytes(4 * 1024 * 1024));
  await git(['-c', 'core.compression=0', 'add', '.'], { cwd: clone });
  await git(['commit', '--quiet', '-m', 'Large'], { cwd: clone });
  const quarantines = async (): Promise<string[]> => (await readdir(join(bare, 'objects'))).filter((name) => /^(?:tmp_objdir|incoming)-/.test(name));

  // Neither side spends its time on anything but sending.
  const pushing = tryGit(['-c', 'pack.window=0', '-c', 'core.compression=0', 'push', 'origin', 'HEAD:main'], { cwd: clone });
  await eventually('the push on its way', async () => (await quarantines()).length > 0);
  await server.kill9();
  const cut = await pushing;
  // A git that had everything already may finish. What it leaves where it could not is nothing that anybody reads, and goes with maintenance.
  const after = (await git(['rev-parse', 'refs/heads/main'], { cwd: bare })).trim();
  expect([before, (await git(['rev-parse', 'HEAD'], { cwd: clone })).trim()]).toContain(after);
  if (cut.code === 0) expect(after).not.toBe(before);
  expect(await git(['fsck', '--full', '--no-dangling'], { cwd: bare })).toBe('');

  // A lock of a git that died with the machine would refuse the branch for ever.
  const lock = join(bare, 'refs/heads/main.lock');
  await writeFile(lock, '');
  await utimes(lock, new Date(0), new Date(0));
  await server.restart();
  await git(['remote', 'set-url', 'origin', url()], { cwd: clone });
  await eventually('the lock gone', async () => !(await readdir(join(bare, 'refs/heads'))).includes('main.lock'));
  await git(['commit', '--quiet', '--allow-empty', '-m', 'Again'], { cwd: clone });
  await git(['push', '--quiet', 'origin', 'HEAD:main'], { cwd: clone });
  expect((await git(['rev-parse', 'refs/heads/main'], { cwd: bare })).trim()).toBe((await git(['rev-parse', 'HEAD'], { cwd: clone })).trim());
});

it.skipIf(!hasSsh)('is killed while it receives a push over SSH, and clears at the next start what git leaves then', async () => {
  await using server = await startServer({ args: ['--log-level', 'error', '--ssh-port', '0'] });
  await using work = await tempDir();
  const keyFile = await makeSshKey(work.path, 'laptop');
  await server.api('POST', '/api/user/ssh-keys', { key: await readFile(`${keyFile}.pub`, 'utf8') });
  await server.api('POST', '/api/orgs/default/repositories', { name: 'app', initialize: true });
  const address = async (): Promise<{ host: string; port: number }> => {
    const { address: found } = await server.api<SshServerView>('GET', '/api/ssh');
    return { host: '127.0.0.1', port: found?.port ?? 0 };
  };
  const url = async (): Promise<string> => `ssh://git@127.0.0.1:${(await address()).port}/default/app.git`;
  const env = { GIT_SSH_COMMAND: sshCommand(keyFile) };
  const bare = join(server.dataDir, 'repositories/default/app.git');
  const clone = join(work.path, 'app');
  await git(['clone', '--quiet', await url(), clone], { cwd: work.path, env });
  const refs = () => git(['for-each-ref', '--format=%(refname) %(objectname)'], { cwd: bare });
  const quarantines = async (): Promise<string[]> => (await readdir(join(bare, 'objects'))).filter((name) => name.startsWith('tmp_objdir-incoming-'));
  const [before, from] = [await refs(), (await git(['rev-parse', 'HEAD'], { cwd: clone })).trim()];
  for (let file = 0; file < 120; file += 1) await writeFile(join(clone, `${file}.bin`), randomBytes(4096));
  await git(['add', '.'], { cwd: clone });
  await git(['commit', '--quiet', '-m', 'Many'], { cwd: clone });
  const to = (await git(['rev-parse', 'HEAD'], { cwd: clone })).trim();
  const { stdout: pack } = spawnSync('git', ['pack-objects', '--revs', '--stdout', '--quiet'], { cwd: clone, input: `${to}\n^${from}\n`, maxBuffer: 1024 ** 3 });

  // Half of the pack comes, and no more: git can neither finish nor go on.
  const push = await openSshPush(await address(), { keyFile, repository: 'default/app.git' });
  await push.send(pushBody({ ref: 'refs/heads/main', from, to }, pack).subarray(0, Math.floor(pack.length / 2)));
  await eventually('git at work on the pack', async () => (await quarantines()).length > 0);
  await server.kill9();
  push.cut();
  await eventually('the end of git', async () => (await gitsBelow(join(server.dataDir, 'repositories')))?.length === 0);
  expect(await refs()).toBe(before);
  expect(await git(['fsck', '--full', '--no-dangling'], { cwd: bare })).toBe('');

  // What git 2.39 and newer leave when their output breaks; an older one may have cleared it.
  await mkdir(join(bare, 'objects/tmp_objdir-incoming-left00/pack'), { recursive: true });
  await writeFile(join(bare, 'objects/tmp_objdir-incoming-left00/pack/tmp_pack_left00'), pack.subarray(0, 1000));
  await server.restart();
  await eventually('nothing left of the push', async () => (await quarantines()).length === 0);
  expect((await readdir(join(server.dataDir, 'git/hooks'))).filter((name) => name.startsWith('push-'))).toEqual([]);
  await git(['remote', 'set-url', 'origin', await url()], { cwd: clone });
  await git(['push', '--quiet', 'origin', 'HEAD:main'], { cwd: clone, env });
  expect(await refs()).toBe(`refs/heads/main ${to}\n`);
  expect(await git(['fsck', '--full', '--no-dangling'], { cwd: bare })).toBe('');
});
