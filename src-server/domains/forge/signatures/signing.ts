import type { ResourceClient } from '../../../resources/resourceClient';
import { type ForgeSigner, loadForgeSigner } from './forgeSigner';
import { type Keyring, loadKeyring } from './keyring';

/** The installation's own signature, and the keys that others' are verified with. */
export interface Signing {
  /** Reads the installation's key, or makes it. Until then, commits are made without a signature. */
  start(keyFile: string): Promise<void>;
  signCommit(content: Buffer): Buffer;
  /** In one line, as OpenSSH writes it; empty before the start. */
  publicKey(): string;
  keyring(org: string): Promise<Keyring>;
}

export function createSigning(resources: () => ResourceClient): Signing {
  let signer: ForgeSigner | undefined;
  return {
    async start(keyFile) {
      signer = await loadForgeSigner(keyFile);
    },
    signCommit: (content) => signer?.signCommit(content) ?? content,
    publicKey: () => signer?.publicKey ?? '',
    keyring: (org) => loadKeyring(resources(), org, new Set(signer === undefined ? [] : [signer.fingerprint])),
  };
}
