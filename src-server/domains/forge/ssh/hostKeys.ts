import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { StatusError } from '#shared/api/status';
import { writeDurably } from '../../../disk/writeDurably';
import { parsePublicKey } from '../keys/publicKey';

/** A key that the server shows to be itself. */
export interface HostKey {
  readonly type: string;
  /** `SHA256:…`, as `ssh` shows it at the first connection. */
  readonly fingerprint: string;
  /** `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
  /** In OpenSSH's format. */
  readonly privateKey: string;
}

/** What every OpenSSH since 6.5 has, and what those have that may not use it (FIPS). RSA would bring SHA-1 signatures along. */
const KINDS = [
  { file: 'ssh_host_ed25519_key', make: () => ssh2.utils.generateKeyPairSync('ed25519', { comment: 'kradle' }) },
  { file: 'ssh_host_ecdsa_key', make: () => ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256, comment: 'kradle' }) },
] as const;

const MAX_TRIES = 20;

/**
 * The host keys of a data folder, made when they are not there: a server that shows others than yesterday is one that clients refuse.
 * Keys of another host, put there before the first start, are used. 0600.
 *
 * @throws Invalid for a file that holds no private key without a passphrase.
 */
export async function readOrCreateHostKeys(folder: string): Promise<readonly HostKey[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys: HostKey[] = [];
  for (const { file, make } of KINDS) {
    const path = join(folder, file);
    const stored = await readFile(path, 'utf8').catch(unlessMissing);
    if (stored === undefined || stored.trim() === '') await writeDurably(path, makeReadable(make));
    // It may have come back from a backup, readable for everybody.
    else await chmod(path, 0o600);
    keys.push(toHostKey(path, await readFile(path, 'utf8')));
  }
  return keys;
}

/** The library forgets the zeros that one Ed25519 key in 256 begins with, and cannot read what it wrote then. */
function makeReadable(make: () => { readonly private: string }): string {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const { private: key } = make();
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
  throw new Error('no host key could be made');
}

function toHostKey(path: string, privateKey: string): HostKey {
  const parsed = ssh2.utils.parseKey(privateKey);
  const publicKey = parsed instanceof Error ? undefined : parsePublicKey(`${parsed.type} ${parsed.getPublicSSH().toString('base64')}`);
  if (parsed instanceof Error || publicKey === undefined || 'problem' in publicKey || !parsed.isPrivateKey()) {
    throw new StatusError('Invalid', `${path} holds no private key that SSH can use. Put the right one back; without the file, a new key is made, which clients will refuse until they are told`, { code: 'HOST_KEY_UNREADABLE' });
  }
  return { type: publicKey.type, fingerprint: publicKey.fingerprint, publicKey: publicKey.line, privateKey };
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
