import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing } from '../../app/keyRing';

/** Which values these are. Ciphertext opens only in the place that it was made for. */
export interface SealContext {
  readonly org: string;
  readonly secret: string;
  /** Name of the SecretValues object. */
  readonly bundle: string;
}

export interface SealedValues {
  readonly keyId: string;
  readonly wrappedKey: string;
  readonly values: Readonly<Record<string, string>>;
}

const PURPOSE = 'secret values';
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** Source: NIST SP 800-38D, 8.2: 96 bits, random; a key encrypts far fewer than 2^32 times. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Ciphertext that was changed, moved, or made under another key than it says. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/** Encrypts values under a key of their own, which is wrapped by the installation's present one. */
export function sealValues(ring: KeyRing, context: SealContext, values: ReadonlyMap<string, Buffer>): SealedValues {
  const { id: keyId } = ring.current;
  const dataKey = randomBytes(KEY_BYTES);
  try {
    return {
      keyId,
      wrappedKey: encrypt(ring.derive(PURPOSE, keyId), dataKey, keyPlace(context, keyId)),
      values: Object.fromEntries([...values].map(([key, value]) => [key, encrypt(dataKey, value, valuePlace(context, key))])),
    };
  } finally {
    dataKey.fill(0);
  }
}

/** @throws SealBroken; InternalError with the code KEY_MISSING when the ring has not the key. */
export function openValue(ring: KeyRing, context: SealContext, sealed: SealedValues & { readonly key: string }): Buffer {
  const { key, values } = sealed;
  const dataKey = unwrap(ring, context, sealed);
  try {
    return decrypt(dataKey, Object.hasOwn(values, key) ? values[key] : undefined, valuePlace(context, key));
  } finally {
    dataKey.fill(0);
  }
}

/** The same values, their key wrapped by the installation's present one. */
export function rewrap(ring: KeyRing, context: SealContext, sealed: Pick<SealedValues, 'keyId' | 'wrappedKey'>): Pick<SealedValues, 'keyId' | 'wrappedKey'> {
  const { id: keyId } = ring.current;
  const dataKey = unwrap(ring, context, sealed);
  try {
    return { keyId, wrappedKey: encrypt(ring.derive(PURPOSE, keyId), dataKey, keyPlace(context, keyId)) };
  } finally {
    dataKey.fill(0);
  }
}

function unwrap(ring: KeyRing, context: SealContext, { keyId, wrappedKey }: Pick<SealedValues, 'keyId' | 'wrappedKey'>): Buffer {
  return decrypt(ring.derive(PURPOSE, keyId), wrappedKey, keyPlace(context, keyId));
}

/** No name can hold a zero byte, so no two places look alike. */
function keyPlace({ org, secret, bundle }: SealContext, keyId: string): Buffer {
  return Buffer.from(['kradle/secret-key', org, secret, bundle, keyId].join('\0'));
}

function valuePlace({ org, secret, bundle }: SealContext, key: string): Buffer {
  return Buffer.from(['kradle/secret-value', org, secret, bundle, key].join('\0'));
}

function encrypt(key: Buffer, value: Buffer, place: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(place);
  const ciphertext = Buffer.concat([cipher.update(value), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64');
}

function decrypt(key: Buffer, sealed: string | undefined, place: Buffer): Buffer {
  const bytes = Buffer.from(sealed ?? '', 'base64');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealBroken('there is no ciphertext');
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(place).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new SealBroken('the ciphertext does not fit its place or its key', { cause });
  }
}
