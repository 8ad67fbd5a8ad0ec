import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { SshReader, sshString } from './sshWire';

/** A signature as `ssh-keygen -Y sign` writes it (OpenSSH's PROTOCOL.sshsig). */
export interface SshSignature {
  /** The public key that it says it is of, in wire format. */
  readonly keyBlob: Buffer;
  /** `SHA256:…`, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
  /** What it was made for: `git`. */
  readonly namespace: string;
  readonly reserved: Buffer;
  readonly hash: 'sha256' | 'sha512';
  readonly blob: Buffer;
}

const ARMOR = /^\s*-----BEGIN SSH SIGNATURE-----\s+([A-Za-z0-9+/=\s]+)-----END SSH SIGNATURE-----\s*$/;
const MAGIC = 'SSHSIG';

/** Undefined for what is no signature that OpenSSH makes. */
export function parseSshSignature(armored: string): SshSignature | undefined {
  const [, encoded] = ARMOR.exec(armored) ?? [];
  if (encoded === undefined) return undefined;
  try {
    const reader = new SshReader(Buffer.from(encoded, 'base64'));
    if (reader.raw(MAGIC.length).toString('latin1') !== MAGIC || reader.uint32() !== 1) return undefined;
    const keyBlob = reader.string();
    const namespace = reader.text();
    const reserved = reader.string();
    const hash = reader.text();
    const blob = reader.string();
    if ((hash !== 'sha256' && hash !== 'sha512') || !reader.isAtEnd) return undefined;
    return { keyBlob, fingerprint: sshFingerprint(keyBlob), namespace, reserved, hash, blob };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function sshFingerprint(keyBlob: Buffer): string {
  return `SHA256:${createHash('sha256').update(keyBlob).digest('base64').replace(/=+$/, '')}`;
}

/** Whether the key that the signature names made it over these bytes. Whose key that is, is another question. */
export function verifySshSignature(signature: SshSignature, payload: Buffer): boolean {
  try {
    return verifyBlob(signature, signedBytes(signature, payload));
  } catch (error) {
    // A key or signature that is not what its type says.
    if (error instanceof RangeError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_') === true) return false;
    throw error;
  }
}

/** Signs for git with an ed25519 key, as `ssh-keygen -Y sign -n git` does. */
export function makeSshSignature(payload: Buffer, key: { readonly privateKey: KeyObject; readonly keyBlob: Buffer }): string {
  const unsigned = { namespace: 'git', reserved: Buffer.alloc(0), hash: 'sha512' as const };
  const blob = Buffer.concat([sshString('ssh-ed25519'), sshString(sign(null, signedBytes(unsigned, payload), key.privateKey))]);
  const version = Buffer.from([0, 0, 0, 1]);
  const whole = Buffer.concat([Buffer.from(MAGIC), version, sshString(key.keyBlob), sshString('git'), sshString(''), sshString('sha512'), sshString(blob)]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join('\n')}\n-----END SSH SIGNATURE-----\n`;
}

function signedBytes({ namespace, reserved, hash }: Pick<SshSignature, 'namespace' | 'reserved' | 'hash'>, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(MAGIC), sshString(namespace), sshString(reserved), sshString(hash), sshString(createHash(hash).update(payload).digest())]);
}

function verifyBlob({ keyBlob, blob }: SshSignature, signed: Buffer): boolean {
  const key = new SshReader(keyBlob);
  const type = key.text();
  const signature = new SshReader(blob);
  const algorithm = signature.text();
  switch (type) {
    case 'ssh-ed25519':
      return algorithm === type && verify(null, signed, ed25519Key(key.string()), signature.string());
    case 'sk-ssh-ed25519@openssh.com': {
      const publicKey = ed25519Key(key.string());
      const made = signature.string();
      return algorithm === type && verify(null, hardwareSigned(key.string(), signature, signed), publicKey, made);
    }
    case 'ssh-rsa': {
      const exponent = key.string();
      const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'RSA', e: exponent.toString('base64url'), n: unsigned(key.string()).toString('base64url') } });
      const digest = algorithm === 'rsa-sha2-512' ? 'sha512' : algorithm === 'rsa-sha2-256' ? 'sha256' : undefined;
      // SHA-1 proves nothing any more.
      return digest !== undefined && verify(digest, signed, publicKey, signature.string());
    }
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521': {
      const curve = CURVES[type];
      const publicKey = ecdsaKey(key, curve);
      return algorithm === type && verify(curve.digest, signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, plainEcdsa(signature.string(), curve.bytes));
    }
    case 'sk-ecdsa-sha2-nistp256@openssh.com': {
      const curve = CURVES['ecdsa-sha2-nistp256'];
      const publicKey = ecdsaKey(key, curve);
      const made = plainEcdsa(signature.string(), curve.bytes);
      return algorithm === type && verify('sha256', hardwareSigned(key.string(), signature, signed), { key: publicKey, dsaEncoding: 'ieee-p1363' }, made);
    }
    default:
      return false;
  }
}

const CURVES = {
  'ecdsa-sha2-nistp256': { crv: 'P-256', bytes: 32, digest: 'sha256' },
  'ecdsa-sha2-nistp384': { crv: 'P-384', bytes: 48, digest: 'sha384' },
  'ecdsa-sha2-nistp521': { crv: 'P-521', bytes: 66, digest: 'sha512' },
} as const;
type Curve = (typeof CURVES)[keyof typeof CURVES];

function ed25519Key(point: Buffer): KeyObject {
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') } });
}

/** The curve's name, then the point without compression. */
function ecdsaKey(key: SshReader, { crv, bytes }: Curve): KeyObject {
  key.string();
  const point = key.string();
  if (point.length !== 1 + 2 * bytes || point[0] !== 4) throw new RangeError('not a point of this curve');
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv, x: point.subarray(1, 1 + bytes).toString('base64url'), y: point.subarray(1 + bytes).toString('base64url') } });
}

/** Two numbers of SSH as two of fixed length. */
function plainEcdsa(signature: Buffer, bytes: number): Buffer {
  const reader = new SshReader(signature);
  return Buffer.concat([reader.string(), reader.string()].map((number) => {
    const plain = unsigned(number);
    if (plain.length > bytes) throw new RangeError('a number is too large for this curve');
    return Buffer.concat([Buffer.alloc(bytes - plain.length), plain]);
  }));
}

/** What a security key signs: the digests of its application and of the bytes, what it saw of its user, and its counter (PROTOCOL.u2f). */
function hardwareSigned(application: Buffer, signature: SshReader, signed: Buffer): Buffer {
  const seen = signature.raw(5);
  return Buffer.concat([createHash('sha256').update(application).digest(), seen, createHash('sha256').update(signed).digest()]);
}

function unsigned(number: Buffer): Buffer {
  let start = 0;
  while (start < number.length - 1 && number[start] === 0) start += 1;
  return number.subarray(start);
}
