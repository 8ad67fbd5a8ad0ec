import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTokens, SESSION_LIFETIME_MS } from './tokens';

function setUp() {
  const clock = { nowMs: Date.parse('2026-11-21T10:00:00Z') };
  const opts = { secretKey: randomBytes(32), adminToken: 'kradle_secret', now: () => clock.nowMs };
  return { clock, opts, tokens: createTokens(opts) };
}

const claims = { org: 'default', run: 'run-1', attempt: 'run-1-1' };

describe('tokens', () => {
  it('reads a run token that another process with the same key signed', () => {
    const { opts, tokens } = setUp();
    expect(createTokens(opts).readRunToken(tokens.signRunToken(claims))).toEqual(claims);
  });

  it('refuses a run token of another installation, a changed one and a session in its place', () => {
    const { tokens } = setUp();
    const token = tokens.signRunToken(claims);
    const [payload = '', signature = ''] = token.slice('kradle_run_'.length).split('.');
    const forged = Buffer.from(payload, 'base64url').toString().replace('run-1', 'run-2');
    expect(setUp().tokens.readRunToken(token)).toBeUndefined();
    expect(tokens.readRunToken(`kradle_run_${Buffer.from(forged).toString('base64url')}.${signature}`)).toBeUndefined();
    expect(tokens.readRunToken(`kradle_run_${tokens.signSession('admin')}`)).toBeUndefined();
  });

  it('ends a session after its lifetime', () => {
    const { clock, tokens } = setUp();
    const cookie = tokens.signSession('admin');
    clock.nowMs += SESSION_LIFETIME_MS - 1;
    expect(tokens.readSession(cookie)?.user).toBe('admin');
    clock.nowMs += 1;
    expect(tokens.readSession(cookie)).toBeUndefined();
  });

  it('of a clock that was years ahead and was put right, ends at once; one that was hours ahead signs nobody out', () => {
    const { clock, tokens } = setUp();
    const right = clock.nowMs;
    clock.nowMs += 3 * 3600_000;
    const hours = tokens.signSession('admin');
    clock.nowMs += 70 * 365 * 24 * 3600_000;
    const years = tokens.signSession('admin');
    const code = tokens.createLoginCode('admin');
    clock.nowMs = right;
    expect(tokens.readSession(hours)?.user).toBe('admin');
    expect(tokens.readSession(years)).toBeUndefined();
    expect(() => tokens.redeemLoginCode(code)).toThrow(/too old/);
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

  it('knows the administrator\'s token only when it is whole', () => {
    const { tokens } = setUp();
    expect(tokens.isAdminToken('kradle_secret')).toBe(true);
    expect(tokens.isAdminToken('kradle_secre')).toBe(false);
    expect(tokens.isAdminToken('')).toBe(false);
  });
});
