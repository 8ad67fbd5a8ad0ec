import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeDurably } from '../../../disk/writeDurably';
import { signedCommit } from './signedObject';
import { makeSshSignature, sshFingerprint } from './sshSignature';
import { sshString } from './sshWire';

/** Signs what the forge makes itself: merges, squashes, first commits. */
export interface ForgeSigner {
  /** The commit with a signature over it. */
  signCommit(content: Buffer): Buffer;
  /** The public key in one line, for `allowed_signers`. */
  readonly publicKey: string;
  readonly fingerprint: string;
}

/** Reads the installation's signing key, and makes one when there is none. */
export async function loadForgeSigner(keyFile: string): Promise<ForgeSigner> {
  const pem = await readOrMake(keyFile);
  const privateKey = createPrivateKey(pem);
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const keyBlob = Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.from(x, 'base64url'))]);
  return {
    signCommit: (content) => signedCommit(content, makeSshSignature(content, { privateKey, keyBlob })),
    publicKey: `ssh-ed25519 ${keyBlob.toString('base64')}`,
    fingerprint: sshFingerprint(keyBlob),
  };
}

async function readOrMake(path: string): Promise<string> {
  const found = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found !== undefined) return found;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const made = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await writeDurably(path, made);
  return made;
}
