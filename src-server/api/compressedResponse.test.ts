import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { acceptsGzip } from './acceptEncoding';
import { CompressedResponse } from './compressedResponse';
import { sendJson } from './respond';

const LONG = { items: Array.from({ length: 200 }, (_, index) => ({ name: `object-${index}` })) };
let server: Server;
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function serve(listener: RequestListener): Promise<number> {
  server = createServer({ ServerResponse: CompressedResponse }, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The bytes as they travel: fetch would unpack them. */
async function get(listener: RequestListener, opts: { encoding?: string; method?: string } = {}): Promise<{ status: number | undefined; headers: IncomingHttpHeaders; bytes: Buffer }> {
  const port = await serve(listener);
  const req = request({ port, host: '127.0.0.1', method: opts.method ?? 'GET', headers: { 'Accept-Encoding': opts.encoding ?? 'gzip' } }).end();
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  return { status: res.statusCode, headers: res.headers, bytes: Buffer.concat((await res.toArray()) as Buffer[]) };
}

describe('an answer', () => {
  it('is compressed when it is text of some size', async () => {
    const { headers, bytes } = await get((_req, res) => sendJson(res, 200, LONG));
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding', 'content-type': 'application/json; charset=utf-8' });
    expect(headers['content-length']).toBeUndefined();
    expect(bytes.length).toBeLessThan(JSON.stringify(LONG).length / 3);
    expect(JSON.parse(gunzipSync(bytes).toString())).toEqual(LONG);
  });

  it.each([['identity'], ['gzip;q=0'], ['br']])('is left as it is for a client that takes %s, and says on what that hangs', async (encoding) => {
    const { headers, bytes } = await get((_req, res) => sendJson(res, 200, LONG), { encoding });
    expect(headers).toMatchObject({ vary: 'Accept-Encoding', 'content-length': String(bytes.length) });
    expect(headers['content-encoding']).toBeUndefined();
    expect(JSON.parse(bytes.toString())).toEqual(LONG);
  });

  it('is left as it is when it is small, is said to be or turns out to be', async () => {
    expect((await get((_req, res) => sendJson(res, 201, { ok: true }))).headers).toMatchObject({ 'content-length': '11' });
    const { headers, bytes } = await get((_req, res) => void res.setHeader('Content-Type', 'text/plain').end('small'));
    expect(headers['content-encoding']).toBeUndefined();
    expect(bytes.toString()).toBe('small');
  });

  it('of one small piece that does not say so is left as it is, too; of several it is compressed whole', async () => {
    const alone = await get((_req, res) => {
      res.setHeader('Content-Type', 'application/json').write('{"a":1}');
      res.end();
    });
    expect(alone.headers['content-encoding']).toBeUndefined();
    expect(alone.bytes.toString()).toBe('{"a":1}');
    const several = await get((_req, res) => {
      res.setHeader('Content-Type', 'application/json').write('[1');
      res.write(','.padEnd(3000));
      res.end('2]');
    });
    expect(several.headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(several.bytes).toString())).toEqual([1, 2]);
  });

  it.each<[string, Record<string, string>, number]>([
    ['a stream of events', { 'Content-Type': 'text/event-stream; charset=utf-8' }, 200],
    ['a watch', { 'Content-Type': 'application/json', 'X-Accel-Buffering': 'no' }, 200],
    ['lines of JSON as they come', { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' }, 200],
    ['a pack', { 'Content-Type': 'application/x-git-upload-pack-result' }, 200],
    ['a picture', { 'Content-Type': 'image/png' }, 200],
    ['what is protected', { 'Content-Type': 'text/plain', 'Cache-Control': 'public, no-transform' }, 200],
    ['a part', { 'Content-Type': 'text/plain', 'Content-Range': 'bytes 0-3/9' }, 206],
  ])('is left as it is when it is %s', async (_what, head, status) => {
    const { headers, bytes } = await get((_req, res) => {
      res.writeHead(status, head);
      res.write('x'.repeat(5000));
      res.end();
    });
    expect(headers['content-encoding']).toBeUndefined();
    expect(bytes.length).toBe(5000);
  });

  it('is left as it is when its bytes were chosen before', async () => {
    const packed = Buffer.alloc(4000, 7);
    const { headers, bytes } = await get((_req, res) => void res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', 'Content-Length': packed.length }).end(packed));
    expect(headers['content-length']).toBe('4000');
    expect(bytes.equals(packed)).toBe(true);
  });

  it('keeps what it varies on, and its tag becomes a weak one', async () => {
    const { headers } = await get((_req, res) => void res.setHeader('Vary', 'Accept').writeHead(200, 'Fine', { 'Content-Type': 'application/json', ETag: '"abc"' }).end(JSON.stringify(LONG)));
    expect(headers).toMatchObject({ vary: 'Accept, Accept-Encoding', etag: 'W/"abc"', 'content-encoding': 'gzip' });
  });

  it('is not sent again to who has it, by the weak tag', async () => {
    const port = await serve((req, res) => {
      res.setHeader('ETag', '"abc"').setHeader('Content-Type', 'text/plain');
      if (req.headers['if-none-match'] === '"abc"') res.writeHead(304).end();
      else res.end('x'.repeat(5000));
    });
    const first = await fetch(`http://127.0.0.1:${port}`);
    const tag = first.headers.get('etag') ?? '';
    expect([tag, (await first.text()).length]).toEqual(['W/"abc"', 5000]);
    expect((await fetch(`http://127.0.0.1:${port}`, { headers: { 'If-None-Match': tag } })).status).toBe(304);
  });

  it('of HEAD has the headers of GET', async () => {
    const { headers, bytes } = await get((_req, res) => sendJson(res, 200, LONG), { method: 'HEAD' });
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(bytes.length).toBe(0);
  });

  it('that goes on as things happen is not held back, however small its first piece', async () => {
    const port = await serve((_req, res) => void res.setHeader('Content-Type', 'text/event-stream').write('data: 1\n\n'));
    const req = request({ port, host: '127.0.0.1', headers: { 'Accept-Encoding': 'gzip' } }).end();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    const [chunk] = (await once(res, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('data: 1\n\n');
    req.destroy();
  });

  it('in pieces is made no faster than it is read', async () => {
    const piece = Buffer.alloc(64 * 1024);
    let made = 0;
    // Bytes of chance: what cannot be made smaller fills every buffer on the way.
    const source = async function* () {
      for (; made < 2000; made += 1) yield crypto.getRandomValues(piece);
    };
    const port = await serve((_req, res) => {
      res.setHeader('Content-Type', 'text/plain');
      pipeline(Readable.from(source()), res).catch(() => undefined);
    });
    const req = request({ port, host: '127.0.0.1', headers: { 'Accept-Encoding': 'gzip' } }).end();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    let before = -1;
    while (made !== before) {
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(made).toBeLessThan(1000);
    let bytes = 0;
    for await (const chunk of res) bytes += (chunk as Buffer).length;
    expect(made).toBe(2000);
    expect(bytes).toBeGreaterThan(100_000_000);
  });
});

describe('what a client accepts', () => {
  it.each([
    ['gzip, deflate, br', true], ['gzip;q=0.5', true], ['*', true], ['br, *;q=0.1', true], ['GZIP', true],
    [undefined, false], ['', false], ['br', false], ['gzip;q=0, *', false], ['gzip; q=0.0', false], ['identity', false],
  ])('%s: %s', (header, expected) => expect(acceptsGzip(header)).toBe(expected));
});
