import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyRingOf } from '../app/keyRing';
import { createTokens } from './tokens';

function setUp(keys = [randomBytes(32)]) {
  const clock = { nowMs: Date.parse('2026-11-21T10:00:00Z') };
  const opts = { keys: keyRingOf(keys), adminToken: 'kradle_secret', now: () => clock.nowMs };
  return { clock, opts, keys, tokens: createTokens(opts) };
}

const claims = { org: 'default', run: 'run-1', attempt: 'run-1-1' };
const SESSION = 'a1'.repeat(16);

describe('tokens', () => {
  it('reads a run token that another process with the same key signed', () => {
    const { opts, tokens } = setUp();
    expect(createTokens(opts).readRunToken(tokens.signRunToken(claims))).toEqual(claims);
  });

  it('reads a run token of the version before, whose tokens did not name their key', () => {
    const { opts, tokens } = setUp();
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    const mac = createHmac('sha256', opts.keys.derive('run token')).update(payload).digest('base64url');
    expect(tokens.readRunToken(`kradle_run_${payload}.${mac}`)).toEqual(claims);
  });

  it('refuses a run token of another installation, a changed one and a session in its place', () => {
    const { tokens } = setUp();
    const token = tokens.signRunToken(claims);
    const [payload = '', ...rest] = token.slice('kradle_run_'.length).split('.');
    const forged = Buffer.from(payload, 'base64url').toString().replace('run-1', 'run-2');
    expect(setUp().tokens.readRunToken(token)).toBeUndefined();
    expect(tokens.readRunToken(`kradle_run_${[Buffer.from(forged).toString('base64url'), ...rest].join('.')}`)).toBeUndefined();
    expect(tokens.readRunToken(`kradle_run_${tokens.signSession(SESSION)}`)).toBeUndefined();
  });

  it('reads the session of a cookie, and nothing of one that was cut, changed, or made for something else', () => {
    const { clock, tokens } = setUp();
    const cookie = tokens.signSession(SESSION);
    expect(tokens.readSession(cookie)).toBe(SESSION);
    const [id = '', keyId = '', mac = ''] = cookie.split('.');
    const others = [
      '', '.', '..', '...', id, `${id}.`, `${id}.${mac}x`, `${id}.${keyId}`, `${id}.${keyId}.`, `${id}.${keyId}.${mac.slice(0, -1)}`, `${cookie}.`, `${cookie}=`, `${'b'.repeat(32)}.${keyId}.${mac}`, `${id}..${mac}`,
      `${id}.00000000.${mac}`, `${id}.${keyId.slice(0, 4)}.${mac}`, `${id}.${keyId}.${mac.toUpperCase()}`, 'null.null.null',
      tokens.seal('sign-in', { id: SESSION }, clock.nowMs + 1000), tokens.signRunToken(claims).slice('kradle_run_'.length),
    ];
    for (const other of others) expect(tokens.readSession(other), other).toBeUndefined();
    expect(setUp().tokens.readSession(cookie)).toBeUndefined();
  });

  it('accepts what an earlier key signed, until that key is forgotten', () => {
    const earlier = randomBytes(32);
    const cookie = setUp([earlier]).tokens.signSession(SESSION);
    const rotated = setUp([randomBytes(32), earlier]);
    expect(rotated.tokens.readSession(cookie)).toBe(SESSION);
    expect(rotated.tokens.signSession(SESSION)).not.toBe(cookie);
    expect(setUp([rotated.keys[0] ?? earlier]).tokens.readSession(cookie)).toBeUndefined();
  });

  it('unseals for the same purpose and in time', () => {
    const { clock, tokens } = setUp();
    const sealed = tokens.seal('sign-in', { state: 'x' }, clock.nowMs + 1000);
    expect(tokens.unseal('sign-in', sealed)).toMatchObject({ state: 'x' });
    expect(tokens.unseal('device', sealed)).toBeUndefined();
    clock.nowMs += 1000;
    expect(tokens.unseal('sign-in', sealed)).toBeUndefined();
  });

  it('redeems a sign-in code once, and not after 15 minutes', () => {
    const { clock, tokens } = setUp();
    const code = tokens.createLoginCode('admin');
    expect(tokens.redeemLoginCode(code)).toBe('admin');
    expect(() => tokens.redeemLoginCode(code)).toThrow(/used already/);
    const late = tokens.createLoginCode('admin');
    clock.nowMs += 15 * 60_000 + 1;
    expect(() => tokens.redeemLoginCode(late)).toThrow(/too old/);
  });

  it('redeems no sign-in code of a clock that was years ahead and was put right', () => {
    const { clock, tokens } = setUp();
    const right = clock.nowMs;
    clock.nowMs += 70 * 365 * 24 * 3600_000;
    const code = tokens.createLoginCode('admin');
    clock.nowMs = right;
    expect(() => tokens.redeemLoginCode(code)).toThrow(/too old/);
  });

  it('knows the administrator\'s token only when it is whole', () => {
    const { tokens } = setUp();
    expect(tokens.isAdminToken('kradle_secret')).toBe(true);
    expect(tokens.isAdminToken('kradle_secre')).toBe(false);
    expect(tokens.isAdminToken('')).toBe(false);
  });
});
