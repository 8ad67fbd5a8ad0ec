import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from '../harness/rawRequest';
import { startServer, type TestServer } from '../harness/startServer';
import { TestBrowser } from '../harness/testBrowser';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ env: { KRADLE_TRUSTED_PROXIES: '127.0.0.1/32', KRADLE_ALLOWED_ADDRESSES: '127.0.0.1' } });
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

const headers = { user: 'x-forwarded-user', email: 'x-forwarded-email', groups: 'x-forwarded-groups' };

async function makeProvider(spec: Record<string, unknown>): Promise<void> {
  await server.fetch('/api/orgs/default/resources/authproviders/gate', { method: 'DELETE' });
  await server.api('POST', '/api/orgs/default/resources', { kind: 'AuthProvider', metadata: { name: 'gate' }, spec: { type: 'delegated', headers, createUsers: true, ...spec } });
}

const ask = (more: Record<string, string | string[]>, opts: { method?: string; path?: string; body?: string } = {}) => rawRequest(server.url + (opts.path ?? '/api/info'), { method: opts.method ?? 'GET', headers: more as Record<string, string>, ...(opts.body === undefined ? {} : { body: opts.body }) });
const nameIn = (text: string) => (JSON.parse(text) as { actor?: { name: string } }).actor?.name;

describe('headers in which a proxy names people', () => {
  it('are believed of the proxies that are named, and make accounts where that is said', async () => {
    await makeProvider({ trustedProxies: ['127.0.0.0/8'], adminGroups: ['admins'], allowedDomains: ['example.com'] });
    const answer = await ask({ 'X-Forwarded-User': 'ada', 'X-Forwarded-Email': 'ada@example.com', 'X-Forwarded-Groups': 'engineers, writers' });
    expect([answer.status, nameIn(answer.text)]).toEqual([200, 'ada']);
    expect(await server.api('GET', '/api/orgs/default/resources/users/ada')).toMatchObject({ spec: { groups: ['engineers', 'writers'], admin: false } });
    const boss = await ask({ 'X-Forwarded-User': 'boss', 'X-Forwarded-Email': 'boss@example.com', 'X-Forwarded-Groups': 'admins' }, { path: '/api/user' });
    expect(JSON.parse(boss.text)).toMatchObject({ name: 'boss', administrator: true });
    expect((await ask({ 'X-Forwarded-User': 'eve', 'X-Forwarded-Email': 'eve@evil.example' })).status).toBe(401);
  });

  it('count for less than a token, and need a page of our own to change something', async () => {
    const named = { 'X-Forwarded-User': 'ada', 'X-Forwarded-Email': 'ada@example.com' };
    expect(nameIn((await ask({ ...named, Authorization: `Bearer ${server.token}` })).text)).toBe('admin');
    expect((await ask({ ...named, Authorization: 'Bearer kradle_wrong' })).status).toBe(401);
    const foreign = await ask({ ...named, Origin: 'https://evil.example', 'Content-Type': 'application/json' }, { method: 'PATCH', path: '/api/user', body: '{"displayName":"Eve"}' });
    expect([foreign.status, foreign.text]).toEqual([403, expect.stringContaining('ORIGIN_NOT_ALLOWED')]);
  });

  it('that come twice, or are empty, name nobody', async () => {
    const twice = await ask({ 'X-Forwarded-User': ['ada', 'boss'], 'X-Forwarded-Email': 'ada@example.com' });
    expect([twice.status, twice.text]).toEqual([401, expect.stringContaining('HEADER_AMBIGUOUS')]);
    for (const user of ['', ' ', 'x'.repeat(501)]) expect((await ask({ 'X-Forwarded-User': user })).status).toBe(401);
  });

  it.each<[string, Record<string, unknown>]>([
    ['from addresses that are not named', { trustedProxies: ['10.0.0.0/8', '::1'] }],
    ['where no proxy is named', {}],
    ['where no header is named', { trustedProxies: ['127.0.0.1'], headers: undefined }],
    ['where the provider is switched off', { trustedProxies: ['127.0.0.1'], enabled: false }],
  ])('%s are ignored, whatever a chain of proxies is said to be', async (_what, spec) => {
    await makeProvider(spec);
    for (const chain of ['10.0.0.1', '127.0.0.1', '10.0.0.1, 127.0.0.1', '::1']) {
      const answer = await ask({ 'X-Forwarded-User': 'boss', 'X-Forwarded-Email': 'boss@example.com', 'X-Forwarded-For': chain, 'X-Real-IP': '10.0.0.1', Forwarded: 'for=10.0.0.1' });
      expect(answer.status, chain).toBe(401);
    }
    // Nor do they reach anybody who is signed in otherwise.
    expect(nameIn((await ask({ 'X-Forwarded-User': 'boss', Authorization: `Bearer ${server.token}` })).text)).toBe('admin');
  });

  it('of a provider of another organization are ignored', async () => {
    await makeProvider({ enabled: false });
    await server.api('POST', '/api/orgs', { slug: 'other' });
    await server.api('POST', '/api/orgs/other/resources', { kind: 'AuthProvider', metadata: { name: 'gate' }, spec: { type: 'delegated', headers, trustedProxies: ['0.0.0.0/0'], createUsers: true } });
    expect((await ask({ 'X-Forwarded-User': 'boss', 'X-Forwarded-Email': 'boss@example.com' })).status).toBe(401);
  });
});

describe('the address of a client', () => {
  it('is what a trusted proxy tells, and each client is counted for itself', async () => {
    const attempt = (chain: string) => rawRequest(`${server.url}/api/sign-in/password`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': chain }, body: JSON.stringify({ username: 'somebody', password: 'wrong wrong wrong' }) });
    let refused = 0;
    // What the client itself puts in front of the chain makes it nobody else.
    for (let count = 0; count < 9; count += 1) if ((await attempt(`192.0.2.${count}, 198.51.100.7`)).status === 429) refused += 1;
    expect(refused).toBeGreaterThan(0);
    expect((await attempt('203.0.113.9')).status).toBe(401);
  });
});

describe('GitHub', () => {
  it('signs people in by their number, with the address that it has verified', async () => {
    const gitHub = await fakeGitHub();
    await server.api('PUT', '/api/orgs/default/secrets/github', { data: { clientSecret: 'a secret of the application' } });
    await server.api('POST', '/api/orgs/default/resources', { kind: 'AuthProvider', metadata: { name: 'github' }, spec: {
      type: 'github', clientId: 'application', clientSecretRef: { name: 'github' }, createUsers: true, adminGroups: ['acme/owners'],
      authorizationUrl: `${gitHub.url}/login/oauth/authorize`, tokenUrl: `${gitHub.url}/login/oauth/access_token`, userInfoUrl: `${gitHub.url}/user`,
    } });
    const browser = new TestBrowser();
    await browser.open(`${server.url}/api/sign-in/github/start?next=/o/default`);
    expect(browser.history.at(-1)).toBe(`${server.url}/o/default`);
    expect(await (await browser.request(`${server.url}/api/user`)).json()).toMatchObject({ name: 'octocat', displayName: 'The Octocat', email: 'octocat@example.com', emailVerified: true, administrator: true });
    expect(await (await browser.request(`${server.url}/api/user/identities`)).json()).toMatchObject({ identities: [{ provider: 'github', displayName: 'GitHub', subject: '583231', login: 'octocat' }] });
    expect(gitHub.seen).toMatchObject({ scope: 'read:user user:email read:org', client_id: 'application', client_secret: 'a secret of the application', verified: true });
    // The login changes hands; the number does not.
    gitHub.user.id = 999;
    const other = new TestBrowser();
    await other.open(`${server.url}/api/sign-in/github/start`);
    expect(await (await other.request(`${server.url}/api/user`)).json()).not.toMatchObject({ name: 'octocat' });
    // GitHub tells errors with 200.
    gitHub.error = 'bad_verification_code';
    const third = new TestBrowser();
    await third.open(`${server.url}/api/sign-in/github/start`);
    expect(third.history.at(-1)).toBe(`${server.url}/sign-in?reason=provider`);
    gitHub.close();
  });
});

/** What GitHub answers, as far as a sign-in asks. Source: GitHub, "Authorizing OAuth apps". */
async function fakeGitHub() {
  const state = { url: '', user: { id: 583_231, login: 'octocat', name: 'The Octocat' }, error: undefined as string | undefined, seen: {} as Record<string, unknown>, close: () => gitHub.close() };
  const challenges = new Map<string, string>();
  const gitHub = createServer((req, res) => void answer(req).then(({ status = 200, location, body }) => {
    res.writeHead(status, { ...(location === undefined ? {} : { Location: location }), 'Content-Type': 'application/json' });
    res.end(JSON.stringify(body ?? {}));
  }));
  async function answer(req: IncomingMessage): Promise<{ status?: number; location?: string; body?: unknown }> {
    const url = new URL(req.url ?? '/', state.url);
    switch (url.pathname) {
      case '/login/oauth/authorize': {
        const back = new URL(url.searchParams.get('redirect_uri') ?? '');
        const code = `code-${challenges.size}`;
        challenges.set(code, url.searchParams.get('code_challenge') ?? '');
        Object.assign(state.seen, { scope: url.searchParams.get('scope'), client_id: url.searchParams.get('client_id') });
        back.searchParams.set('code', code);
        back.searchParams.set('state', url.searchParams.get('state') ?? '');
        return { status: 302, location: back.href };
      }
      case '/login/oauth/access_token': {
        let body = '';
        for await (const chunk of req) body += String(chunk);
        const form = new URLSearchParams(body);
        const { createHash } = await import('node:crypto');
        const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
        Object.assign(state.seen, { client_secret: form.get('client_secret'), verified: challenge === challenges.get(form.get('code') ?? '') });
        return { body: state.error === undefined ? { access_token: 'gho_x', scope: 'read:user,user:email', token_type: 'bearer' } : { error: state.error, error_description: 'The code passed is incorrect or expired.' } };
      }
      case '/user': return { body: state.user };
      case '/user/emails': return { body: [{ email: 'private@example.com', primary: false, verified: true }, { email: 'octocat@example.com', primary: true, verified: true }] };
      case '/user/teams': return { body: state.user.id === 583_231 ? [{ slug: 'owners', organization: { login: 'acme' } }] : [] };
      default: return { status: 404 };
    }
  }
  gitHub.listen(0, '127.0.0.1');
  await once(gitHub, 'listening');
  state.url = `http://127.0.0.1:${(gitHub.address() as AddressInfo).port}`;
  return state;
}
