import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionView } from '#shared/api/account';
import { createTokens } from '../../src-server/api/tokens';
import { keyRingOf, openKeyFile } from '../../src-server/app/keyRing';
import { eventually } from '../harness/eventually';
import { newPerson, PASSWORD, signInByPassword, type Person } from '../harness/person';
import { startServer, type TestServer } from '../harness/startServer';
import { TestBrowser } from '../harness/testBrowser';

let server: TestServer;
let ada: Person;
beforeAll(async () => {
  server = await startServer();
  ada = await newPerson(server, 'ada');
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

const info = () => `${server.url}/api/info`;
const signIn = (username: string, password: string, browser = new TestBrowser()) => browser.request(`${server.url}/api/sign-in/password`, { json: { username, password } });
const sessionsOf = async (browser: TestBrowser) => ((await (await browser.request(`${server.url}/api/user/sessions`)).json()) as { sessions: SessionView[] }).sessions;
const tokens = () => createTokens({ keys: openKeyFile(join(server.dataDir, 'secret.key')), adminToken: server.token, now: () => Date.now() });

describe('sign-in by password', () => {
  it('opens a session, by login or by verified address, and leads where it was wanted', async () => {
    const browser = new TestBrowser();
    const response = await browser.request(`${server.url}/api/sign-in/password`, { json: { username: 'Ada', password: PASSWORD, next: '/o/default/runs' } });
    expect(await response.json()).toEqual({ signedIn: true, user: 'ada', next: '/o/default/runs' });
    const [session = '', device = ''] = response.headers.getSetCookie();
    expect(session).toMatch(/^kradle_session_0=[0-9a-f]{32}\.[0-9a-f]{8}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000$/);
    expect(device).toMatch(/^kradle_device_0=.*; HttpOnly; SameSite=Lax;/);
    expect(await (await browser.request(info())).json()).toMatchObject({ actor: { kind: 'user', name: 'ada' }, orgs: [{ name: 'default' }] });
    for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', ['/']]) {
      const answer = await new TestBrowser().request(`${server.url}/api/sign-in/password`, { json: { username: 'ada', password: PASSWORD, next } });
      if (answer.ok) expect(await answer.json()).toMatchObject({ next: '/' });
      else expect(answer.status).toBe(400);
    }
  });

  it('says the same to a wrong password and to a name that nobody has, and takes as long', async () => {
    const ask = async (username: string) => {
      const startedAt = performance.now();
      const response = await signIn(username, 'not the password');
      const { error } = (await response.json()) as { error: { correlationId?: string } };
      return { ms: performance.now() - startedAt, answer: { status: response.status, error: { ...error, correlationId: '' } } };
    };
    const known = [await ask('ada'), await ask('ada')];
    const unknown = [await ask('nobody-1'), await ask('nobody-2')];
    for (const each of [...known, ...unknown]) expect(each.answer).toEqual({ status: 401, error: { code: 'SIGN_IN_FAILED', message: 'The name or the password is not right.', correlationId: '', reasons: [] } });
    // Both are a slow hash; without one the answer comes in about a millisecond.
    expect(Math.min(...unknown.map(({ ms }) => ms))).toBeGreaterThan(Math.min(...known.map(({ ms }) => ms)) / 4);
  });

  it('is for pages of our own: no other site signs a browser in as somebody else', async () => {
    const response = await new TestBrowser().request(`${server.url}/api/sign-in/password`, { json: { username: 'ada', password: PASSWORD }, headers: { Origin: 'https://evil.example' } });
    expect(response.status).toBe(403);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it('slows down who guesses, and neither other people nor the browser in which the account is at home', async () => {
    await newPerson(server, 'grace');
    const home = new TestBrowser();
    await signInByPassword(server, home, 'grace');
    const statuses: number[] = [];
    let refused: Response | undefined;
    for (let attempt = 0; attempt < 12 && refused === undefined; attempt += 1) {
      const response = await signIn('grace', `guess number ${attempt}`);
      statuses.push(response.status);
      if (response.status === 429) refused = response;
    }
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(refused?.status).toBe(429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(refused?.headers.get('retry-after'))).toBeLessThanOrEqual(900);
    expect(await refused?.json()).toMatchObject({ error: { code: 'TOO_MANY_ATTEMPTS' } });
    // The right password does not help who has guessed; a refusal tells nothing about it.
    expect((await signIn('grace', PASSWORD)).status).toBe(429);
    expect((await signIn('grace', PASSWORD, home)).status).toBe(200);
    expect((await signIn('ada', PASSWORD)).status).toBe(200);
  });

  it('is closed where a provider of its type is switched off', async () => {
    await server.api('POST', '/api/orgs/default/resources', { kind: 'AuthProvider', metadata: { name: 'passwords' }, spec: { type: 'password', enabled: false } });
    expect(await (await signIn('ada', PASSWORD)).json()).toMatchObject({ error: { code: 'METHOD_CLOSED' } });
    expect(await (await fetch(`${server.url}/api/sign-in/methods`)).json()).toMatchObject({ password: false, token: true });
    await server.api('DELETE', '/api/orgs/default/resources/authproviders/passwords');
    expect(await (await fetch(`${server.url}/api/sign-in/methods`)).json()).toMatchObject({ password: true });
  });
});

describe('sessions', () => {
  it('are listed, and end one by one or all but this one', async () => {
    const browsers = [new TestBrowser(), new TestBrowser(), new TestBrowser()];
    for (const browser of browsers) await signInByPassword(server, browser, 'ada');
    const [first = ada.browser, second = ada.browser, third = ada.browser] = browsers;
    const list = await sessionsOf(first);
    expect(list.filter(({ current }) => current)).toHaveLength(1);
    expect(list.find(({ current }) => current)).toMatchObject({ method: 'password', userAgent: first.userAgent, address: '127.0.0.1' });
    const other = (await sessionsOf(second)).find(({ current }) => current)?.id ?? '';
    expect((await first.request(`${server.url}/api/user/sessions/${other}`, { method: 'DELETE' })).status).toBe(200);
    expect((await second.request(info())).status).toBe(401);
    expect((await third.request(info())).status).toBe(200);
    expect((await first.request(`${server.url}/api/user/sessions`, { method: 'DELETE' })).status).toBe(200);
    expect((await third.request(info())).status).toBe(401);
    expect(await sessionsOf(first)).toHaveLength(1);
    await signInByPassword(server, ada.browser, 'ada');
  });

  it('of others are not there', async () => {
    const eve = await newPerson(server, 'eve');
    const [mine] = await sessionsOf(ada.browser);
    expect((await eve.browser.request(`${server.url}/api/user/sessions/${mine?.id ?? ''}`, { method: 'DELETE' })).status).toBe(404);
    expect((await ada.browser.request(info())).status).toBe(200);
  });

  it('survive a restart, and end with sign-out: the cookie is good no more, whoever kept it', async () => {
    const browser = new TestBrowser();
    await signInByPassword(server, browser, 'ada');
    const before = server.url;
    await server.restart();
    const kept = browser.cookie(before, 'kradle_session')?.value ?? '';
    browser.setCookie(server.url, 'kradle_session_0', kept);
    ada.browser.setCookie(server.url, 'kradle_session_0', ada.browser.cookie(before, 'kradle_session')?.value ?? '');
    expect((await browser.request(info())).status).toBe(200);
    expect(await (await browser.request(`${server.url}/api/session`, { method: 'DELETE' })).json()).toEqual({ signedOut: true });
    browser.setCookie(server.url, 'kradle_session_0', kept);
    expect((await browser.request(info())).status).toBe(401);
  });

  it('are those of cookies that we signed, whole and unchanged', async () => {
    const value = ada.browser.cookie(server.url, 'kradle_session')?.value ?? '';
    const [id = '', keyId = '', mac = ''] = value.split('.');
    const ofAnotherKey = createTokens({ keys: keyRingOf([randomBytes(32)]), adminToken: 'x', now: Date.now }).signSession(id);
    const ofNoSession = tokens().signSession('ab'.repeat(16));
    const ofAnotherPurpose = tokens().seal('sign-in', { account: 'ada' }, Date.now() + 60_000);
    for (const forged of ['', id, `${id}.${keyId}`, `${id}.${keyId}.`, `${value}x`, value.slice(0, -1), `${'0'.repeat(32)}.${keyId}.${mac}`, ofAnotherKey, ofNoSession, ofAnotherPurpose, 'null', '%00']) {
      const response = await fetch(info(), { headers: { Cookie: `kradle_session_0=${forged}` } });
      expect(response.status, forged).toBe(401);
    }
    expect((await fetch(info(), { headers: { Cookie: `kradle_session_0=${value}` } })).status).toBe(200);
  });

  it('change with a new sign-in in the same browser: the one before is over', async () => {
    const browser = new TestBrowser();
    await signInByPassword(server, browser, 'ada');
    const before = browser.cookie(server.url, 'kradle_session')?.value ?? '';
    await signInByPassword(server, browser, 'ada');
    expect(browser.cookie(server.url, 'kradle_session')?.value).not.toBe(before);
    expect((await fetch(info(), { headers: { Cookie: `kradle_session_0=${before}` } })).status).toBe(401);
  });

  it('end when the password changes, but for the one in which it did', async () => {
    const person = await newPerson(server, 'barbara');
    const other = new TestBrowser();
    await signInByPassword(server, other, 'barbara');
    const set = (body: Record<string, unknown>) => person.browser.request(`${server.url}/api/user/password`, { method: 'PUT', json: body });
    expect(await (await set({ currentPassword: 'not it', password: 'another long walk' })).json()).toMatchObject({ error: { reasons: [{ field: 'currentPassword' }] } });
    expect(await (await set({ password: 'another long walk' })).json()).toMatchObject({ error: { reasons: [{ field: 'currentPassword' }] } });
    expect(await (await set({ currentPassword: PASSWORD, password: 'barbara1234' })).json()).toMatchObject({ error: { reasons: [{ field: 'password' }] } });
    expect((await set({ currentPassword: PASSWORD, password: 'another long walk' })).status).toBe(200);
    expect((await person.browser.request(info())).status).toBe(200);
    expect((await other.request(info())).status).toBe(401);
    expect((await signIn('barbara', PASSWORD)).status).toBe(401);
    expect((await signIn('barbara', 'another long walk')).status).toBe(200);
  });
});

describe('somebody who is disabled', () => {
  it('is out with the next request, by cookie and by token, and what they had open ends within a second', async () => {
    const person = await newPerson(server, 'mallory');
    const { token } = await person.token();
    const bearer = { Authorization: `Bearer ${token}` };
    const git = { Authorization: `Basic ${Buffer.from(`mallory:${token}`).toString('base64')}` };
    const stream = (path: string, headers: Record<string, string>) => openStream(`${server.url}${path}`, headers);
    const cookie = { Cookie: person.browser.cookies(server.url) };
    const topics = encodeURIComponent(JSON.stringify({ topics: [{ id: 'a', type: 'resources', kind: 'repositories', org: 'default' }] }));
    const open = await Promise.all([
      stream('/api/orgs/default/agents/events/stream', cookie), stream('/api/orgs/default/agents/events/stream', bearer),
      stream('/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default/repositories?watch=1', bearer), stream(`/trpc/live.stream?input=${topics}`, cookie),
    ]);
    const user = await server.api<{ spec: Record<string, unknown>; metadata: { name: string } }>('GET', '/api/orgs/default/resources/users/mallory');
    await server.api('PUT', '/api/orgs/default/resources/users/mallory', { metadata: { name: 'mallory' }, spec: { ...user.spec, disabled: true } });
    const disabledAt = performance.now();
    const refused = await Promise.all([fetch(info(), { headers: cookie }), fetch(info(), { headers: bearer }), fetch(`${server.url}/git/default/x.git/info/refs?service=git-upload-pack`, { headers: git })]);
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401]);
    await Promise.all(open.map(({ ended }) => ended));
    expect(performance.now() - disabledAt).toBeLessThan(1_000);
    expect(await (await signIn('mallory', PASSWORD)).json()).toMatchObject({ error: { code: 'ACCOUNT_DISABLED' } });
    await server.api('PUT', '/api/orgs/default/resources/users/mallory', { metadata: { name: 'mallory' }, spec: { ...user.spec, disabled: false } });
    expect((await signIn('mallory', PASSWORD)).status).toBe(200);
  });

  it('ends what is open when a session or a token is revoked, and leaves what others have open', async () => {
    const person = await newPerson(server, 'trudy');
    const token = await person.token(['read']);
    const others = await openStream(`${server.url}/api/orgs/default/agents/events/stream`, { Authorization: `Bearer ${server.token}` });
    const byToken = await openStream(`${server.url}/api/orgs/default/agents/events/stream`, { Authorization: `Bearer ${token.token}` });
    await person.browser.request(`${server.url}/api/user/tokens/${token.id}`, { method: 'DELETE' });
    await byToken.ended;
    const byCookie = await openStream(`${server.url}/api/orgs/default/agents/events/stream`, { Cookie: person.browser.cookies(server.url) });
    await person.browser.request(`${server.url}/api/session`, { method: 'DELETE' });
    await byCookie.ended;
    expect(others.isOpen()).toBe(true);
    others.close();
  });
});

interface OpenStream {
  readonly ended: Promise<void>;
  isOpen(): boolean;
  close(): void;
}

/** A stream that has begun. */
async function openStream(url: string, headers: Record<string, string>): Promise<OpenStream> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  let open = true;
  const reader = response.body?.getReader();
  const ended = (async () => {
    try {
      while ((await reader?.read())?.done === false);
    } catch {
      // Cut off: that is an end, too.
    }
    open = false;
  })();
  await eventually('the stream is open', () => open);
  return { ended, isOpen: () => open, close: () => abort.abort() };
}
