import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { PublicKeyAuthContext } from 'ssh2';
import ssh2 from 'ssh2';

/** Bytes that follow the signature of a security key: flags, and a counter (OpenSSH's PROTOCOL.u2f). */
const SK_TRAILER = 5;
const USER_PRESENT = 0x01;

/** What is checked of a request to sign in by key; the library's types leave out the digest. */
type KeyRequest = Pick<PublicKeyAuthContext, 'key' | 'blob' | 'signature'> & { readonly hashAlgo?: string };

/**
 * Whether the client has the private half: its signature over this very session. RSA with SHA-1 is none (RFC 8332); security keys
 * (`sk-…`) sign what their authenticator saw, with somebody's touch.
 */
export function verifySignature({ key, blob, signature, hashAlgo }: KeyRequest): boolean {
  if (blob === undefined || signature === undefined) return false;
  if (key.algo.startsWith('sk-')) return verifySecurityKey(key, blob, signature);
  if (key.algo === 'ssh-rsa' && hashAlgo === undefined) return false;
  const parsed = ssh2.utils.parseKey(`${key.algo} ${key.data.toString('base64')}`);
  if (parsed instanceof Error) return false;
  return parsed.verify(blob, signature, hashAlgo) === true;
}

function verifySecurityKey(key: KeyRequest['key'], blob: Buffer, signature: Buffer): boolean {
  const fields = readFields(key.data);
  const isEd25519 = key.algo === 'sk-ssh-ed25519@openssh.com';
  const application = fields?.[isEd25519 ? 2 : 3];
  const publicKey = fields === undefined ? undefined : isEd25519 ? ed25519Key(fields[1]) : nistp256Key(fields[2]);
  if (application === undefined || publicKey === undefined || signature.length <= SK_TRAILER) return false;
  const trailer = signature.subarray(signature.length - SK_TRAILER);
  if (((trailer[0] ?? 0) & USER_PRESENT) === 0) return false;
  const signed = Buffer.concat([sha256(application), trailer, sha256(blob)]);
  const bare = signature.subarray(0, signature.length - SK_TRAILER);
  if (isEd25519) return bare.length === 64 && verify(null, signed, publicKey, bare);
  const [r, s] = readFields(bare) ?? [];
  if (r === undefined || s === undefined) return false;
  return verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.concat([toFixed(r, 32), toFixed(s, 32)]));
}

function ed25519Key(point: Buffer | undefined): KeyObject | undefined {
  return point?.length !== 32 ? undefined : createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') }, format: 'jwk' });
}

/** An uncompressed point: 4, x, y. */
function nistp256Key(point: Buffer | undefined): KeyObject | undefined {
  if (point?.length !== 65 || point[0] !== 4) return undefined;
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((each) => each.toString('base64url'));
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }, format: 'jwk' });
}

/** A number without the zero that keeps it positive, filled up to its length. */
function toFixed(number: Buffer, bytes: number): Buffer {
  const bare = number.length > bytes ? number.subarray(number.length - bytes) : number;
  return Buffer.concat([Buffer.alloc(bytes - bare.length), bare]);
}

function readFields(bytes: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
