import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { StatusError } from '#shared/api/status';
import type { KeyRing } from '../app/keyRing';

/** What a run's token is good for: the runner endpoints and callback of one attempt. */
export interface RunClaims {
  readonly org: string;
  readonly run: string;
  readonly attempt: string;
}

/** A printed sign-in link works once, and this long. */
const LOGIN_CODE_LIFETIME_MS = 15 * 60_000;
const MAX_LOGIN_CODES = 1000;
/** As much of a key's id as tells the few keys of a ring apart. */
const KEY_ID_LENGTH = 8;

/**
 * Signs and checks everything that a client may show: HMAC-SHA-256 under keys derived from the installation's, one a purpose. The id of
 * the key is in what is signed, so that what an earlier key signed stays good until that key is forgotten. A restart signs nobody out, and
 * a runner's token outlives the server. Sign-in codes alone live in memory.
 */
export interface Tokens {
  isAdminToken(token: string): boolean;
  signRunToken(claims: RunClaims): string;
  /** Undefined for anything that this installation did not sign. */
  readRunToken(token: string): RunClaims | undefined;
  /** The cookie of a session. */
  signSession(id: string): string;
  /** Id of the session; undefined for a cookie that this installation did not sign. */
  readSession(cookie: string): string | undefined;
  /** Signs what a browser is to keep for one purpose, until a time in ms. Everybody can read it. */
  seal(purpose: string, claims: object, expiresAt: number): string;
  /** What was sealed for the purpose; undefined when it is not ours or too old. */
  unseal(purpose: string, text: string): Readonly<Record<string, unknown>> | undefined;
  /** A code for one sign-in by link. */
  createLoginCode(user: string): string;
  /** The user whom the code signs in; throws `Unauthorized` for a used, old or unknown one. */
  redeemLoginCode(code: string): string;
}

export function createTokens(opts: { keys: KeyRing; adminToken: string; now: () => number }): Tokens {
  const { keys } = opts;
  const codes = new Map<string, { user: string; issuedAt: number }>();
  // Either way: a clock that is set back must not prolong one.
  const isOld = (issuedAt: number) => Math.abs(opts.now() - issuedAt) > LOGIN_CODE_LIFETIME_MS;
  const adminToken = Buffer.from(opts.adminToken);

  const macOf = (purpose: string, payload: string, keyId: string) => createHmac('sha256', keys.derive(purpose, keyId)).update(payload).digest();

  function sign(purpose: string, payload: string): string {
    const { id } = keys.current;
    return `${payload}.${id.slice(0, KEY_ID_LENGTH)}.${macOf(purpose, payload, id).toString('base64url')}`;
  }

  /** The payload of what {@link sign} made. */
  function verify(purpose: string, text: string): string | undefined {
    const parts = text.split('.');
    const [payload, keyId, mac] = parts.length === 2 ? [parts[0], undefined, parts[1]] : parts;
    if (payload === undefined || payload === '' || mac === undefined || parts.length > 3) return undefined;
    // What the version before signed does not name its key.
    const candidates = keys.all.filter(({ id }) => keyId === undefined || id.startsWith(keyId) && keyId.length === KEY_ID_LENGTH);
    const given = Buffer.from(mac, 'base64url');
    // Base64 has several texts for the same bytes; one of them is what was signed.
    if (given.toString('base64url') !== mac) return undefined;
    return candidates.some(({ id }) => isSame(given, macOf(purpose, payload, id))) ? payload : undefined;
  }

  const signClaims = (purpose: string, claims: object) => sign(purpose, Buffer.from(JSON.stringify(claims)).toString('base64url'));

  function verifyClaims(purpose: string, text: string): unknown {
    const payload = verify(purpose, text);
    return payload === undefined ? undefined : (JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as unknown);
  }

  return {
    isAdminToken: (token) => isSame(Buffer.from(token), adminToken),
    signRunToken: (claims) => `kradle_run_${signClaims('run token', claims)}`,
    readRunToken: (token) => (token.startsWith('kradle_run_') ? (verifyClaims('run token', token.slice('kradle_run_'.length)) as RunClaims | undefined) : undefined),
    signSession: (id) => sign('session', id),
    readSession(cookie) {
      const id = verify('session', cookie);
      // Cookies of the version before carried the user's name instead; those sessions are over.
      return id !== undefined && /^[0-9a-f]{32}$/.test(id) ? id : undefined;
    },
    seal: (purpose, claims, expiresAt) => signClaims(`sealed ${purpose}`, { ...claims, exp: expiresAt }),
    unseal(purpose, text) {
      const claims = verifyClaims(`sealed ${purpose}`, text) as ({ exp: number } & Record<string, unknown>) | undefined;
      return claims !== undefined && claims.exp > opts.now() ? claims : undefined;
    },
    createLoginCode(user) {
      for (const [code, entry] of codes) if (isOld(entry.issuedAt) || codes.size >= MAX_LOGIN_CODES) codes.delete(code);
      const code = randomBytes(18).toString('base64url');
      codes.set(code, { user, issuedAt: opts.now() });
      return code;
    },
    redeemLoginCode(code) {
      const entry = codes.get(code);
      codes.delete(code);
      if (entry === undefined || isOld(entry.issuedAt)) {
        throw new StatusError('Unauthorized', 'This sign-in link was used already or is too old. Run "kradle open" for a new one.');
      }
      return entry.user;
    },
  };
}

/** How long they are everybody may know. */
function isSame(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
