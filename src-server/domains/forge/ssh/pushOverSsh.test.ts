import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { eventually } from '../../../../test/harness/eventually';
import { ada, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';
import { git, tryGit } from '../../../../test/harness/git';
import { runProcess } from '../../../../test/harness/runProcess';
import { makeSshKey, sshCommand } from '../../../../test/harness/sshPeer';
import { openSshPush, pushBody } from '../../../../test/harness/sshPush';
import type { SshAddress, SshDoor } from './sshDoor';

const hasSsh = (await runProcess('ssh', ['-V'], {}).catch(() => ({ code: 1 }))).code === 0;

let fixture: ForgeFixture;
let door: SshDoor;
let address: SshAddress;
let keyFile: string;
let clone: string;
let bare: string;

beforeEach(async () => {
  fixture = await createForgeFixture({ ssh: true });
  if (fixture.forge.ssh.door === undefined) throw new Error('there is no git over SSH');
  ({ door } = fixture.forge.ssh);
  await door.listen();
  address = { host: '127.0.0.1', port: door.address()?.port ?? 0 };
  keyFile = await makeSshKey(fixture.folder, 'laptop');
  await fixture.resources.as(ada).create(SSHKey, 'default', { metadata: { name: 'laptop' }, spec: { organizationRef: 'default', scope: 'user', key: await readFile(`${keyFile}.pub`, 'utf8') } });
  clone = join(fixture.folder, await fixture.seed('demo'));
  bare = join(fixture.folder, 'repositories/default/demo.git');
  await git(['remote', 'set-url', 'origin', `ssh://git@127.0.0.1:${address.port}/default/demo.git`], { cwd: clone });
});

afterEach(async () => {
  await door.stop(0);
  await fixture[Symbol.asyncDispose]();
});

const refs = (): Promise<string> => git(['for-each-ref', '--format=%(refname) %(objectname)'], { cwd: bare });
const env = () => ({ GIT_SSH_COMMAND: sshCommand(keyFile) });

/** The push has ended on the server; then nothing is left of it, and everything that is there is sound. */
async function expectClean(): Promise<void> {
  await eventually('the end of the push', () => door.stats.connections === 0 && fixture.forge.serving.gate.working === 0);
  const left = [
    ...(await readdir(join(bare, 'objects'))).filter((name) => /^(?:tmp_objdir|incoming)-/.test(name)),
    ...(await readdir(join(bare, 'objects/pack'))).filter((name) => name.startsWith('tmp_')),
    ...(await readdir(join(fixture.folder, 'git/hooks'))).filter((name) => name.startsWith('push-')),
  ];
  expect(left).toEqual([]);
  expect(await git(['fsck', '--full', '--no-dangling'], { cwd: bare })).toBe('');
}

/** A commit on top of main that takes a pack: more objects than git unpacks (`receive.unpackLimit`). */
async function change(): Promise<{ from: string; to: string; body: Buffer }> {
  const from = (await git(['rev-parse', 'HEAD'], { cwd: clone })).trim();
  for (let index = 0; index < 120; index += 1) await writeFile(join(clone, `${index}.bin`), randomBytes(2000));
  await git(['add', '--all'], { cwd: clone });
  await git(['commit', '--quiet', '-m', 'Many'], { cwd: clone });
  const to = (await git(['rev-parse', 'HEAD'], { cwd: clone })).trim();
  const { stdout, status } = spawnSync('git', ['pack-objects', '--revs', '--stdout', '--quiet'], { cwd: clone, input: `${to}\n^${from}\n`, maxBuffer: 1024 ** 3 });
  expect(status).toBe(0);
  return { from, to, body: pushBody({ ref: 'refs/heads/main', from, to }, stdout) };
}

describe.skipIf(!hasSsh)('a push over SSH that is cut off', () => {
  it('leaves the references as they were and nothing of itself, wherever it was cut, and can be made again', async () => {
    const before = await refs();
    const { to, body } = await change();
    const commands = body.indexOf('PACK');
    for (const at of [0, 2, 40, commands - 4, commands, commands + 5, commands + 12, Math.floor(body.length / 3), body.length - 21, body.length - 1]) {
      const push = await openSshPush(address, { keyFile, repository: 'default/demo.git' });
      if (at > 0) await push.send(body.subarray(0, at));
      push.cut();
      await expectClean();
      expect(await refs(), `cut at ${at} of ${body.length}`).toBe(before);
    }
    await git(['push', '--quiet', 'origin', 'HEAD:main'], { cwd: clone, env: env() });
    expect(await refs()).toContain(`refs/heads/main ${to}`);
  });

  it('in the middle of a pack that git is writing down leaves nothing of it', async () => {
    const before = await refs();
    const { body } = await change();
    const push = await openSshPush(address, { keyFile, repository: 'default/demo.git' });
    await push.send(body.subarray(0, Math.floor(body.length / 2)));
    await eventually('git at work on the pack', async () => (await readdir(join(bare, 'objects'))).some((name) => name.startsWith('tmp_objdir-incoming-')));
    push.cut();
    await expectClean();
    expect(await refs()).toBe(before);
  });

  it('when all of it had come is carried out or not, and nothing between', async () => {
    const { from, to, body } = await change();
    const push = await openSshPush(address, { keyFile, repository: 'default/demo.git' });
    await push.send(body);
    push.cut();
    await expectClean();
    expect([from, to]).toContain((await git(['rev-parse', 'refs/heads/main'], { cwd: bare })).trim());
    expect((await tryGit(['push', 'origin', 'HEAD:main'], { cwd: clone, env: env() })).code).toBe(0);
    expect(await refs()).toContain(`refs/heads/main ${to}`);
  });
});
