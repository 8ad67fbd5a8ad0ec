import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokens } from '../../src-server/api/tokens';
import { openKeyFile } from '../../src-server/app/keyRing';
import { rawRequest } from '../harness/rawRequest';
import { startServer, type TestServer } from '../harness/startServer';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const json = { 'Content-Type': 'application/json' };
const info = '/api/info';

/** What a browser does: no token, only what it is told to send. */
function browse(path: string, opts: { method?: string; cookie?: string; headers?: Record<string, string>; body?: unknown } = {}) {
  return fetch(server.url + path, {
    method: opts.method ?? 'GET',
    redirect: 'manual',
    headers: { ...opts.headers, ...(opts.cookie === undefined ? {} : { Cookie: opts.cookie }), ...(opts.body === undefined ? {} : json) },
    ...(opts.body === undefined ? {} : { body: JSON.stringify(opts.body) }),
  });
}

/** `name=value` of the cookie that an answer sets. */
function cookieOf(response: Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function newLink(next?: string): Promise<string> {
  const { url } = await server.api<{ url: string }>('POST', '/api/sign-in-links', next === undefined ? {} : { next });
  return url.slice(server.url.length);
}

const signIn = async () => cookieOf(await browse('/api/session', { method: 'POST', body: { token: server.token } }));

describe('without sign-in', () => {
  it.each(['/healthz', '/livez', '/readyz'])('%s answers', async (path) => {
    const response = await browse(path);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ ok: true, project: 'Kradle' });
    const head = await browse(path, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('healthz has exactly the body that probes look for', async () => {
    expect(await (await browse('/healthz')).text()).toBe('{"ok":true,"project":"Kradle"}');
  });

  it.each([
    ['GET', info], ['GET', '/api/orgs'], ['POST', '/api/orgs'], ['GET', '/api/kinds'], ['GET', '/api/openapi.json'], ['GET', '/metrics'], ['GET', '/api/nothing/here'],
    ['GET', '/api/orgs/default/resources?kind=users'], ['GET', '/api/orgs/default/agents/events/stream'], ['POST', '/api/orgs/default/agents/runs/x/callback'],
    ['GET', '/api/orgs/default/repositories/x/raw/main/a.txt'], ['GET', '/trpc/system.info'], ['POST', '/trpc/orgs.create'], ['POST', '/api/sign-in-links'], ['OPTIONS', '/api/orgs'],
  ])('%s %s is refused', async (method, path) => {
    const response = await browse(path, { method });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(await response.json()).toMatchObject({ error: { code: 'UNAUTHORIZED', message: expect.stringContaining('Sign in first'), reasons: [] } });
  });

  it('git is asked for a password, in plain text', async () => {
    const response = await browse('/git/default/demo.git/info/refs?service=git-upload-pack');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm="Kradle"/);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
  });

  it('the console is served, with a policy that lets it load only itself', async () => {
    for (const path of ['/', '/o/default/repositories', '/sign-in']) {
      const response = await browse(path);
      expect(response.status, path).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/html/);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(response.headers.get('x-frame-options')).toBe('DENY');
    }
    expect((await browse('/assets/nothing.js')).status).not.toBe(200);
    // What lies beside the console is not part of it.
    expect((await rawRequest(`${server.url}/..%2fserver/kradle.js`)).text).not.toContain('import');
  });
});

describe('a token', () => {
  it.each([
    ['Bearer', () => `Bearer ${server.token}`],
    ['bearer, in any case', () => `bearer ${server.token}`],
    ['Basic with any user name', () => basic('whoever', server.token)],
    ['Basic without user name', () => basic('', server.token)],
    ['the user name of Basic, without a password', () => basic(server.token, '')],
    ['the user name of Basic, as scripts for GitHub say it', () => basic(server.token, 'x-oauth-basic')],
  ])('is taken as %s', async (_how, authorization) => {
    expect(await (await browse(info, { headers: { Authorization: authorization() } })).json()).toMatchObject({ actor: { name: 'admin' } });
  });

  it.each([
    ['a wrong one', () => 'Bearer kradle_wrong'],
    ['one with something behind it', () => `Bearer ${server.token}x`],
    ['none', () => 'Bearer'],
    ['another scheme', () => `Digest ${server.token}`],
  ])('that is %s is refused, even beside a good cookie', async (_what, authorization) => {
    const response = await browse(info, { cookie: await signIn(), headers: { Authorization: authorization() } });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(await response.text()).not.toContain(server.token);
  });

  it('opens the metrics', async () => {
    const response = await server.fetch('/metrics');
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    expect(await response.text()).toMatch(/^kradle_http_request_duration_seconds_count\{method="GET",status="2xx"\} \d+$/m);
  });
});

describe('the sign-in link', () => {
  it('signs a browser in, once', async () => {
    const link = server.signInLink.slice(server.url.length);
    const first = await browse(link);
    expect(first.status).toBe(303);
    expect(first.headers.get('location')).toBe('/');
    expect(first.headers.get('cache-control')).toBe('no-store');
    const cookie = first.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/; HttpOnly(;|$)/);
    expect(cookie).toMatch(/; SameSite=Lax(;|$)/);
    expect(cookie).toMatch(/; Path=\/(;|$)/);
    expect(await (await browse(info, { cookie: cookieOf(first) })).json()).toMatchObject({ actor: { kind: 'user', name: 'admin' } });
    const second = await browse(link);
    expect(second.headers.get('location')).toBe('/sign-in?reason=link');
    expect(second.headers.get('set-cookie')).toBeNull();
  });

  it('leads to the page that was asked for', async () => {
    expect((await browse(await newLink('/o/default/runs?phase=Running#top'))).headers.get('location')).toBe('/o/default/runs?phase=Running#top');
  });

  it.each(['//evil.example/', 'https://evil.example/', '/\\evil.example', '\\\\evil.example', 'javascript:alert(1)', '/a\r\nSet-Cookie: x=y', ' //evil.example', '/\t/evil.example', ''])('does not lead to %j', async (next) => {
    const response = await browse(await newLink(next));
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/');
  });

  it('is not made for a run, nor for who is not signed in', async () => {
    const refused = await browse('/api/sign-in-links', { method: 'POST', body: {}, headers: { Authorization: `Bearer ${runToken()}` } });
    expect(refused.status).toBe(403);
    expect((await browse('/login?code=guess')).headers.get('location')).toBe('/sign-in?reason=link');
    expect((await browse('/login')).headers.get('location')).toBe('/sign-in');
  });

  it('ends with the server that printed it; a session does not', async () => {
    const cookie = await signIn();
    const link = await newLink();
    await server.restart();
    expect((await browse(link)).headers.get('location')).toBe('/sign-in?reason=link');
    expect((await browse(info, { cookie })).status).toBe(200);
  });
});

describe('a session', () => {
  it('is opened by the token and closed again', async () => {
    const opened = await browse('/api/session', { method: 'POST', body: { token: `${server.token}\n` } });
    expect(await opened.json()).toEqual({ signedIn: true, user: 'admin' });
    expect(opened.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax; Max-Age=2592000$/);
    const closed = await browse('/api/session', { method: 'DELETE', cookie: cookieOf(opened) });
    expect(await closed.json()).toEqual({ signedOut: true });
    expect(closed.headers.get('set-cookie')).toMatch(/^[^=]+=; .*Max-Age=0/);
  });

  it('is not opened by anything else', async () => {
    const attempt = (body: unknown) => browse('/api/session', { method: 'POST', body });
    expect((await attempt({ token: 'kradle_wrong' })).status).toBe(401);
    expect((await attempt({ token: runToken() })).status).toBe(401);
    const missing = await attempt({});
    expect([missing.status, await missing.json()]).toMatchObject([400, { error: { reasons: [{ field: 'token' }] } }]);
    expect((await attempt({ token: ['x'] })).status).toBe(400);
  });

  it('that was forged or cut is none', async () => {
    const [name = '', value = ''] = (await signIn()).split('=');
    const [payload = '', signature = ''] = value.split('.');
    const other = Buffer.from(JSON.stringify({ user: 'root', issuedAt: Date.now() })).toString('base64url');
    for (const forged of [`${other}.${signature}`, payload, `${payload}.`, `${value}x`, '', 'null.null']) {
      expect((await browse(info, { cookie: `${name}=${forged}` })).status, forged).toBe(401);
    }
  });

  it.each([['POST', '/api/orgs', { slug: 'by-evil' }], ['POST', '/trpc/orgs.create', { slug: 'by-evil' }], ['POST', '/api/session', {}], ['DELETE', '/api/session', undefined]])(
    'lets a page of another site do nothing by %s %s',
    async (method, path, body) => {
      const cookie = await signIn();
      const foreign: Record<string, string>[] = [{ Origin: 'http://evil.example' }, { Origin: 'null' }, { Origin: `${server.url}0` }, { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }];
      for (const headers of foreign) {
        const answer = await rawRequest(server.url + path, {
          method, headers: { Cookie: cookie, ...json, ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(path === '/api/session' ? { token: server.token } : body) }),
        });
        expect(answer.status, JSON.stringify(headers)).toBe(403);
        expect(answer.text).toContain('ORIGIN_NOT_ALLOWED');
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
      expect(await server.fetch('/api/orgs/by-evil/resources?kind=users')).toMatchObject({ status: 404 });
    },
  );

  it('works from a page of our own', async () => {
    const cookie = await signIn();
    const answer = await rawRequest(`${server.url}/api/orgs`, { method: 'POST', headers: { Cookie: cookie, ...json, Origin: server.url, 'Sec-Fetch-Site': 'same-origin' }, body: '{"slug":"by-console"}' });
    expect(answer.status).toBe(201);
  });
});

describe('a Host that is not ours', () => {
  it.each(['/', '/index.html', '/healthz', '/metrics', info, '/api/orgs/default/agents/events/stream', '/trpc/system.info', '/git/default/demo.git/info/refs?service=git-upload-pack'])('is refused on %s, token or not', async (path) => {
    const foreign: Record<string, string>[] = [{ Host: 'evil.example' }, { Host: 'evil.example', Authorization: `Bearer ${server.token}` }, { Host: `127.0.0.1.evil.example:${new URL(server.url).port}` }, { Host: '' }];
    for (const headers of foreign) {
      const answer = await rawRequest(server.url + path, { headers });
      expect(answer.status, JSON.stringify(headers)).toBe(403);
      // Git shows people plain text; every other client gets the code.
      expect(answer.text).toContain(path.startsWith('/git/') ? 'This server does not answer for the host' : 'HOST_NOT_ALLOWED');
      expect(answer.text).not.toContain('<html');
    }
  });

  it('does not use up a sign-in link', async () => {
    const link = await newLink();
    expect((await rawRequest(server.url + link, { headers: { Host: 'evil.example' } })).status).toBe(403);
    expect((await browse(link)).headers.get('location')).toBe('/');
  });

  it('is ours by each name of this machine, and links are made with the one that was used', async () => {
    const { port } = new URL(server.url);
    for (const name of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]']) {
      const answer = await rawRequest(server.url + info, { headers: { Host: `${name}:${port}`, Authorization: `Bearer ${server.token}` } });
      expect(answer.status, name).toBe(200);
      expect(JSON.parse(answer.text)).toMatchObject({ origin: `http://${name}:${port}`, gitBaseUrl: `http://${name}:${port}/git` });
    }
  });

  it('is ours when it was allowed, and behind a proxy links and cookies are those of the public address', async () => {
    await using proxied = await startServer({ env: { KRADLE_ALLOWED_HOSTS: 'kradle.test, other.test', KRADLE_PUBLIC_URL: 'https://kradle.example' } });
    const authorization = { Authorization: `Bearer ${proxied.token}` };
    expect((await rawRequest(proxied.url + info, { headers: { Host: 'other.test', ...authorization } })).status).toBe(200);
    const answer = await rawRequest(proxied.url + info, { headers: { Host: 'kradle.example', ...authorization } });
    expect(JSON.parse(answer.text)).toMatchObject({ origin: 'https://kradle.example' });
    expect(proxied.signInLink).toMatch(/^https:\/\/kradle\.example\/login\?code=/);
    const { search } = new URL(proxied.signInLink);
    const signedIn = await rawRequest(`${proxied.url}/login${search}`, { headers: { Host: 'kradle.example' } });
    expect(signedIn.headers['set-cookie']?.[0]).toMatch(/; Secure$/);
  });
});

describe('every answer', () => {
  it('carries a correlation id: the caller\'s own where it is harmless, and the one of the error body', async () => {
    const own = await server.fetch(info, { headers: { 'X-Correlation-Id': 'ticket-4711' } });
    expect(own.headers.get('x-correlation-id')).toBe('ticket-4711');
    const foreign = await server.fetch('/api/orgs/nowhere/resources?kind=users', { headers: { 'X-Correlation-Id': 'a b"<script>' } });
    const id = foreign.headers.get('x-correlation-id');
    expect(id).toMatch(/^kradle-[0-9a-f]{16}$/);
    expect(await foreign.json()).toMatchObject({ error: { correlationId: id } });
    expect((await browse('/')).headers.get('x-correlation-id')).toMatch(/^kradle-/);
  });

  it.each([
    ['POST', '/healthz', 'GET, HEAD'], ['PUT', '/api/session', 'POST, DELETE'], ['POST', '/metrics', 'GET'], ['DELETE', '/api/orgs', 'GET, POST'],
    ['POST', '/api/orgs/default/agents/events/stream', 'GET'], ['POST', '/api/user/tokens/x', 'DELETE'],
  ])('to %s %s is 405 with the methods that it takes', async (method, path, allow) => {
    const response = await server.fetch(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await response.json()).toMatchObject({ error: { code: 'METHOD_NOT_ALLOWED' } });
  });

  it('to a HEAD is that to its GET without the body', async () => {
    const response = await server.fetch('/api/orgs', { method: 'HEAD', headers: { 'Accept-Encoding': 'identity' } });
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100);
    expect(await response.text()).toBe('');
  });

  it('under the programs\' addresses is an error, not the console', async () => {
    for (const path of ['/api/nothing', '/git/default', '/git/default/demo.git/HEAD', '/trpc']) {
      const response = await server.fetch(path);
      expect(response.status, path).toBe(404);
      expect(response.headers.get('content-type')).not.toContain('html');
    }
  });
});

function runToken(): string {
  return createTokens({ keys: openKeyFile(join(server.dataDir, 'secret.key')), adminToken: server.token, now: () => Date.now() }).signRunToken({ org: 'default', run: 'some-run', attempt: '1' });
}
