import { readdir, readFile, stat, writeFile, chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeSshKey } from '../../../../test/harness/sshPeer';
import { tempDir, type TempDir } from '../../../../test/harness/tempDir';
import { readOrCreateHostKeys } from './hostKeys';

const FILES = ['ssh_host_ecdsa_key', 'ssh_host_ed25519_key'];

let temporary: TempDir;
let folder: string;

beforeEach(async () => {
  temporary = await tempDir();
  folder = join(temporary.path, 'data', 'ssh');
});

afterEach(() => temporary[Symbol.asyncDispose]());

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

it('makes them once, for nobody else to read, and keeps them', async () => {
  const made = await readOrCreateHostKeys(folder);
  expect(made.map(({ type }) => type)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
  expect(await modeOf(folder)).toBe(0o700);
  expect((await readdir(folder)).sort()).toEqual(FILES);
  for (const file of FILES) expect(await modeOf(join(folder, file))).toBe(0o600);
  expect(await readOrCreateHostKeys(folder)).toEqual(made);
  for (const { fingerprint, publicKey, type } of made) {
    expect(fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(publicKey.startsWith(`${type} `)).toBe(true);
  }
});

it('makes others for another server', async () => {
  const [one, two] = await Promise.all([readOrCreateHostKeys(folder), readOrCreateHostKeys(join(temporary.path, 'other'))]);
  expect(two.map(({ fingerprint }) => fingerprint)).not.toEqual(one.map(({ fingerprint }) => fingerprint));
});

it('makes another one when the library writes one that it cannot read itself', async () => {
  const cut = { private: '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n', public: '' };
  const generate = vi.spyOn(ssh2.utils, 'generateKeyPairSync').mockReturnValueOnce(cut).mockReturnValueOnce(cut);
  try {
    expect(await readOrCreateHostKeys(folder)).toHaveLength(2);
    expect(generate).toHaveBeenCalledTimes(4);
  } finally {
    generate.mockRestore();
  }
});

it('takes the keys of another host, and closes files that everybody could read', async () => {
  const old = await makeSshKey(temporary.path, 'old-host');
  const [moved, shown] = await Promise.all([readFile(old, 'utf8'), readFile(`${old}.pub`, 'utf8')]);
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'ssh_host_ed25519_key');
  await writeFile(path, moved);
  await chmod(path, 0o644);
  const [ed25519] = await readOrCreateHostKeys(folder);
  expect(shown.startsWith(ed25519?.publicKey ?? 'none')).toBe(true);
  expect(await modeOf(path)).toBe(0o600);
  expect(await readFile(path, 'utf8')).toBe(moved);
});

it('makes one where a power cut left an empty file, and refuses what is no key rather than replacing it', async () => {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'ssh_host_ecdsa_key');
  await writeFile(path, '');
  expect((await readOrCreateHostKeys(folder))[1]).toMatchObject({ type: 'ecdsa-sha2-nistp256' });
  for (const content of ['not a key\n', ssh2.utils.generateKeyPairSync('ed25519').public]) {
    await writeFile(path, content);
    await expect(readOrCreateHostKeys(folder)).rejects.toMatchObject({ details: { code: 'HOST_KEY_UNREADABLE' }, message: expect.stringContaining(path) as string });
    expect(await readFile(path, 'utf8')).toBe(content);
  }
});
