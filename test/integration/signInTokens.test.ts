import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreatedToken, TokenView } from '#shared/api/account';
import { isWellFormedToken } from '../../src-server/domains/identity/signIn/tokenFormat';
import { eventually } from '../harness/eventually';
import { newPerson, PASSWORD, type Person } from '../harness/person';
import { runProcess } from '../harness/runProcess';
import { startServer, type TestServer } from '../harness/startServer';
import { TestBrowser } from '../harness/testBrowser';

let server: TestServer;
let ada: Person;
beforeAll(async () => {
  server = await startServer();
  ada = await newPerson(server, 'ada', { role: 'admin' });
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

const info = () => `${server.url}/api/info`;
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const as = (token: string, path: string, init: RequestInit = {}) => fetch(server.url + path, { ...init, headers: { 'Content-Type': 'application/json', ...bearer(token) } });
const list = async () => ((await (await ada.browser.request(`${server.url}/api/user/tokens`)).json()) as { tokens: TokenView[] }).tokens;

describe('a personal access token', () => {
  it('is shown once, and good at every door', async () => {
    await server.api('POST', '/api/orgs/default/repositories', { name: 'demo', initialize: true });
    const made = await ada.token();
    expect(made.token).toMatch(/^kradle_pat_[0-9A-Za-z]{49}$/);
    expect(isWellFormedToken(made.token)).toBe(true);
    expect(JSON.stringify(await list())).not.toContain(made.token);
    expect((await list()).find(({ id }) => id === made.id)).toMatchObject({ title: 'of a test', hint: made.token.slice(0, 15), expired: false });
    expect(Date.parse(made.expiresAt ?? '') - Date.now()).toBeGreaterThan(89 * 24 * 3_600_000);
    for (const path of ['/api/info', '/trpc/system.info', '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default/repositories', '/metrics']) expect((await as(made.token, path)).status, path).toBe(200);
    expect(await (await as(made.token, '/api/info')).json()).toMatchObject({ actor: { kind: 'user', name: 'ada' } });
    const url = new URL(`${server.url}/git/default/demo.git`);
    [url.username, url.password] = ['ada', made.token];
    expect(await runProcess('git', ['ls-remote', url.href], { env: { PATH: process.env.PATH ?? '' } })).toMatchObject({ code: 0 });
    const used = await eventually('its use is noted', async () => (await list()).find(({ id, lastUsedAt }) => id === made.id && lastUsedAt !== undefined));
    expect(used.lastUsedFrom).toBe('127.0.0.1');
  });

  it('that is cut, changed, mistyped, revoked or made up is refused', async () => {
    const { token, id } = await ada.token(['read']);
    const last = token.slice(-1);
    const others = [
      token.slice(0, -1), `${token}x`, token.slice(0, -1) + (last === 'a' ? 'b' : 'a'), token.replace('_pat_', '_sat_'), token.replace(/^(.{20})./, (_all, head: string) => `${head}-`), token.toLowerCase(),
      'kradle_pat_', 'kradle_pat_undefined', `kradle_pat_${'0'.repeat(49)}`, `kradle_pat_${'A'.repeat(10_000)}`,
    ];
    for (const other of others) expect((await as(other, '/api/info')).status, other.slice(0, 80)).toBe(401);
    expect((await as(token, '/api/info')).status).toBe(200);
    expect((await ada.browser.request(`${server.url}/api/user/tokens/${id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await as(token, '/api/info')).status).toBe(401);
    expect((await ada.browser.request(`${server.url}/api/user/tokens/${id}`, { method: 'DELETE' })).status).toBe(404);
  });

  it('survives a restart and ends itself when it is asked to', async () => {
    const { token } = await ada.token(['read']);
    await server.restart();
    expect((await as(token, '/api/info')).status).toBe(200);
    expect((await as(token, '/api/user/tokens/current', { method: 'DELETE' })).status).toBe(200);
    expect((await as(token, '/api/info')).status).toBe(401);
    await ada.browser.request(`${server.url}/api/sign-in/password`, { json: { username: 'ada', password: PASSWORD } });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no scopes', { title: 'x', scopes: [] }, 'scopes'],
    ['a scope that there is not', { title: 'x', scopes: ['everything'] }, 'scopes[0]'],
    ['no title', { title: ' ', scopes: ['read'] }, 'title'],
    ['a longer life than is allowed', { title: 'x', scopes: ['read'], expiresInDays: 367 }, 'expiresInDays'],
    ['an endless life', { title: 'x', scopes: ['read'], expiresInDays: 0 }, 'expiresInDays'],
    ['an organization of others', { title: 'x', scopes: ['read'], org: 'nowhere' }, 'org'],
  ])('is not made with %s', async (_what, input, field) => {
    const response = await ada.browser.request(`${server.url}/api/user/tokens`, { json: input });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.json()).toMatchObject({ error: { reasons: [{ field }] } });
  });

  it('does not become more than it is: no token, no session, no password, no link by it', async () => {
    const { token } = await ada.token();
    for (const [method, path, body] of [
      ['POST', '/api/user/tokens', { title: 'another', scopes: ['admin'] }], ['PUT', '/api/user/password', { password: 'a password of my own' }], ['PATCH', '/api/user', { email: 'eve@evil.example' }],
      ['DELETE', '/api/user/sessions', {}], ['POST', '/api/sign-in-links', {}],
    ] as const) {
      const response = await as(token, path, { method, body: JSON.stringify(body) });
      expect([response.status, await response.json()], path).toMatchObject([403, { error: { code: 'TOKEN_LIMITED' } }]);
    }
    const session = await new TestBrowser().request(`${server.url}/api/session`, { json: { token } });
    expect([session.status, session.headers.getSetCookie()]).toEqual([403, []]);
  });

  it('of others cannot be seen or revoked', async () => {
    const eve = await newPerson(server, 'eve');
    const { id, token } = await ada.token(['read']);
    expect((await eve.browser.request(`${server.url}/api/user/tokens/${id}`, { method: 'DELETE' })).status).toBe(404);
    expect(JSON.stringify(await (await eve.browser.request(`${server.url}/api/user/tokens`)).json())).not.toContain(id);
    expect((await as(token, '/api/info')).status).toBe(200);
  });

  it('of one organization opens no other', async () => {
    await server.api('POST', '/api/orgs', { slug: 'second' });
    const { token } = (await server.api<CreatedToken>('POST', '/api/user/tokens', { title: 'narrow', scopes: ['write', 'admin'], org: 'second' }));
    expect(await (await as(token, '/api/info')).json()).toMatchObject({ actor: { name: 'admin' }, orgs: [{ name: 'second' }] });
    expect((await as(token, '/api/orgs/default/resources?kind=users')).status).toBe(404);
    expect((await as(token, '/api/orgs/second/resources?kind=repositories')).status).toBe(200);
  });
});

describe('a token of a service account', () => {
  it('acts as the account in its organization, and ends with the account', async () => {
    await server.api('POST', '/api/orgs/default/resources', { kind: 'AgentServiceAccount', metadata: { name: 'robot' }, spec: { namespace: 'kradle-org-default', serviceAccountName: 'robot' } });
    const made = await server.api<CreatedToken>('POST', '/api/orgs/default/service-accounts/robot/tokens', { title: 'ci', scopes: ['read'] });
    expect(made.token).toMatch(/^kradle_sat_/);
    expect(await (await as(made.token, '/api/info')).json()).toMatchObject({ actor: { kind: 'service-account', name: 'robot' } });
    expect((await as(made.token, '/api/user')).status).toBe(403);
    expect(await server.api('GET', '/api/orgs/default/service-accounts/robot/tokens')).toMatchObject({ tokens: [{ id: made.id, title: 'ci' }] });
    const eve = await newPerson(server, 'ernest', { role: 'viewer' });
    expect((await eve.browser.request(`${server.url}/api/orgs/default/service-accounts/robot/tokens`, { json: { title: 'mine', scopes: ['admin'] } })).status).toBe(403);
    await server.api('DELETE', '/api/orgs/default/resources/agentserviceaccounts/robot');
    expect((await as(made.token, '/api/info')).status).toBe(401);
  });
});

describe('a program that signs in by device code', () => {
  const post = (path: string, fields: Record<string, string>) => fetch(server.url + path, { method: 'POST', body: new URLSearchParams(fields) });
  const poll = async (deviceCode: string) => {
    const response = await post('/api/device/token', { client_id: 'kradle-cli', grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: deviceCode });
    return { status: response.status, body: (await response.json()) as { error?: string; access_token?: string; token_type?: string } };
  };
  const begin = async (title: string) => (await (await post('/api/device/code', { client_id: 'kradle-cli', title })).json()) as { device_code: string; user_code: string; verification_uri: string; verification_uri_complete: string; expires_in: number; interval: number };
  const decide = (userCode: string, what: 'approve' | 'deny', person = ada) => person.browser.request(`${server.url}/api/user/devices/${userCode}/${what}`, { json: {} });

  it('gets a token of the person who approves, once', async () => {
    const code = await begin('kradle on a laptop');
    expect(code).toMatchObject({ verification_uri: `${server.url}/device`, verification_uri_complete: `${server.url}/device?code=${code.user_code}`, expires_in: 900, interval: 5 });
    expect(code.user_code).toMatch(/^[B-Z]{4}-[B-Z]{4}$/);
    expect(await poll(code.device_code)).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });
    expect(await poll(code.device_code)).toMatchObject({ status: 400, body: { error: 'slow_down' } });
    const typed = code.user_code.toLowerCase().replace('-', ' ');
    expect(await (await ada.browser.request(`${server.url}/api/user/devices/${encodeURIComponent(typed)}`)).json()).toMatchObject({ userCode: code.user_code, title: 'kradle on a laptop', address: '127.0.0.1', state: 'pending' });
    expect(await (await decide(code.user_code, 'approve')).json()).toMatchObject({ state: 'approved' });
    const { status, body } = await poll(code.device_code);
    expect([status, body.token_type]).toEqual([200, 'Bearer']);
    expect(await (await fetch(info(), { headers: bearer(body.access_token ?? '') })).json()).toMatchObject({ actor: { name: 'ada' } });
    expect((await list()).map(({ title }) => title)).toContain('kradle on a laptop');
    expect(await poll(code.device_code)).toMatchObject({ body: { error: 'expired_token' } });
  });

  it('gets none when the person turns it away, nor for another\'s code', async () => {
    const code = await begin('evil');
    expect((await decide(code.user_code, 'deny')).status).toBe(200);
    expect(await poll(code.device_code)).toMatchObject({ body: { error: 'access_denied' } });
    expect((await decide(code.user_code, 'approve')).status).toBe(409);
    const other = await begin('other');
    const [name = ''] = other.device_code.split('.');
    await decide(other.user_code, 'approve');
    for (const guess of [name, `${name}.`, `${name}.${'A'.repeat(43)}`, other.user_code, '']) expect((await poll(guess)).body.access_token).toBeUndefined();
    expect((await poll(other.device_code)).body.access_token).toBeDefined();
  });

  it('cannot be approved by a token, and codes cannot be guessed', async () => {
    const code = await begin('by token');
    const { token } = await ada.token();
    expect((await as(token, `/api/user/devices/${code.user_code}/approve`, { method: 'POST', body: '{}' })).status).toBe(403);
    const guesser = await newPerson(server, 'guesser');
    let refused = false;
    for (let guess = 0; guess < 8 && !refused; guess += 1) refused = (await guesser.browser.request(`${server.url}/api/user/devices/BCDF-GHJ${'KLMNPQRS'[guess] ?? 'K'}`)).status === 429;
    expect(refused).toBe(true);
  });

  it('says what is wrong in the words of RFC 8628', async () => {
    expect(await (await post('/api/device/token', { grant_type: 'password', device_code: 'x' })).json()).toMatchObject({ error: 'unsupported_grant_type' });
    expect(await (await post('/api/device/token', { grant_type: 'urn:ietf:params:oauth:grant-type:device_code' })).json()).toMatchObject({ error: 'invalid_request' });
    const hidden = await begin('safe\u202Egnp.exe\u0000');
    expect(await (await ada.browser.request(`${server.url}/api/user/devices/${hidden.user_code}`)).json()).toMatchObject({ title: 'safe gnp.exe' });
  });
});
