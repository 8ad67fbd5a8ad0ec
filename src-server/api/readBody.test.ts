import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readJson } from './readBody';
import { sendError, sendJson } from './respond';
import { toStatusError } from './rest';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function incoming(headers: Record<string, string> = {}): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { headers }) as unknown as PassThrough & IncomingMessage;
}

describe('readJson', () => {
  it('reads what arrives in pieces, also through the middle of a letter', async () => {
    const req = incoming();
    const read = readJson(req, 100);
    const bytes = Buffer.from('{"name":"Zoë"}');
    for (const byte of bytes) req.write(Buffer.of(byte));
    req.end();
    expect(await read).toEqual({ name: 'Zoë' });
  });

  it('gives up a client that drips, after two minutes', async () => {
    const req = incoming();
    const read = expect(readJson(req, 100)).rejects.toMatchObject({ reason: 'BadRequest', code: 'REQUEST_TIMEOUT' });
    for (let second = 0; second < 120; second += 10) {
      req.write(' ');
      await vi.advanceTimersByTimeAsync(10_000);
    }
    await read;
    // The connection still has the answer to carry.
    expect(req.destroyed).toBe(false);
  });

  it('refuses a body as soon as it is too large, said or not, and reads no further', async () => {
    await expect(readJson(incoming({ 'content-length': '101' }), 100)).rejects.toMatchObject({ reason: 'RequestEntityTooLarge' });
    const req = incoming({ 'transfer-encoding': 'chunked' });
    const read = expect(readJson(req, 100)).rejects.toMatchObject({ reason: 'RequestEntityTooLarge' });
    req.write(Buffer.alloc(101));
    await read;
    expect([req.isPaused(), req.destroyed]).toEqual([true, false]);
  });

  it('tells a body that was cut off from one that is complete', async () => {
    const req = incoming();
    const read = expect(readJson(req, 100)).rejects.toMatchObject({ reason: 'BadRequest', message: 'The connection closed before the body was complete.' });
    req.write('{"name":');
    req.destroy();
    await read;
  });

  it.each([[undefined, ''], ['application/json; charset=utf-8', ' {}'], ['application/merge-patch+json', '{}']])('takes %s', async (type, body) => {
    const req = incoming(type === undefined ? {} : { 'content-type': type });
    const read = readJson(req, 100);
    req.end(body);
    expect(await read).toEqual({});
  });

  it.each([['text/plain', '{}', 'UnsupportedMediaType'], ['application/json', '{', 'BadRequest']])('refuses %s %j', async (type, body, reason) => {
    const req = incoming({ 'content-type': type });
    const read = expect(readJson(req, 100)).rejects.toMatchObject({ reason });
    req.end(body);
    await read;
  });
});

describe('over a connection', () => {
  beforeEach(() => void vi.useRealTimers());

  const post = (body: string) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  /** Answers what comes back to each of these packets before the next is sent. */
  async function converse(packets: readonly string[]): Promise<string[]> {
    const server = createServer((req, res) => {
      // As behind a sign-in: by then the parser has handed over what came with the headers.
      Promise.resolve()
        .then(() => readJson(req, 1000))
        .then((body) => sendJson(res, 200, body), (error: unknown) => sendError(res, toStatusError(error), { correlationId: 'c', as: 'text' }));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const answers: string[] = [];
    for (const packet of packets) {
      socket.write(packet);
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      answers.push(chunk.toString());
    }
    return answers;
  }

  it('takes a body that comes with its headers, and the next request', async () => {
    const answers = await converse([post('{"a":1}'), post('{"b":2}'), post('{"c":3}')]);
    expect(answers.map((answer) => answer.slice(answer.indexOf('\r\n\r\n') + 4))).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
  });

  it('goes on with the connection of who sent what cannot be read, for nothing is left of it', async () => {
    const [refused, answered] = await converse([post('{'), post('{"a":1}')]);
    expect(refused).toMatch(/^HTTP\/1\.1 400 /);
    expect(refused).not.toContain('Connection: close');
    expect(answered).toMatch(/\{"a":1\}$/);
  });
});
