import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sshString } from '../signatures/sshWire';
import { verifySignature } from './verifySignature';

const SESSION = randomBytes(200);
const PRESENT = 0x01;
const VERIFIED = 0x04;

function jwkOf(key: KeyObject, part: 'x' | 'y' | 'n' | 'e'): Buffer {
  return Buffer.from(key.export({ format: 'jwk' })[part] ?? '', 'base64url');
}

/** A number as SSH writes it: a leading zero keeps one with its highest bit set positive (RFC 4251, section 5, `mpint`). */
function mpint(number: Buffer): Buffer {
  return sshString((number[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), number]) : number);
}

const sha256 = (bytes: Buffer | string): Buffer => createHash('sha256').update(bytes).digest();

/** What a security key adds: how its owner was there, and how often it has signed (OpenSSH's PROTOCOL.u2f). */
function trailerOf(flags: number, counter = 7): Buffer {
  const trailer = Buffer.alloc(5);
  trailer[0] = flags;
  trailer.writeUInt32BE(counter, 1);
  return trailer;
}

const seen = (blob: Buffer, trailer: Buffer, application = 'ssh:'): Buffer => Buffer.concat([sha256(application), trailer, sha256(blob)]);

describe('plain keys', () => {
  it('takes the signature of an Ed25519 key over this session, and of nothing else', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const key = { algo: 'ssh-ed25519', data: Buffer.concat([sshString('ssh-ed25519'), sshString(jwkOf(publicKey, 'x'))]) };
    const signature = sign(null, SESSION, privateKey);
    expect(verifySignature({ key, blob: SESSION, signature })).toBe(true);
    expect(verifySignature({ key, blob: randomBytes(200), signature })).toBe(false);
    expect(verifySignature({ key, blob: SESSION, signature: sign(null, SESSION, generateKeyPairSync('ed25519').privateKey) })).toBe(false);
    expect(verifySignature({ key, blob: undefined, signature })).toBe(false);
    expect(verifySignature({ key, blob: SESSION, signature: undefined })).toBe(false);
  });

  it('takes RSA with SHA-2 and not with SHA-1', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = { algo: 'ssh-rsa', data: Buffer.concat([sshString('ssh-rsa'), mpint(jwkOf(publicKey, 'e')), mpint(jwkOf(publicKey, 'n'))]) };
    for (const hashAlgo of ['sha256', 'sha512']) expect(verifySignature({ key, blob: SESSION, signature: sign(hashAlgo, SESSION, privateKey), hashAlgo })).toBe(true);
    expect(verifySignature({ key, blob: SESSION, signature: sign('sha1', SESSION, privateKey) })).toBe(false);
    expect(verifySignature({ key, blob: SESSION, signature: sign('sha1', SESSION, privateKey), hashAlgo: 'sha256' })).toBe(false);
  });

  it('takes nothing of a key that cannot be read', () => {
    expect(verifySignature({ key: { algo: 'ssh-ed25519', data: randomBytes(20) }, blob: SESSION, signature: randomBytes(64) })).toBe(false);
  });
});

describe('sk-ssh-ed25519@openssh.com', () => {
  const algo = 'sk-ssh-ed25519@openssh.com';
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = { algo, data: Buffer.concat([sshString(algo), sshString(jwkOf(publicKey, 'x')), sshString('ssh:')]) };
  const signed = (trailer: Buffer, blob = SESSION, application = 'ssh:'): Buffer => Buffer.concat([sign(null, seen(blob, trailer, application), privateKey), trailer]);

  it('takes what its authenticator signed with somebody there', () => {
    expect(verifySignature({ key, blob: SESSION, signature: signed(trailerOf(PRESENT)) })).toBe(true);
    expect(verifySignature({ key, blob: SESSION, signature: signed(trailerOf(PRESENT | VERIFIED, 4_000_000_000)) })).toBe(true);
  });

  it('refuses one without a touch, of another session or application, and one that was changed', () => {
    const good = signed(trailerOf(PRESENT));
    const otherCounter = Buffer.concat([good.subarray(0, 64), trailerOf(PRESENT, 8)]);
    const touchedLater = Buffer.concat([signed(trailerOf(0)).subarray(0, 64), trailerOf(PRESENT)]);
    const plain = Buffer.concat([sign(null, SESSION, privateKey), trailerOf(PRESENT)]);
    for (const signature of [signed(trailerOf(0)), signed(trailerOf(VERIFIED)), signed(trailerOf(PRESENT), randomBytes(200)), signed(trailerOf(PRESENT), SESSION, 'ssh:other'), otherCounter, touchedLater, plain, good.subarray(1), good.subarray(0, 5), Buffer.alloc(0)]) {
      expect(verifySignature({ key, blob: SESSION, signature })).toBe(false);
    }
  });

  it('refuses a key without an application, or of another length', () => {
    const signature = signed(trailerOf(PRESENT));
    for (const data of [Buffer.concat([sshString(algo), sshString(jwkOf(publicKey, 'x'))]), Buffer.concat([sshString(algo), sshString(jwkOf(publicKey, 'x').subarray(1)), sshString('ssh:')]), key.data.subarray(0, -1), Buffer.alloc(0)]) {
      expect(verifySignature({ key: { algo, data }, blob: SESSION, signature })).toBe(false);
    }
  });
});

describe('sk-ecdsa-sha2-nistp256@openssh.com', () => {
  const algo = 'sk-ecdsa-sha2-nistp256@openssh.com';
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const point = Buffer.concat([Buffer.from([4]), jwkOf(publicKey, 'x'), jwkOf(publicKey, 'y')]);
  const key = { algo, data: Buffer.concat([sshString(algo), sshString('nistp256'), sshString(point), sshString('ssh:')]) };

  function signed(trailer: Buffer): Buffer {
    const raw = sign('sha256', seen(SESSION, trailer), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return Buffer.concat([mpint(withoutZeros(raw.subarray(0, 32))), mpint(withoutZeros(raw.subarray(32))), trailer]);
  }

  it('takes numbers of every length', () => {
    // About every second number has its highest bit set, and one of 256 begins with a zero.
    for (let round = 0; round < 600; round += 1) expect(verifySignature({ key, blob: SESSION, signature: signed(trailerOf(PRESENT, round)) })).toBe(true);
  });

  it('refuses one without a touch, and one of another session', () => {
    expect(verifySignature({ key, blob: SESSION, signature: signed(trailerOf(0)) })).toBe(false);
    expect(verifySignature({ key, blob: randomBytes(200), signature: signed(trailerOf(PRESENT)) })).toBe(false);
    expect(verifySignature({ key, blob: SESSION, signature: Buffer.concat([sshString(''), trailerOf(PRESENT)]) })).toBe(false);
  });
});

function withoutZeros(number: Buffer): Buffer {
  return number.subarray(Math.max(0, number.findIndex((byte) => byte !== 0)));
}
