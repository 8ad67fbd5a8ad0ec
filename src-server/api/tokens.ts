import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { StatusError } from '#shared/api/status';

/** What a run's token is good for: the runner endpoints and callback of one attempt. */
export interface RunClaims {
  readonly org: string;
  readonly run: string;
  readonly attempt: string;
}

export interface SessionClaims {
  readonly user: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
}

/** Absolute life of a browser session. */
export const SESSION_LIFETIME_MS = 30 * 24 * 3600_000;
/** How far a session may come from the future: from before the clock was put right. */
const MAX_CLOCK_CORRECTION_MS = 24 * 3600_000;
/** A printed sign-in link works once, and this long. */
const LOGIN_CODE_LIFETIME_MS = 15 * 60_000;
const MAX_LOGIN_CODES = 1000;

/**
 * Signs and checks everything that a client may show. Stateless (HMAC-SHA-256 under keys derived from `secret.key`, one a purpose),
 * so that a restart signs nobody out and a runner's token outlives the server. Sign-in codes alone live in memory.
 */
export interface Tokens {
  isAdminToken(token: string): boolean;
  signRunToken(claims: RunClaims): string;
  /** Undefined for anything that this installation did not sign. */
  readRunToken(token: string): RunClaims | undefined;
  signSession(user: string): string;
  readSession(cookie: string): SessionClaims | undefined;
  /** A code for one sign-in by link. */
  createLoginCode(user: string): string;
  /** The user whom the code signs in; throws `Unauthorized` for a used, old or unknown one. */
  redeemLoginCode(code: string): string;
}

export function createTokens(opts: { secretKey: Buffer; adminToken: string; now: () => number }): Tokens {
  const key = (purpose: string) => Buffer.from(hkdfSync('sha256', opts.secretKey, Buffer.alloc(0), `kradle ${purpose}`, 32));
  const runKey = key('run token');
  const sessionKey = key('session');
  const codes = new Map<string, { user: string; issuedAt: number }>();
  // Either way: a clock that is set back must not prolong one.
  const isOld = (issuedAt: number) => Math.abs(opts.now() - issuedAt) > LOGIN_CODE_LIFETIME_MS;
  const adminToken = Buffer.from(opts.adminToken);

  return {
    isAdminToken(token) {
      const given = Buffer.from(token);
      // How long it is everybody may know.
      return given.length === adminToken.length && timingSafeEqual(given, adminToken);
    },
    signRunToken: (claims) => `kradle_run_${sign(claims, runKey)}`,
    readRunToken: (token) => (token.startsWith('kradle_run_') ? (unsign(token.slice('kradle_run_'.length), runKey) as RunClaims | undefined) : undefined),
    signSession: (user) => sign({ user, issuedAt: opts.now() }, sessionKey),
    readSession(cookie) {
      const claims = unsign(cookie, sessionKey) as SessionClaims | undefined;
      if (claims === undefined) return undefined;
      const ageMs = opts.now() - claims.issuedAt;
      return ageMs < SESSION_LIFETIME_MS && ageMs > -MAX_CLOCK_CORRECTION_MS ? claims : undefined;
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

function sign(claims: object, key: Buffer): string {
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${payload}.${createHmac('sha256', key).update(payload).digest('base64url')}`;
}

function unsign(token: string, key: Buffer): unknown {
  const [payload, signature, ...rest] = token.split('.');
  if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
  const expected = createHmac('sha256', key).update(payload).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as unknown;
}
