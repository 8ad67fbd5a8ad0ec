import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createAddressGuard } from './safeAddress';
import { createSafeFetch } from './safeFetch';

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }))));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const fetch = createSafeFetch(createAddressGuard({ allow: ['127.0.0.1'] }));

describe('the client for URLs that people give', () => {
  it('asks, and answers what came', async () => {
    const url = await serve((req, res) => {
      req.setEncoding('utf8').on('data', (body: string) => res.writeHead(201, { 'x-seen': `${req.method} ${String(req.headers['x-given'])}` }).end(body.toUpperCase()));
    });
    const response = await fetch(url, { method: 'POST', headers: { 'x-given': 'yes' }, body: 'hello' });
    expect([response.status, response.headers.get('x-seen'), await response.text()]).toEqual([201, 'POST yes', 'HELLO']);
  });

  it('connects to nothing that the guard refuses, by name, by number, or by redirect', async () => {
    let asked = 0;
    const inside = await serve((_req, res) => { asked += 1; res.end('secret'); });
    const port = new URL(inside).port;
    const strict = createSafeFetch(createAddressGuard({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] }));
    for (const url of [inside, `http://example.org:${port}`, `http://[::ffff:127.0.0.1]:${port}`]) await expect(strict(url)).rejects.toMatchObject({ details: { code: 'ADDRESS_NOT_ALLOWED' } });
    // The first address is allowed; where it sends to is not.
    const redirecting = await serve((_req, res) => res.writeHead(302, { location: `http://127.0.0.2:${port}/` }).end());
    await expect(fetch(redirecting, { maxRedirects: 3 })).rejects.toMatchObject({ details: { code: 'ADDRESS_NOT_ALLOWED' } });
    expect(asked).toBe(0);
  });

  it('connects to the address that was checked, whatever the name leads to by then', async () => {
    let asked = 0;
    const inside = await serve((_req, res) => { asked += 1; res.end('secret'); });
    let answers = 0;
    const rebinding = createSafeFetch(createAddressGuard({ resolve: async () => [{ address: (answers += 1) === 1 ? '1.1.1.1' : '127.0.0.1', family: 4 }] }));
    await expect(rebinding(`http://example.org:${new URL(inside).port}`)).rejects.toMatchObject({ details: { code: 'ADDRESS_NOT_ALLOWED' } });
    expect(asked).toBe(0);
  });

  it('follows no redirect unless asked to, and takes no credentials along to another origin', async () => {
    const target = await serve((req, res) => res.end(`${req.method} ${req.headers.authorization ?? 'nobody'}`));
    const first = await serve((_req, res) => res.writeHead(303, { location: target }).end());
    expect((await fetch(first)).status).toBe(303);
    const followed = await fetch(first, { method: 'POST', body: 'x', headers: { Authorization: 'Bearer secret' }, maxRedirects: 1 });
    expect(await followed.text()).toBe('GET nobody');
  });

  it('ends what is too large, too slow, or nothing that it speaks', async () => {
    const large = await serve((_req, res) => res.end('x'.repeat(2000)));
    await expect(fetch(large, { maxBytes: 1000 })).rejects.toMatchObject({ details: { code: 'ANSWER_TOO_LARGE' } });
    const silent = await serve(() => undefined);
    await expect(fetch(silent, { timeoutMs: 50 })).rejects.toMatchObject({ reason: 'Timeout' });
    await expect(fetch('file:///etc/passwd')).rejects.toMatchObject({ details: { code: 'URL_NOT_ALLOWED' } });
    await expect(fetch('http://127.0.0.1:1/')).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  });
});
