import { once } from 'node:events';
import { request, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { git } from '../harness/git';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

let server: TestServer;
let ca: string;

beforeAll(async () => {
  server = await startServer();
  const { code } = await server.cli(['kubeconfig']);
  expect(code).toBe(0);
  ca = await readFile(join(server.dataDir, 'tls', 'ca.pem'), 'utf8');
});
afterAll(() => server[Symbol.asyncDispose]());

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function open(path: string, opts: RequestOptions & { body?: string } = {}): Promise<IncomingMessage> {
  const { body, ...rest } = opts;
  const req = request(`${server.url.replace('http:', 'https:')}${path}`, { ca, ...rest });
  req.end(body);
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  return res;
}

async function ask(path: string, opts: RequestOptions & { body?: string } = {}): Promise<Answer> {
  const res = await open(path, opts);
  return { status: res.statusCode, headers: res.headers, body: await text(res) };
}

it('signs a browser in with a cookie that only https carries, and lets only its own pages change things', async () => {
  const origin = server.url.replace('http:', 'https:');
  const signIn = await ask('/api/session', { method: 'POST', body: JSON.stringify({ token: server.token }), headers: { origin, 'content-type': 'application/json' } });
  expect(signIn.status).toBe(200);
  const cookie = signIn.headers['set-cookie']?.[0] ?? '';
  expect(cookie).toMatch(/^__Host-kradle_session_\d+=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/);
  const headers = { cookie: cookie.split(';')[0], 'content-type': 'application/json' };
  expect((await ask('/api/orgs/default/resources?kind=repositories', { headers })).status).toBe(200);
  const create = { method: 'POST', body: JSON.stringify({ name: 'over-https' }) };
  expect((await ask('/api/orgs/default/repositories', { ...create, headers: { ...headers, origin: server.url } })).status).toBe(403);
  expect((await ask('/api/orgs/default/repositories', { ...create, headers: { ...headers, origin } })).status).toBeLessThan(300);
  const link = await ask('/api/sign-in-links', { method: 'POST', body: '{}', headers: { ...headers, origin } });
  expect((JSON.parse(link.body) as { url: string }).url).toMatch(new RegExp(`^${origin}/login\\?code=`));
});

it('takes a push and gives a clone over https', async () => {
  await using folder = await tempDir();
  await server.api('POST', '/api/orgs/default/repositories', { name: 'secure' });
  const url = server.gitUrl('secure').replace('http:', 'https:');
  const env = { GIT_SSL_CAINFO: join(server.dataDir, 'tls', 'ca.pem') };
  const source = join(folder.path, 'source');
  await mkdir(source);
  await git(['init', '-q'], { cwd: source });
  // More than git sends at once, so that it asks with "Expect: 100-continue" and sends in chunks.
  await writeFile(join(source, 'big.txt'), Array.from({ length: 40_000 }, (_, i) => `${i} ${Math.random()}\n`).join(''));
  await git(['add', '.'], { cwd: source });
  await git(['commit', '-q', '-m', 'first'], { cwd: source });
  await git(['push', '-q', url, 'main'], { cwd: source, env });
  await git(['clone', '-q', url, 'clone'], { cwd: folder.path, env });
  expect(await readFile(join(folder.path, 'clone', 'big.txt'), 'utf8')).toBe(await readFile(join(source, 'big.txt'), 'utf8'));
});

it('streams changes over https', async () => {
  const input = { topics: [{ id: 'all', type: 'resources', org: 'default', kind: 'repositories' }] };
  const res = await open(`/trpc/live.stream?input=${encodeURIComponent(JSON.stringify(input))}`, { headers: { authorization: `Bearer ${server.token}`, accept: 'text/event-stream' } });
  expect(res.headers['content-type']).toContain('text/event-stream');
  let heard = '';
  for await (const chunk of res) {
    const before = heard;
    heard += String(chunk);
    if (!before.includes('"ready"') && heard.includes('"ready"')) await server.api('POST', '/api/orgs/default/repositories', { name: 'streamed' });
    if (heard.includes('"name":"streamed"')) break;
  }
  expect(heard).toContain('"event":"ADDED"');
});

it('serves plain HTTP when the certificate cannot be stored', async () => {
  await using folder = await tempDir();
  const dataDir = join(folder.path, 'data');
  await mkdir(dataDir, { mode: 0o700 });
  // A file where the folder should be: like a full disk, it takes nothing.
  await writeFile(join(dataDir, 'tls'), '');
  await using blocked = await startServer({ dataDir });
  expect((await blocked.cli(['kubeconfig'])).code).toBe(3);
  expect((await blocked.fetch('/healthz')).status).toBe(200);
  expect(blocked.log()).toContain('cannot serve TLS');
});

it('keeps its certificate over a restart, and takes rights away that a backup gave', async () => {
  const before = await readFile(join(server.dataDir, 'tls', 'server.pem'), 'utf8');
  await chmod(join(server.dataDir, 'tls', 'server.key'), 0o644);
  await server.restart();
  expect((await ask('/healthz')).status).toBe(200);
  expect(await readFile(join(server.dataDir, 'tls', 'server.pem'), 'utf8')).toBe(before);
  await rm(join(server.dataDir, 'tls', 'server.pem'));
  await server.restart();
  expect((await ask('/healthz')).status).toBe(200);
  expect(await readFile(join(server.dataDir, 'tls', 'server.pem'), 'utf8')).not.toBe(before);
});
