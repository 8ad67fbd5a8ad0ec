import { openpgp, type PgpKey } from './pgpKey';

export type PgpVerdict = 'good' | 'bad' | 'expired-key' | 'revoked-key';

/** The keys that a signature says it is of, as ids of 16 digits; undefined for what is no signature. */
export async function pgpIssuers(armored: string): Promise<readonly string[] | undefined> {
  const { readSignature } = await openpgp();
  const signature = await readSignature({ armoredSignature: armored }).catch(() => undefined);
  const ids = signature?.getSigningKeyIDs().map((id) => id.toHex().toUpperCase());
  return ids === undefined || ids.length === 0 ? undefined : ids;
}

/** Whether a key made a signature over these bytes, at a time when it was good. */
export async function verifyPgpSignature(armored: string, payload: Buffer, { key }: PgpKey): Promise<PgpVerdict> {
  const { createMessage, readSignature, verify } = await openpgp();
  const signature = await readSignature({ armoredSignature: armored });
  const message = await createMessage({ binary: new Uint8Array(payload) });
  const { signatures } = await verify({ message, signature, verificationKeys: [key], format: 'binary' });
  const [first] = signatures;
  // Several signatures in one would let a good one vouch for another.
  if (first === undefined || signatures.length > 1) return 'bad';
  return first.verified.then(() => 'good' as const, verdictOf);
}

/** The library checks the bytes first, and only then whether the key was good when it signed. */
function verdictOf(error: unknown): PgpVerdict {
  const text = error instanceof Error ? error.message : String(error);
  if (/revoked/i.test(text)) return 'revoked-key';
  return /key.*expired|expired.*key/i.test(text) ? 'expired-key' : 'bad';
}
