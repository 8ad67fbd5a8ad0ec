import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parsePublicKey } from './publicKey';

/** From `ssh-keygen -t ed25519`, with what `ssh-keygen -lf` says of it. */
const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada@laptop';
const ED25519_FINGERPRINT = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function rsaLine(bits: number): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const jwk = publicKey.export({ format: 'jwk' });
  const number = (text: string | undefined): Buffer => Buffer.concat([Buffer.from([0]), Buffer.from(text ?? '', 'base64url')]);
  return `ssh-rsa ${Buffer.concat([field(Buffer.from('ssh-rsa')), field(Buffer.from(jwk.e ?? '', 'base64url')), field(number(jwk.n))]).toString('base64')}`;
}

describe('parsePublicKey', () => {
  it('reads a key as ssh-keygen does', () => {
    expect(parsePublicKey(`  ${ED25519}\n`)).toEqual({ type: 'ssh-ed25519', fingerprint: ED25519_FINGERPRINT, comment: 'ada@laptop', line: ED25519.split(' ').slice(0, 2).join(' ') });
  });

  it('takes RSA from 2048 bits on', () => {
    expect(parsePublicKey(rsaLine(2048))).toHaveProperty('fingerprint');
    expect(parsePublicKey(rsaLine(1024))).toHaveProperty('problem', expect.stringContaining('1024 bits'));
  });

  it.each([
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----', 'private key'],
    ['two keys', `${ED25519}\n${ED25519}`, 'one line'],
    ['an unknown type', 'ssh-dss AAAAB3NzaC1kc3MAAACB', 'type'],
    ['a cut line', ED25519.slice(0, 50), 'cut off'],
    ['another type than its content', ED25519.replace('ssh-ed25519', 'ecdsa-sha2-nistp256'), 'does not belong'],
    ['nothing', '', 'type'],
  ])('refuses %s', (_what, text, words) => {
    expect(parsePublicKey(text)).toHaveProperty('problem', expect.stringContaining(words));
  });
});
