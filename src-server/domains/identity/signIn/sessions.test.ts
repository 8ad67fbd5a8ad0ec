import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIdentityFixture, type IdentityFixture } from '../../../../test/harness/identityFixture';
import { AccessToken } from '../accounts/accessToken';
import { Account } from '../accounts/account';
import { Session } from '../accounts/session';
import { createAccessTokens, type AccessTokens } from './accessTokens';
import { createSessions, type Sessions } from './sessions';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let fixture: IdentityFixture;
let sessions: Sessions;
let tokens: AccessTokens;

beforeEach(async () => {
  fixture = await createIdentityFixture();
  sessions = createSessions({ ...fixture, idleMs: 7 * DAY_MS, lifetimeMs: 30 * DAY_MS });
  tokens = createAccessTokens({ ...fixture, maxDays: 366 });
  await fixture.accounts.create({ wantedName: 'ada', displayName: 'Ada' });
  await fixture.accounts.join('ada', { org: 'default', role: 'developer' });
});
afterEach(() => fixture[Symbol.asyncDispose]());

const isGood = async (id: string) => (await sessions.findActor(id)) !== undefined;
/** Lets what was written in passing be written. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a session', () => {
  it('ends seven days after its last use, and thirty after its beginning', async () => {
    const unused = await sessions.open('ada', { method: 'password' });
    const used = await sessions.open('ada', { method: 'password' });
    for (let day = 0; day < 29; day += 1) {
      fixture.clock.advance(DAY_MS);
      expect(await isGood(used), `day ${day}`).toBe(true);
      await settled();
    }
    expect(await isGood(unused)).toBe(false);
    fixture.clock.advance(DAY_MS);
    expect(await isGood(used)).toBe(false);
  });

  it('is noted to be used once a minute at most', async () => {
    const id = await sessions.open('ada', { method: 'password' });
    const written = async () => (await fixture.resources.get(Session, { org: 'default', name: id })).metadata.resourceVersion;
    const first = await written();
    for (let second = 0; second < 59; second += 1) {
      fixture.clock.advance(1000);
      await sessions.findActor(id);
    }
    await settled();
    expect(await written()).toBe(first);
    fixture.clock.advance(2000);
    await sessions.findActor(id);
    await settled();
    const second = await written();
    expect(second).not.toBe(first);
    expect((await sessions.list('ada'))[0]?.lastSeenAt).toBe(new Date(fixture.clock.now()).toISOString());
  });

  it('is the same actor object for the same person, and another when the person changes', async () => {
    const id = await sessions.open('ada', { method: 'password' });
    const actor = await sessions.findActor(id);
    expect(await sessions.findActor(id)).toBe(actor);
    expect(actor).toMatchObject({ name: 'ada', credential: { kind: 'session', id } });
    await fixture.accounts.leave('ada', 'default');
    expect(await sessions.findActor(id)).toMatchObject({ orgs: [] });
  });

  it('and a token from before everything was called back are over; later ones are good', async () => {
    const id = await sessions.open('ada', { method: 'password' });
    const { token } = await tokens.issue({ account: 'ada' }, { title: 'x', scopes: ['read'] });
    await fixture.accounts.endAccess('ada');
    expect(await isGood(id)).toBe(false);
    expect(await tokens.findActor(token, {})).toBeUndefined();
    expect(await sessions.list('ada')).toEqual([]);
    fixture.clock.advance(1);
    expect(await isGood(await sessions.open('ada', { method: 'password' }))).toBe(true);
  });

  it('of an account that is gone is not the session of another one that gets its name', async () => {
    const id = await sessions.open('ada', { method: 'password' });
    const { token } = await tokens.issue({ account: 'ada' }, { title: 'x', scopes: ['read'] });
    await fixture.resources.delete(Account, { org: 'default', name: 'ada' });
    fixture.clock.advance(1000);
    await fixture.accounts.create({ wantedName: 'ada', displayName: 'Another Ada' });
    expect(await isGood(id)).toBe(false);
    expect(await tokens.findActor(token, {})).toBeUndefined();
  });

  it('is prolonged by no clock that is set back, and ended by none that was hours ahead', async () => {
    const other = createSessions({ ...fixture, idleMs: 7 * DAY_MS, lifetimeMs: 30 * DAY_MS, clock: { ...fixture.clock, now: () => fixture.clock.now() + 3 * HOUR_MS } });
    const hours = await other.open('ada', { method: 'link' });
    expect(await isGood(hours)).toBe(true);
    const id = await sessions.open('ada', { method: 'link' });
    const back = createSessions({ ...fixture, idleMs: 7 * DAY_MS, lifetimeMs: 30 * DAY_MS, clock: { ...fixture.clock, now: () => fixture.clock.now() - 40 * DAY_MS } });
    expect(await back.findActor(id)).toBeUndefined();
  });

  it('that can never be good again is cleared away', async () => {
    await sessions.open('ada', { method: 'password' });
    fixture.clock.advance(8 * DAY_MS);
    const good = await sessions.open('ada', { method: 'password' });
    await sessions.sweep();
    expect((await fixture.resources.list(Session, { org: '*' })).items.map(({ metadata }) => metadata.name)).toEqual([good]);
  });
});

describe('a token', () => {
  it('lives for ninety days unless said, and is kept as its hash alone', async () => {
    const { token, id } = await tokens.issue({ account: 'ada' }, { title: 'x', scopes: ['read'] });
    const stored = JSON.stringify(await fixture.resources.get(AccessToken, { org: 'default', name: id }));
    expect(stored).not.toContain(token.slice(16));
    expect(await tokens.findActor(token, {})).toMatchObject({ name: 'ada', limits: { scopes: ['read'] }, credential: { kind: 'token', id } });
    fixture.clock.advance(90 * DAY_MS - 1);
    expect(await tokens.findActor(token, {})).toBeDefined();
    fixture.clock.advance(1);
    expect(await tokens.findActor(token, {})).toBeUndefined();
    expect(await tokens.list({ account: 'ada' })).toMatchObject([{ id, expired: true }]);
    fixture.clock.advance(31 * DAY_MS);
    await tokens.sweep();
    expect(await tokens.list({ account: 'ada' })).toEqual([]);
  });

  it('lives for ever where the server allows it', async () => {
    const endless = createAccessTokens({ ...fixture, maxDays: 0 });
    const { token, expiresAt } = await endless.issue({ account: 'ada' }, { title: 'x', scopes: ['read'], expiresInDays: 0 });
    expect(expiresAt).toBeUndefined();
    fixture.clock.advance(10_000 * DAY_MS);
    expect(await endless.findActor(token, {})).toBeDefined();
  });
});
