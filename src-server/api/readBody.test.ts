import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readJson } from './readBody';

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
