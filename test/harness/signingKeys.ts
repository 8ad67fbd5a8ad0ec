import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A key that ssh-keygen makes, without a passphrase. */
export async function makeSshKey(folder: string, type: string, name = `key-${type}`): Promise<{ path: string; publicKey: string; fingerprint: string }> {
  const path = join(folder, name);
  await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', path, ...(type === 'rsa' ? ['-b', '2048'] : [])]);
  const { stdout } = await run('ssh-keygen', ['-l', '-f', path]);
  return { path, publicKey: (await readFile(`${path}.pub`, 'utf8')).trim(), fingerprint: stdout.split(' ')[1] ?? '' };
}

/** A key that gpg makes in a home of its own, without a passphrase. The home's path has to be short: gpg's agent has a socket in it. */
export async function makeGpgKey(home: string, opts: { email: string; expires?: string; at?: string }): Promise<{ fingerprint: string; publicKey: string; privateKey: string }> {
  const time = opts.at === undefined ? [] : ['--faked-system-time', `${opts.at}!`];
  const gpg = async (...args: string[]): Promise<string> => (await run('gpg', ['--batch', '--homedir', home, '--pinentry-mode', 'loopback', '--passphrase', '', ...args])).stdout;
  const made = await gpg(...time, '--yes', '--status-fd', '1', '--quick-generate-key', `Test <${opts.email}>`, 'ed25519', 'sign', opts.expires ?? 'never');
  const fingerprint = /KEY_CREATED \w (\w+)/.exec(made)?.[1] ?? '';
  return { fingerprint, publicKey: await gpg('--armor', '--export', fingerprint), privateKey: await gpg('--armor', '--export-secret-keys', fingerprint) };
}
