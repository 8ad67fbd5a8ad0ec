import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StatusError } from '#shared/api/status';
import type { Git, GitProcessOptions } from '../git';
import type { GitIdentity } from '../process/gitEnvironment';
import type { Remote } from './remoteAddress';

/** What another host is shown. */
export type RemoteCredential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'key'; readonly privateKey: string; /** Lines of a `known_hosts`; without them the first key that the host shows is believed and remembered. */ readonly knownHosts?: string };

export interface RemoteAccessOptions {
  /** `user` in local mode: the user's credential helpers and ssh agent answer where no credential is given. */
  readonly identity: GitIdentity;
  readonly credential?: RemoteCredential | undefined;
  /** Folder for keys while they are in use, and for what ssh remembers of hosts. 0700. */
  readonly keysRoot: string;
  readonly signal?: AbortSignal | undefined;
}

/** Git ends a transfer that stays below this rate for this long. */
const LOW_SPEED: readonly (readonly [string, string])[] = [
  ['http.lowSpeedLimit', '100'],
  ['http.lowSpeedTime', '60'],
];

/** Answers git with what is in its environment, so that no argument list, file or log has it. Bound to the host by the key of the setting. */
const HELPER = '!f() { test "$1" = get && printf \'username=%s\\npassword=%s\\n\' "$KRADLE_REMOTE_USERNAME" "$KRADLE_REMOTE_PASSWORD"; }; f';

/** Runs `work` with the options that let a git process reach a remote, and it alone. Keys on the disk are there only meanwhile. */
export async function withRemoteAccess<T>(git: Git, remote: Remote, opts: RemoteAccessOptions & { work: (options: GitProcessOptions) => Promise<T> }): Promise<T> {
  const { identity, credential, signal, work } = opts;
  const env: Record<string, string> = { GIT_ALLOW_PROTOCOL: protocolsOf(remote) };
  const config: (readonly [string, string])[] = [...LOW_SPEED, ...(remote.pinned ?? [])];
  if (remote.pinned !== undefined) await requirePinning(git);
  if (credential?.kind === 'password') {
    if (/[\r\n\0]/.test(credential.username + credential.password)) throw new StatusError('Invalid', 'The Secret\'s username or password has a line break, which no host takes', { code: 'CREDENTIAL_INVALID' });
    const { origin } = new URL(remote.location);
    // The user's own helpers are out of it: what was given counts, and nothing is stored.
    config.push(['credential.helper', ''], [`credential.${origin}.helper`, HELPER]);
    Object.assign(env, { KRADLE_REMOTE_USERNAME: credential.username, KRADLE_REMOTE_PASSWORD: credential.password });
  }
  if (credential?.kind === 'key') return withKey(opts, credential, (command) => work({ identity, env: { ...env, GIT_SSH_COMMAND: `${command}${addressOptions(remote)}` }, config, signal }));
  if (identity === 'user' && remote.kind === 'url') {
    const configured = await git.run(['config', '--get', 'core.sshCommand'], { identity: 'user', okCodes: [0, 1] });
    const command = configured.stdout.toString().trim() || 'ssh';
    // Nobody can answer a question of ssh here; without an agent or key it has to fail.
    env.GIT_SSH_COMMAND = `${command} -o BatchMode=yes -o ConnectTimeout=20`;
  }
  return work({ identity, env, config, signal });
}

function protocolsOf(remote: Remote): string {
  if (remote.kind === 'folder') return 'file';
  if (remote.pinned !== undefined) return 'https:http';
  return remote.sshAddress === undefined ? 'https:http:ssh:git' : 'ssh';
}

async function withKey<T>({ keysRoot }: RemoteAccessOptions, credential: Extract<RemoteCredential, { kind: 'key' }>, work: (command: string) => Promise<T>): Promise<T> {
  await mkdir(keysRoot, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(keysRoot, 'key-'));
  try {
    const key = join(folder, 'key');
    await writeFile(key, `${credential.privateKey.trimEnd()}\n`, { mode: 0o600 });
    const known = credential.knownHosts === undefined ? join(keysRoot, 'known_hosts') : join(folder, 'known_hosts');
    if (credential.knownHosts !== undefined) await writeFile(known, `${credential.knownHosts.trimEnd()}\n`, { mode: 0o600 });
    const options = ['-F /dev/null', `-i ${quoted(key)}`, '-o IdentitiesOnly=yes', '-o BatchMode=yes', '-o ConnectTimeout=20', `-o UserKnownHostsFile=${quoted(known)}`, `-o StrictHostKeyChecking=${credential.knownHosts === undefined ? 'accept-new' : 'yes'}`, '-o ProxyCommand=none', '-o PermitLocalCommand=no', '-o ForwardAgent=no'];
    return await work(`ssh ${options.join(' ')}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The address that was checked is the one that is called; the host's key is still that of its name. */
function addressOptions({ sshAddress }: Remote): string {
  return sshAddress === undefined ? '' : ` -o HostName=${quoted(sshAddress.address)} -o HostKeyAlias=${quoted(sshAddress.host)}`;
}

/** Git gives the command to a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll('\'', '\'\\\'\'')}'`;
}

/** Git takes addresses for a name since 2.37, and older ones would ask for the name again, silently. */
async function requirePinning(git: Git): Promise<void> {
  const version = await git.version();
  if (version !== undefined && (version.major > 2 || (version.major === 2 && version.minor >= 37))) return;
  throw new StatusError('NotImplemented', `This takes git 2.37 or newer on this server, which has ${version?.text ?? 'none'}; create a repository and push to it`, { code: 'GIT_TOO_OLD' });
}
