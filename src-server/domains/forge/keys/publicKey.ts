import { createHash } from 'node:crypto';

/** A public key as OpenSSH writes it in one line (RFC 4253, section 6.6, in base64). */
export interface PublicKey {
  readonly type: string;
  /** `SHA256:` and the base64 of the digest without padding, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
  readonly comment: string;
  /** Without the comment: what two equal keys have in common. */
  readonly line: string;
}

/** Key types of today's OpenSSH; DSA is gone from it and from here. */
const KEY_TYPES: ReadonlySet<string> = new Set([
  'ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com',
]);
const MIN_RSA_BITS = 2048;

/** Reads a public key, or answers in words why it is none. */
export function parsePublicKey(text: string): PublicKey | { readonly problem: string } {
  const trimmed = text.trim();
  if (/PRIVATE KEY/.test(trimmed)) return { problem: 'this is a private key: never give it to anyone; paste the content of the .pub file beside it' };
  if (/[\r\n]/.test(trimmed)) return { problem: 'a public key is one line: paste the content of one .pub file' };
  const [type = '', encoded = '', ...comment] = trimmed.split(/\s+/);
  if (!KEY_TYPES.has(type)) return { problem: `it must start with its type, one of ${[...KEY_TYPES].join(', ')}` };
  const blob = Buffer.from(encoded, 'base64');
  if (encoded === '' || blob.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, '')) return { problem: 'the part after the type is not base64; was the line cut off?' };
  const fields = readFields(blob);
  if (fields === undefined || fields[0]?.toString('latin1') !== type) return { problem: `the key's content does not belong to the type ${type}; was the line cut off?` };
  const bits = type === 'ssh-rsa' ? bitLength(fields[2]) : undefined;
  if (bits !== undefined && bits < MIN_RSA_BITS) return { problem: `the RSA key has ${bits} bits; at least ${MIN_RSA_BITS} are needed. Better: ssh-keygen -t ed25519` };
  return { type, fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`, comment: comment.join(' '), line: `${type} ${encoded}` };
}

/** Length-prefixed fields that fill the whole blob; undefined when they do not. */
function readFields(blob: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields.length >= 2 ? fields : undefined;
}

function bitLength(integer: Buffer | undefined): number {
  if (integer === undefined) return 0;
  const first = integer.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (integer.length - first - 1) * 8 + (32 - Math.clz32(integer[first] ?? 0));
}
