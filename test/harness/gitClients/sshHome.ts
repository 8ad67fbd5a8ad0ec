import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess } from '../runProcess';

/** A home for SSH of somebody with one key. */
export interface SshHome {
  readonly path: string;
  readonly keyFile: string;
  /** A line for `authorized_keys`. */
  readonly publicKey: string;
}

/**
 * Makes one. The key is ECDSA in PEM, which clients of all ages read: JSch as JGit had it until 2021 knows neither Ed25519 nor OpenSSH's own
 * format. Host keys are checked against `knownHosts`.
 */
export async function makeSshHome(path: string, knownHosts: string): Promise<SshHome> {
  const folder = join(path, '.ssh');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keyFile = join(folder, 'id_ecdsa');
  const { code, stderr } = await runProcess('ssh-keygen', ['-q', '-t', 'ecdsa', '-b', '256', '-m', 'PEM', '-N', '', '-C', 'laptop', '-f', keyFile]);
  if (code !== 0) throw new Error(`ssh-keygen: ${stderr}`);
  await writeFile(join(folder, 'known_hosts'), knownHosts);
  await writeFile(join(folder, 'config'), `Host *\n  IdentityFile ${keyFile}\n  UserKnownHostsFile ${join(folder, 'known_hosts')}\n`);
  return { path, keyFile, publicKey: await readFile(`${keyFile}.pub`, 'utf8') };
}

/** What git starts for `ssh://` addresses in such a home: OpenSSH asks the machine for the home, and not the environment. */
export function sshCommandOf(home: string): string {
  return `ssh -F "${join(home, '.ssh', 'config')}" -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o GlobalKnownHostsFile=/dev/null -o LogLevel=ERROR`;
}
