import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { access, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually';
import { runProcess } from './runProcess';

/** OpenSSH's server with git-shell behind it, for whoever has the key. */
export interface SshPeer extends AsyncDisposable {
  /** Before an absolute path of a repository. */
  readonly url: string;
}

const SSHD = '/usr/sbin/sshd';

/** Makes a key without a passphrase; answers the file of the private one. */
export async function makeSshKey(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  const { code, stderr } = await runProcess('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
  if (code !== 0) throw new Error(`ssh-keygen: ${stderr}`);
  return path;
}

/** What git starts for `ssh://` addresses: this key and no configuration of the machine. */
export function sshCommand(keyFile: string): string {
  return `ssh -F none -i "${keyFile}" -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
}

/**
 * Starts Debian's sshd on a free port of loopback as the user who runs this, with a configuration, a host key and one authorized key of its
 * own in `folder`. Undefined where it is not installed.
 */
export async function startSshPeer(folder: string, authorizedKeyFile: string): Promise<SshPeer | undefined> {
  if (!(await access(SSHD).then(() => true, () => false))) return undefined;
  // Its own place for the unprivileged half, which root's sshd insists on; packages make it when the service starts.
  if (process.getuid?.() === 0 && !existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 });
  const port = await freePort();
  const hostKey = await makeSshKey(folder, 'host-key');
  const authorized = join(folder, 'authorized_keys');
  await writeFile(authorized, `restrict,command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"" ${await readFile(`${authorizedKeyFile}.pub`, 'utf8')}`, { mode: 0o600 });
  const config = join(folder, 'sshd_config');
  await writeFile(config, [
    `Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${hostKey}`, `AuthorizedKeysFile ${authorized}`, `PidFile ${join(folder, 'sshd.pid')}`,
    'StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'PermitRootLogin yes', 'MaxStartups 100', 'AcceptEnv GIT_PROTOCOL', '',
  ].join('\n'));
  const child = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await eventually('sshd', async () => {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${said}`);
    return accepts(port);
  });
  return { url: `ssh://${userInfo().username}@127.0.0.1:${port}`, [Symbol.asyncDispose]: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill();
  await once(child, 'close');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
