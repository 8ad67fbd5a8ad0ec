import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SignatureView } from '#shared/api/pushPolicies';
import { GPGKey } from '#shared/kinds/forge/gpgKey';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { User } from '#shared/kinds/identity/user';
import { ada, admin, bob, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';
import { tempDir } from '../../../../test/harness/tempDir';
import { makeGpgKey, makeSshKey } from '../../../../test/harness/signingKeys';

const run = promisify(execFile);
const org = 'default';
let fixture: ForgeFixture;
let clone: string;

beforeEach(async () => {
  fixture = await createForgeFixture();
  await fixture.seed('demo');
  clone = join(fixture.folder, 'demo');
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

/** Commits as a person, with git's own settings for signing, and pushes. */
async function commit(config: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}, args: readonly string[] = ['commit', '--quiet', '--allow-empty', '-S', '-m', 'Signed']): Promise<string> {
  const settings = Object.entries(config).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  await run('git', [...settings, ...args], { cwd: clone, env: { PATH: process.env.PATH, HOME: fixture.folder, ...env } });
  const { stdout } = await run('git', ['rev-parse', 'HEAD'], { cwd: clone });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'HEAD:main');
  return stdout.trim();
}

async function signature(sha: string): Promise<SignatureView | undefined> {
  return (await fixture.as(bob).repositories.signatures({ org, repository: 'demo', sha })).signatures[sha];
}

const as = (email: string) => ({ 'user.name': 'Ada', 'user.email': email });
const ssh = (key: string, email = 'ada@example.com') => ({ ...as(email), 'gpg.format': 'ssh', 'user.signingKey': key });

describe('SSH', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'])('verifies what ssh-keygen signs with %s', async (type) => {
    const key = await makeSshKey(fixture.folder, type);
    const sha = await commit(ssh(key.path));
    expect(await signature(sha)).toMatchObject({ state: 'unknown-key', key: { type: 'ssh', id: key.fingerprint } });
    await fixture.resources.as(ada).create(SSHKey, org, { metadata: { name: 'laptop' }, spec: { organizationRef: org, scope: 'user', key: key.publicKey } });
    expect(await signature(sha)).toMatchObject({ state: 'verified', signer: { kind: 'user', name: 'ada', keyName: 'laptop' }, key: { id: key.fingerprint } });
  });

  it('tells another address, a revoked and an expired key, a person who left, and a changed commit', async () => {
    const key = await makeSshKey(fixture.folder, 'ed25519');
    await fixture.resources.as(ada).create(SSHKey, org, { metadata: { name: 'laptop' }, spec: { organizationRef: org, scope: 'user', key: key.publicKey } });
    const foreign = await commit(ssh(key.path, 'bob@example.com'));
    expect(await signature(foreign)).toMatchObject({ state: 'wrong-email', reason: expect.stringContaining('ada@example.com') as string });
    const sha = await commit(ssh(key.path));
    expect((await signature(sha))?.state).toBe('verified');

    const content = (await run('git', ['cat-file', 'commit', sha], { cwd: clone })).stdout.replace('\nSigned\n', '\nForged\n').replace('\n\nSigned', '\n\nForged');
    await writeFile(join(clone, 'forged'), content);
    const forged = (await run('git', ['hash-object', '-t', 'commit', '-w', 'forged'], { cwd: clone })).stdout.trim();
    await fixture.git('demo', 'push', '--quiet', 'origin', `${forged}:refs/heads/forged`);
    expect((await signature(forged))?.state).toBe('bad');

    await fixture.resources.mutate(SSHKey, { org, name: 'laptop' }, ({ spec }) => void (spec.expiresAt = '2020-01-01T00:00:00Z'));
    expect((await signature(sha))?.state).toBe('expired-key');
    await fixture.resources.mutate(SSHKey, { org, name: 'laptop' }, ({ spec }) => void (spec.revoked = true));
    expect((await signature(sha))?.state).toBe('revoked-key');
    await fixture.resources.mutate(SSHKey, { org, name: 'laptop' }, ({ spec }) => {
      spec.revoked = false;
      delete spec.expiresAt;
    });
    await fixture.resources.mutate(User, { org, name: 'ada' }, ({ spec }) => void (spec.disabled = true));
    expect((await signature(sha))?.state).toBe('not-a-member');
  });

  it('takes no signature that was made for something else, and none of a deploy key', async () => {
    const key = await makeSshKey(fixture.folder, 'ed25519');
    await fixture.resources.as(ada).create(SSHKey, org, { metadata: { name: 'laptop' }, spec: { organizationRef: org, scope: 'user', key: key.publicKey } });
    const wrapper = join(fixture.folder, 'sign-for-mail');
    await writeFile(wrapper, '#!/bin/sh\nfor a; do shift; [ "$a" = git ] && a=mail; set -- "$@" "$a"; done\nexec ssh-keygen "$@"\n', { mode: 0o755 });
    expect(await signature(await commit({ ...ssh(key.path), 'gpg.ssh.program': wrapper }))).toMatchObject({ state: 'bad', reason: expect.stringContaining('mail') as string });

    const deploy = await makeSshKey(fixture.folder, 'ed25519', 'deploy');
    await fixture.resources.as(admin).create(SSHKey, org, { metadata: { name: 'deploy' }, spec: { organizationRef: org, scope: 'deploy', repository: 'demo', key: deploy.publicKey } });
    expect((await signature(await commit(ssh(deploy.path))))?.state).toBe('unknown-key');
  });

  it('verifies tags', async () => {
    const key = await makeSshKey(fixture.folder, 'ed25519');
    await fixture.resources.as(ada).create(SSHKey, org, { metadata: { name: 'laptop' }, spec: { organizationRef: org, scope: 'user', key: key.publicKey } });
    await commit(ssh(key.path), {}, ['tag', '-s', '-m', 'One', 'v1']);
    await fixture.git('demo', 'push', '--quiet', 'origin', 'v1');
    const tag = (await fixture.git('demo', 'rev-parse', 'v1')).trim();
    expect(await signature(tag)).toMatchObject({ state: 'verified', signer: { name: 'ada' } });
  });
});

describe('GPG', () => {
  it('verifies what gpg signs, by the primary key and by a subkey, and tells keys that had expired', async () => {
    await using home = await tempDir('kg-');
    const good = await makeGpgKey(home.path, { email: 'ada@example.com' });
    const env = { GNUPGHOME: home.path };
    const sha = await commit({ ...as('ada@example.com'), 'user.signingKey': good.fingerprint }, env);
    expect(await signature(sha)).toMatchObject({ state: 'unknown-key', key: { type: 'openpgp' } });
    await fixture.resources.as(ada).create(GPGKey, org, { metadata: { name: 'gpg' }, spec: { organizationRef: org, key: good.publicKey } });
    expect(await signature(sha)).toMatchObject({ state: 'verified', signer: { name: 'ada', keyName: 'gpg' } });

    const expiring = await makeGpgKey(home.path, { email: 'ada@example.com', expires: '2020-06-01', at: '20200101T000000' });
    await fixture.resources.as(ada).create(GPGKey, org, { metadata: { name: 'old' }, spec: { organizationRef: org, key: expiring.publicKey } });
    const wrapper = join(home.path, 'gpg-then');
    const gpgAt = async (time: string) => {
      await writeFile(wrapper, `#!/bin/sh\nexec gpg --faked-system-time ${time}! "$@"\n`, { mode: 0o755 });
      return commit({ ...as('ada@example.com'), 'user.signingKey': expiring.fingerprint, 'gpg.program': wrapper }, env);
    };
    expect((await signature(await gpgAt('20200301T000000')))?.state).toBe('verified');
    const manager = await fixture.startControllers();
    await manager.drain();
    expect((await fixture.resources.get(GPGKey, { org, name: 'old' })).status).toMatchObject({ phase: 'Expired', fingerprint: expiring.fingerprint });
    expect((await fixture.resources.get(GPGKey, { org, name: 'gpg' })).status).toMatchObject({ phase: 'Active', userIds: ['Test <ada@example.com>'], algorithm: expect.stringContaining('eddsa') as string });
    await fixture.resources.mutate(GPGKey, { org, name: 'gpg' }, ({ spec }) => void (spec.revoked = true));
    expect((await signature(sha))?.state).toBe('revoked-key');
  }, 60_000);

  it('takes only public keys, one at a time, once', async () => {
    await using home = await tempDir('kg-');
    const one = await makeGpgKey(home.path, { email: 'ada@example.com' });
    const two = await makeGpgKey(home.path, { email: 'bob@example.com' });
    const create = (name: string, key: string, actor = ada) => fixture.resources.as(actor).create(GPGKey, org, { metadata: { name }, spec: { organizationRef: org, key } });
    const refusal = (words: string) => expect.objectContaining({ details: expect.objectContaining({ causes: [expect.objectContaining({ field: 'spec.key', message: expect.stringContaining(words) as string })] }) as object }) as object;
    await expect(create('private', one.privateKey)).rejects.toEqual(refusal('private key'));
    await expect(create('both', one.publicKey + two.publicKey)).rejects.toEqual(refusal('holds 2 keys'));
    await expect(create('cut', one.publicKey.slice(0, 300))).rejects.toEqual(refusal('cut off'));
    await expect(create('none', 'ssh-ed25519 AAAA')).rejects.toEqual(refusal('BEGIN PGP PUBLIC KEY'));
    expect((await create('mine', one.publicKey)).spec.owner).toBe('ada');
    await expect(create('stolen', one.publicKey, bob)).rejects.toEqual(refusal('"mine"'));
  }, 60_000);
});

it('signs the commits that the server makes, with a key that git can verify', async () => {
  const name = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  const { sha } = await fixture.as(ada).pulls.merge({ org, pr: name });
  const edited = await fixture.as(ada).repositories.commitFiles({ org, repository: 'demo', branch: 'main', message: 'Edit', changes: [{ path: 'c.txt', content: 'c\n' }] });
  for (const made of [sha, edited.sha]) expect(await signature(made)).toMatchObject({ state: 'verified', signer: { kind: 'forge' } });
  await fixture.git('demo', 'fetch', '--quiet', 'origin');
  const allowed = join(fixture.folder, 'allowed');
  await mkdir(fixture.folder, { recursive: true });
  const { publicKey } = (await fixture.as(bob).repositories.signingKey({ org, repository: 'demo' }));
  await writeFile(allowed, `* namespaces="git" ${publicKey}\n`);
  const { stderr } = await run('git', ['-c', `gpg.ssh.allowedSignersFile=${allowed}`, 'verify-commit', sha], { cwd: clone });
  expect(stderr).toContain('Good "git" signature');
  expect(await readFile(join(fixture.folder, 'commit_signing_key'), 'utf8')).toContain('PRIVATE KEY');
});
