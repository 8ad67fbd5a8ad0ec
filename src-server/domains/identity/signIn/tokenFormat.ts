import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 256 random bits in base 62. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const PREFIXES = { person: 'kradle_pat_', service: 'kradle_sat_' } as const;
/** As many characters as tell tokens apart for people: the prefix and four of the secret. */
const HINT_LENGTH = 15;

export type TokenOwner = keyof typeof PREFIXES;

/**
 * A new access token: a prefix that scanners for leaked secrets know, 256 random bits, and a CRC-32 of both, so that a typo and a
 * string that only looks like one are told offline.
 */
export function makeToken(owner: TokenOwner): string {
  const body = PREFIXES[owner] + encode(BigInt(`0x${randomBytes(32).toString('hex')}`), SECRET_LENGTH);
  return body + checksumOf(body);
}

/** Whether the text has the form of an access token, whole and without a typo. Costs no look into the database. */
export function isWellFormedToken(token: string): boolean {
  const prefix = Object.values(PREFIXES).find((each) => token.startsWith(each));
  if (prefix === undefined || token.length !== prefix.length + SECRET_LENGTH + CHECKSUM_LENGTH) return false;
  const body = token.slice(0, -CHECKSUM_LENGTH);
  return checksumOf(body) === token.slice(-CHECKSUM_LENGTH);
}

/** Whether somebody meant the text to be an access token. */
export function looksLikeToken(token: string): boolean {
  return Object.values(PREFIXES).some((prefix) => token.startsWith(prefix));
}

/** SHA-256, hexadecimal: all that is kept of a token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function hintOf(token: string): string {
  return token.slice(0, HINT_LENGTH);
}

function checksumOf(body: string): string {
  return encode(BigInt(crc32(body)), CHECKSUM_LENGTH);
}

function encode(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; rest > 0n; rest /= 62n) text = (DIGITS[Number(rest % 62n)] ?? '') + text;
  return text.padStart(length, '0');
}
