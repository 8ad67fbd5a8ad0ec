import type { PublicKey } from 'openpgp';

/** A public OpenPGP key as it is told to people. */
export interface PgpKeyFacts {
  /** Hexadecimal digits in upper case. */
  readonly fingerprint: string;
  /** Of the primary key and of every subkey, 16 digits each. */
  readonly keyIds: readonly string[];
  readonly userIds: readonly string[];
  readonly algorithm: string;
  readonly createdAt: Date;
  /** Undefined: never. */
  readonly expiresAt: Date | undefined;
  /** It says of itself that it counts no more. */
  readonly revoked: boolean;
}

export interface PgpKey extends PgpKeyFacts {
  readonly key: PublicKey;
}

/** Loaded when the first key or signature comes: it is large, and most servers never meet one. */
export const openpgp = () => import('openpgp');

/** Reads an armored public key, or answers in words why it is none that signatures can be verified with. */
export async function parsePgpKey(armored: string): Promise<PgpKey | { readonly problem: string }> {
  const text = armored.trim();
  if (/-----BEGIN PGP PRIVATE KEY BLOCK-----/.test(text)) return { problem: 'this is a private key: never give it to anyone; paste what gpg --armor --export KEY prints' };
  if (!text.startsWith('-----BEGIN PGP PUBLIC KEY BLOCK-----')) return { problem: 'it must start with -----BEGIN PGP PUBLIC KEY BLOCK-----: paste what gpg --armor --export KEY prints' };
  // The library reads the first block and leaves the rest.
  const blocks = text.split('-----BEGIN PGP PUBLIC KEY BLOCK-----').length - 1;
  if (blocks > 1) return { problem: severalKeys(blocks) };
  const { readKeys } = await openpgp();
  const keys = await readKeys({ armoredKeys: text }).catch((error: unknown) => String(error instanceof Error ? error.message : error));
  if (typeof keys === 'string') return { problem: `it cannot be read (${keys}); was it cut off?` };
  const [key] = keys;
  if (key === undefined || keys.length > 1) return { problem: severalKeys(keys.length) };
  if (key.isPrivate()) return { problem: 'this is a private key: never give it to anyone' };
  return factsOf(key);
}

function severalKeys(count: number): string {
  return `it holds ${count} keys; add them one by one: gpg --armor --export FINGERPRINT`;
}

async function factsOf(key: PublicKey): Promise<PgpKey | { problem: string }> {
  // A key whose own signatures do not fit could be anybody's.
  const expires = await key.getExpirationTime().catch(() => null);
  const revoked = await key.isRevoked().catch(() => false);
  if (expires === null && !revoked) return { problem: 'it has no valid signature of its own, so it proves nothing' };
  const { algorithm, bits, curve } = key.getAlgorithmInfo();
  return {
    key,
    fingerprint: key.getFingerprint().toUpperCase(),
    keyIds: key.getKeyIDs().map((id) => id.toHex().toUpperCase()),
    userIds: key.getUserIDs(),
    algorithm: [algorithm, curve ?? bits].filter((part) => part !== undefined).join(' '),
    createdAt: key.getCreationTime(),
    expiresAt: expires instanceof Date ? expires : undefined,
    revoked,
  };
}
