import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually';
import { CLIENT_ID, CLIENT_SECRET, startOidcProvider, type TestOidcProvider } from '../harness/oidcProvider';
import { rawRequest } from '../harness/rawRequest';
import { startServer, type TestServer } from '../harness/startServer';
import { TestBrowser } from '../harness/testBrowser';

let provider: TestOidcProvider;
let server: TestServer;
let browser: TestBrowser;

const ada = { sub: 'subject-of-ada', preferred_username: 'Ada', name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true, groups: ['engineers'] };

beforeAll(async () => {
  provider = await startOidcProvider();
  server = await startServer({ env: {
    KRADLE_OIDC_ISSUER: provider.issuer, KRADLE_OIDC_CLIENT_ID: CLIENT_ID, KRADLE_OIDC_CLIENT_SECRET: CLIENT_SECRET, KRADLE_OIDC_DISPLAY_NAME: 'Acme',
    KRADLE_ADMIN_USERNAME: 'boss', KRADLE_ALLOWED_ADDRESSES: '127.0.0.1', KRADLE_LOG_LEVEL: 'warn',
  } });
  provider.setRedirectUris(`${server.url}/api/sign-in/sso/callback`, `${server.url}/api/sign-in/corp/callback`);
}, 120_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});
beforeEach(() => {
  browser = new TestBrowser();
  provider.person = undefined;
  provider.intercept = undefined;
});

const start = (name = 'sso', next = '') => `${server.url}/api/sign-in/${name}/start${next === '' ? '' : `?next=${encodeURIComponent(next)}`}`;
const isCallback = (url: string) => url.startsWith(`${server.url}/api/sign-in/`);
const where = () => browser.history.at(-1)?.slice(server.url.length);
const whoAmI = async () => (await (await browser.request(`${server.url}/api/info`)).json()) as { actor?: { name: string; displayName: string; email: string }; orgs?: { name: string }[] };

/** A provider of the installation's own organization, ready to be used. */
async function makeProvider(spec: Record<string, unknown>): Promise<void> {
  await server.fetch('/api/orgs/default/resources/authproviders/corp', { method: 'DELETE' });
  await server.api('POST', '/api/orgs/default/resources', { kind: 'AuthProvider', metadata: { name: 'corp' }, spec: { type: 'oidc', issuerUrl: provider.issuer, clientId: CLIENT_ID, clientSecretRef: { name: 'corp-sign-in' }, ...spec } });
}

beforeAll(async () => {
  await server.api('PUT', '/api/orgs/default/secrets/corp-sign-in', { data: { clientSecret: CLIENT_SECRET } });
});

describe('sign-in by an OpenID provider', () => {
  it('lets nobody in who is not invited', async () => {
    provider.person = ada;
    await browser.open(start());
    expect(where()).toBe('/sign-in?reason=not-invited');
    expect(await whoAmI()).toMatchObject({ error: { code: 'UNAUTHORIZED' } });
  });

  it('makes the first administrator of who signs in under that login', async () => {
    provider.person = { ...ada, sub: 'subject-of-boss', preferred_username: 'Boss', email: 'boss@example.com' };
    await browser.open(start('sso', '/o/default/runs?phase=Running'));
    expect(where()).toBe('/o/default/runs?phase=Running');
    expect(await whoAmI()).toMatchObject({ actor: { kind: 'user', name: 'boss', displayName: 'Ada Lovelace', email: 'boss@example.com' } });
    expect(await (await browser.request(`${server.url}/api/user`)).json()).toMatchObject({ name: 'boss', administrator: true, emailVerified: true, hasPassword: false });
    // Another subject who calls themselves the same is another person.
    const other = new TestBrowser();
    provider.person = { ...ada, sub: 'an impostor', preferred_username: 'boss', email: 'impostor@example.com' };
    browser = other;
    await browser.open(start());
    expect(where()).toBe('/sign-in?reason=not-invited');
  });

  it('asks with PKCE, state and nonce, and for what was configured', async () => {
    await browser.open(start(), { stopAt: (url) => url.startsWith(provider.issuer) });
    const asked = new URL(browser.history.at(-1) ?? '');
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({ client_id: CLIENT_ID, response_type: 'code', scope: 'openid email profile', code_challenge_method: 'S256', redirect_uri: `${server.url}/api/sign-in/sso/callback` });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.searchParams.get(name)?.length, name).toBeGreaterThanOrEqual(43);
    const kept = browser.cookie(server.url, 'kradle_signin');
    expect(kept?.value).toBeDefined();
  });

  it('is offered on the sign-in page, beside what else is open', async () => {
    expect(await (await browser.request(`${server.url}/api/sign-in/methods`)).json()).toMatchObject({ providers: [{ name: 'sso', type: 'oidc', displayName: 'Acme', startUrl: '/api/sign-in/sso/start' }], password: false, token: true });
  });

  it.each(['//evil.example/', 'https://evil.example', '/\\evil.example', '/%0d%0aSet-Cookie: x=y', 'javascript:alert(1)'])('never leads to %j afterwards', async (next) => {
    provider.person = { ...ada, sub: 'subject-of-boss' };
    await browser.open(`${server.url}/api/sign-in/sso/start?next=${next.includes('%') ? next : encodeURIComponent(next)}`);
    expect(where()).toBe('/');
  });

  it('ends on the sign-in page when the person says no', async () => {
    provider.person = undefined;
    await browser.open(start());
    expect(where()).toBe('/sign-in?reason=denied');
  });
});

describe('a provider of an object', () => {
  it('makes accounts where it says so, for its domains, with its groups', async () => {
    await makeProvider({ createUsers: true, allowedDomains: ['example.com'], adminGroups: ['admins'], claims: { groups: 'groups' } });
    await eventually('the provider is ready', async () => {
      const { status } = await server.api<{ status?: { phase?: string; callbackUrl?: string } }>('GET', '/api/orgs/default/resources/authproviders/corp');
      return status?.phase === 'Ready' && status.callbackUrl === `${server.url}/api/sign-in/corp/callback`;
    });
    provider.person = ada;
    await browser.open(start('corp'));
    expect(where()).toBe('/');
    expect(await whoAmI()).toMatchObject({ actor: { name: 'ada', email: 'ada@example.com' }, orgs: [{ name: 'default' }] });
    expect(await server.api('GET', '/api/orgs/default/resources/users/ada')).toMatchObject({ spec: { role: 'developer', groups: ['engineers'], admin: false, email: 'ada@example.com' } });
    // The same person, with another name and group by now.
    browser = new TestBrowser();
    provider.person = { ...ada, preferred_username: 'countess', groups: ['admins'] };
    await browser.open(start('corp'));
    expect(await (await browser.request(`${server.url}/api/user`)).json()).toMatchObject({ name: 'ada', administrator: true });
    browser = new TestBrowser();
    provider.person = ada;
    await browser.open(start('corp'));
    expect(await (await browser.request(`${server.url}/api/user`)).json()).toMatchObject({ name: 'ada', administrator: false });
  });

  it.each([
    ['of another domain', { email: 'eve@evil.example', email_verified: true }, 'domain'],
    ['of a domain that only ends alike', { email: 'eve@notexample.com', email_verified: true }, 'domain'],
    ['whose address nobody verified', { email: 'eve@example.com', email_verified: false }, 'email'],
    ['whose address nobody verified, as a text', { email: 'eve@example.com', email_verified: 'true' }, 'email'],
    ['without an address', { email: undefined, email_verified: undefined }, 'domain'],
  ])('turns away who is %s', async (_who, claims, reason) => {
    provider.person = { ...ada, sub: `eve ${reason}`, ...claims };
    await browser.open(start('corp'));
    expect(where()).toBe(`/sign-in?reason=${reason}`);
  });

  it('recognises a person by the address that both providers vouch for', async () => {
    provider.person = { ...ada, sub: 'ada elsewhere' };
    await browser.open(start('sso'));
    expect(where()).toBe('/');
    expect((await whoAmI()).actor?.name).toBe('ada');
    const { identities } = (await (await browser.request(`${server.url}/api/user/identities`)).json()) as { identities: { provider: string; subject: string; displayName: string }[] };
    expect(identities.map(({ provider: name, subject, displayName }) => [name, subject, displayName])).toEqual([['corp', 'subject-of-ada', 'corp'], ['sso', 'ada elsewhere', 'Acme']]);
    // One may go, the last one may not: without it there is no way in.
    const unlink = (name: string, subject: string) => browser.request(`${server.url}/api/user/identities/unlink`, { json: { provider: name, subject } });
    expect((await unlink('sso', 'ada elsewhere')).status).toBe(200);
    expect(await (await unlink('corp', 'subject-of-ada')).json()).toMatchObject({ error: { code: 'LAST_IDENTITY' } });
  });

  it('says what is wrong with it', async () => {
    const messages: [Record<string, unknown>, RegExp][] = [
      [{ clientId: undefined }, /clientId is missing/],
      [{ clientSecretRef: { name: 'no-such-secret' } }, /no Secret "no-such-secret"/],
      [{ issuerUrl: 'http://127.0.0.1:1' }, /127\.0\.0\.1/],
      [{ issuerUrl: `${provider.issuer}/elsewhere` }, /does not answer as an OpenID provider/],
    ];
    for (const [spec, message] of messages) {
      await makeProvider(spec);
      const text = await eventually('it failed', async () => {
        const { status } = await server.api<{ status?: { phase?: string; message?: string } }>('GET', '/api/orgs/default/resources/authproviders/corp');
        return status?.phase === 'Failed' && status.message;
      });
      expect(text).toMatch(message);
      await browser.open(start('corp'));
      expect(where()).toMatch(/^\/sign-in\?reason=unavailable/);
    }
    await makeProvider({ enabled: false });
    await browser.open(start('corp'));
    expect(where()).toMatch(/^\/sign-in\?reason=unavailable/);
    expect(await (await browser.request(`${server.url}/api/sign-in/methods`)).json()).toMatchObject({ providers: [{ name: 'sso' }] });
  });

  it('counts only in the installation\'s own organization', async () => {
    await server.api('POST', '/api/orgs', { slug: 'other' });
    await server.api('POST', '/api/orgs/other/resources', { kind: 'AuthProvider', metadata: { name: 'mine' }, spec: { type: 'oidc', issuerUrl: provider.issuer, clientId: CLIENT_ID, createUsers: true, adminGroups: ['engineers'] } });
    provider.person = ada;
    await browser.open(start('mine'));
    expect(where()).toMatch(/^\/sign-in\?reason=unavailable/);
    const text = await eventually('it says so', async () => (await server.api<{ status?: { message?: string } }>('GET', '/api/orgs/other/resources/authproviders/mine')).status?.message);
    expect(text).toMatch(/Only the providers of organization "default"/);
  });
});

describe('an answer that does not fit', () => {
  /** What the provider sends the browser back with, not yet opened. */
  async function beforeCallback(name = 'sso'): Promise<URL> {
    provider.person = { ...ada, sub: 'subject-of-boss' };
    await browser.open(start(name), { stopAt: isCallback });
    return new URL(browser.history.at(-1) ?? '');
  }

  it('is refused with another state, without one, and in another browser: nobody is signed in as somebody else', async () => {
    const url = await beforeCallback();
    const victim = new TestBrowser();
    await victim.open(url.href);
    expect(victim.history.at(-1)).toBe(`${server.url}/sign-in?reason=state`);
    expect(victim.cookie(server.url, 'kradle_session')).toBeUndefined();
    for (const change of [(params: URLSearchParams) => params.set('state', 'another'), (params: URLSearchParams) => params.delete('state')]) {
      const changed = new URL((await beforeCallback()).href);
      change(changed.searchParams);
      await browser.open(changed.href);
      expect(where()).toBe('/sign-in?reason=state');
    }
    expect(browser.cookie(server.url, 'kradle_session')).toBeUndefined();
  });

  it('is refused with a cookie that was forged, cut, or is another sign-in\'s', async () => {
    for (const forge of [(value: string) => `${value}x`, (value: string) => value.slice(0, -3), () => 'e30.aaaaaaaa.AAAA', (value: string) => value.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'))]) {
      const url = await beforeCallback();
      const kept = browser.cookie(server.url, 'kradle_signin');
      browser.setCookie(server.url, kept?.name ?? '', forge(kept?.value ?? ''));
      await browser.open(url.href);
      expect(where()).toBe('/sign-in?reason=state');
    }
  });

  it('works once: a replay finds neither cookie nor code', async () => {
    const url = await beforeCallback();
    const kept = browser.cookie(server.url, 'kradle_signin');
    await browser.open(url.href);
    expect(where()).toBe('/');
    await browser.open(url.href);
    expect(where()).toBe('/sign-in?reason=state');
    browser.setCookie(server.url, kept?.name ?? '', kept?.value ?? '');
    await browser.open(url.href);
    expect(where()).toBe('/sign-in?reason=provider');
  });

  it('is refused when it is for another provider, or from another issuer: no mix-up', async () => {
    await makeProvider({ createUsers: true });
    const url = await beforeCallback('sso');
    await browser.open(url.href.replace('/sso/', '/corp/'));
    expect(where()).toBe('/sign-in?reason=state');
    const other = new URL((await beforeCallback('sso')).href);
    other.searchParams.set('iss', 'https://evil.example');
    await browser.open(other.href);
    expect(where()).toBe('/sign-in?reason=provider');
  });

  it('is refused when its ID token is another\'s: nonce, audience, issuer, signature, time', async () => {
    const now = Math.floor(Date.now() / 1000);
    const changes: [string, (claims: Record<string, unknown>) => void][] = [
      ['nonce', (claims) => { claims.nonce = 'another'; }], ['no nonce', (claims) => { delete claims.nonce; }], ['audience', (claims) => { claims.aud = 'another-client'; }],
      ['issuer', (claims) => { claims.iss = 'https://evil.example'; }], ['expired', (claims) => { claims.exp = now - 300; }], ['from the future', (claims) => { claims.nbf = now + 300; }],
    ];
    for (const [what, change] of changes) {
      provider.intercept = changeIdToken(change, (claims) => provider.signToken(claims));
      await browser.open((await beforeCallback()).href);
      expect(where(), what).toBe('/sign-in?reason=provider');
      expect(browser.cookie(server.url, 'kradle_session')).toBeUndefined();
    }
    const unsigned = (claims: object) => [{ alg: 'none' }, claims, ''].map((part) => (part === '' ? '' : Buffer.from(JSON.stringify(part)).toString('base64url'))).join('.');
    for (const sign of [unsigned, (claims: object) => provider.signToken(claims).replace(/.{20}$/, 'A'.repeat(20))]) {
      provider.intercept = changeIdToken(() => undefined, sign);
      await browser.open((await beforeCallback()).href);
      expect(where()).toBe('/sign-in?reason=provider');
    }
    // What is wrong with these was what was changed, and a clock that is a little off is no reason.
    provider.intercept = changeIdToken((claims) => { claims.exp = now - 20; }, (claims) => provider.signToken(claims));
    await browser.open((await beforeCallback()).href);
    expect(where()).toBe('/');
  });

  it('that the provider does not give is told, and a provider that is away', async () => {
    const url = await beforeCallback();
    provider.intercept = (req, res) => {
      if (req.url !== '/token') return false;
      res.writeHead(502).end('no');
      return true;
    };
    await browser.open(url.href);
    expect(where()).toMatch(/^\/sign-in\?reason=(provider|unavailable)$/);
  });
});

describe('a session', () => {
  it('that is Secure and of this host alone is set behind https, and the callback is that of the public address', async () => {
    await using proxied = await startServer({ env: { KRADLE_PUBLIC_URL: 'https://kradle.example', KRADLE_OIDC_ISSUER: provider.issuer, KRADLE_OIDC_CLIENT_ID: CLIENT_ID, KRADLE_OIDC_CLIENT_SECRET: CLIENT_SECRET } });
    const answer = await rawRequest(`${proxied.url}/api/sign-in/sso/start`, { headers: { Host: 'kradle.example' } });
    expect(answer.status).toBe(303);
    expect(new URL(String(answer.headers.location)).searchParams.get('redirect_uri')).toBe('https://kradle.example/api/sign-in/sso/callback');
    expect(String(answer.headers['set-cookie'])).toMatch(/^__Host-kradle_signin_0=.*; HttpOnly; SameSite=Lax; Max-Age=900; Secure$/);
  });
});

/** Answers of the token endpoint with a change in the ID token. */
function changeIdToken(change: (claims: Record<string, unknown>) => void, sign: (claims: object) => string): NonNullable<TestOidcProvider['intercept']> {
  return (req, res) => {
    if (req.url !== '/token') return false;
    const end = res.end.bind(res);
    res.end = ((body?: unknown, ...rest: unknown[]) => {
      if (typeof body !== 'string' && !Buffer.isBuffer(body)) return end(body as never, ...(rest as []));
      const answer = JSON.parse(body.toString()) as { id_token?: string };
      const claims = JSON.parse(Buffer.from(answer.id_token?.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
      change(claims);
      answer.id_token = sign(claims);
      const text = JSON.stringify(answer);
      res.setHeader('content-length', Buffer.byteLength(text));
      return end(text);
    }) as typeof res.end;
    return false;
  };
}
