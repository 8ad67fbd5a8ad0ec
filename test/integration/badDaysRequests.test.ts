import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually';
import { readSse } from '../harness/sseClient';
import { startServer, type TestServer } from '../harness/startServer';

const RESOURCES = '/api/orgs/default/resources';
const MIB = 1024 * 1024;
const json = { 'Content-Type': 'application/json' };

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const profile = (name: string) => ({ kind: 'AgentToolProfile', metadata: { name }, spec: { filesystemPolicy: 'full', approvalPolicyByTool: {} } });

/** The server still works, promptly. */
async function expectWell(): Promise<void> {
  const startedAt = performance.now();
  expect(await (await server.fetch('/healthz')).json()).toEqual({ ok: true, project: 'Kradle' });
  expect((await server.fetch(`${RESOURCES}?kind=users`)).status).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(server.log()).not.toContain('"level":60');
}

async function openSocket(): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  // Being cut off is what some of these are for.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Sends bytes and answers all that comes back until the server closes. */
async function exchange(bytes: string | Buffer): Promise<string> {
  const socket = await openSocket();
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).write(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

const head = (line: string, headers: Record<string, string> = {}) =>
  `${[line, `Host: ${new URL(server.url).host}`, `Authorization: Bearer ${server.token}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`;

describe('a body that is too large', () => {
  const inPieces = (sizeBytes: number) => {
    let left = sizeBytes;
    return new ReadableStream({
      pull(controller) {
        controller.enqueue(Buffer.alloc(Math.min(left, MIB), ' '));
        left -= MIB;
        if (left <= 0) controller.close();
      },
    });
  };

  it.each([
    ['that says so', RESOURCES, () => Buffer.alloc(17 * MIB, ' ')],
    ['of 100 MiB', RESOURCES, () => Buffer.alloc(100 * MIB, ' ')],
    ['that does not say how large it is', RESOURCES, () => inPieces(40 * MIB)],
    ['by tRPC', '/trpc/resources.applyResource', () => Buffer.alloc(17 * MIB, ' ')],
  ])('%s is refused, and the client gets to read why', async (_what, path, body) => {
    // Several times: an answer that is lost is lost now and then.
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const response = await server.fetch(path, { method: 'POST', headers: json, body: body(), duplex: 'half' });
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ error: { code: 'REQUEST_ENTITY_TOO_LARGE', message: 'The body is larger than 16384 KiB.' } });
    }
    await expectWell();
  });

  it('is not even sent by a client that asks first', async () => {
    const answer = await exchange(head(`POST ${RESOURCES} HTTP/1.1`, { ...json, 'Content-Length': String(1024 * MIB), Expect: '100-continue' }));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).not.toContain('100 Continue');
  });

  it('is refused before it is read when its sender is not signed in', async () => {
    const response = await fetch(server.url + RESOURCES, { method: 'POST', headers: json, body: Buffer.alloc(8 * MIB) });
    expect(response.status).toBe(401);
    const asked = await exchange(head(`POST ${RESOURCES} HTTP/1.1`, { ...json, 'Content-Length': '1000', Expect: '100-continue', Authorization: 'Bearer wrong' }).replace(/Authorization: Bearer kradle.*\r\n/, ''));
    expect(asked).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('does not become the next request', async () => {
    const smuggled = head('GET /api/orgs HTTP/1.1');
    const answer = await exchange(`${head('POST /healthz HTTP/1.1', { ...json, 'Content-Length': String(smuggled.length + 10) })}${smuggled}`);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 405']);
    expect(answer).not.toContain('organizations');
  });

  it('of an object is refused with the field, though it fits into a request', async () => {
    const response = await server.fetch(RESOURCES, { method: 'POST', headers: json, body: JSON.stringify({ ...profile('large'), metadata: { name: 'large', annotations: { note: 'x'.repeat(3 * MIB) } } }) });
    expect([response.status, await response.json()]).toMatchObject([422, { error: { reasons: [{ field: 'metadata.annotations' }] } }]);
  });
});

describe('a body that is wrong', () => {
  const deep = (open: string, close: string, depth: number) => `{"kind":"AgentToolProfile","metadata":{"name":"deep"},"spec":${open.repeat(depth)}1${close.repeat(depth)}}`;

  it.each([
    ['cut off', '{"kind":', 400], ['no JSON', 'kind: User', 400], ['a list', '[]', 400], ['a text', '"x"', 400], ['null', 'null', 400], ['nothing', '', 400], ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), 400],
    ['nested 100 deep', deep('{"a":', '}', 100), 400], ['nested 100,000 deep', deep('{"a":', '}', 100_000), 400], ['lists nested 100,000 deep', deep('[', ']', 100_000), 400], ['brackets without end', '['.repeat(5 * MIB), 400],
    ['a prototype', '{"kind":"User","metadata":{"name":"p","__proto__":{"admin":true}},"spec":{"displayName":"P","email":"p@example.com","__proto__":{"admin":true}},"constructor":{"prototype":{"x":1}}}', 422],
  ])('%s, is refused and harms nothing', async (_what, body, status) => {
    for (const path of [RESOURCES, '/trpc/resources.applyResource']) {
      const response = await server.fetch(path, { method: 'POST', headers: json, body });
      expect(response.status, path).toBe(path === RESOURCES ? status : 400);
      expect(JSON.stringify(await response.json())).not.toMatch(/\.js:\d+|at \w+ \(/);
    }
    expect((await server.fetch(`${RESOURCES}/users/p`)).status).toBe(404);
    await expectWell();
  });

  it('of characters that are none, is refused instead of stored with others in their place', async () => {
    const body = Buffer.concat([Buffer.from('{"kind":"User","metadata":{"name":"torn"},"spec":{"displayName":"'), Buffer.from([0xc3, 0x28, 0xed, 0xa0, 0x80]), Buffer.from('","email":"t@example.com"}}')]);
    const response = await server.fetch(RESOURCES, { method: 'POST', headers: json, body });
    expect([response.status, await response.json()]).toMatchObject([400, { error: { message: 'The body is not valid UTF-8' } }]);
    expect((await server.fetch(`${RESOURCES}/users/torn`)).status).toBe(404);
  });

  it('with the same key twice, counts the last one, as the other doors do', async () => {
    const body = JSON.stringify(profile('twice')).replace('"filesystemPolicy":"full"', '"filesystemPolicy":"none","filesystemPolicy":"full"');
    const response = await server.fetch(RESOURCES, { method: 'POST', headers: json, body });
    expect([response.status, await response.json()]).toMatchObject([201, { resource: { spec: { filesystemPolicy: 'full' } } }]);
  });

  it.each([['text/plain'], ['application/x-www-form-urlencoded'], ['multipart/form-data; boundary=x']])('because it is %s, is refused', async (type) => {
    const response = await server.fetch(RESOURCES, { method: 'POST', headers: { 'Content-Type': type }, body: JSON.stringify(profile('typed')) });
    expect([response.status, await response.json()]).toMatchObject([415, { error: { code: 'UNSUPPORTED_MEDIA_TYPE' } }]);
  });
});

describe('a name that is none', () => {
  const KUBE = '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default/agenttoolprofiles';

  it.each(['Upper', 'with space', 'under_score', '-start', 'end-', '.', '..', '../etc', 'a/b', '%2f', 'a%00b', 'ünï', '💥', 'a\nb', 'a\u0000b', '\ud800', ' ', 'x'.repeat(254), '__proto__', '*'])('%j is refused by every door, for the same reason', async (name) => {
    const send = async (path: string, body: unknown) => {
      const response = await server.fetch(path, { method: 'POST', headers: json, body: JSON.stringify(body) });
      return { status: response.status, body: (await response.json()) as Record<string, never> };
    };
    const rest = await send(RESOURCES, profile(name));
    const rpc = await send('/trpc/resources.applyResource', { org: 'default', resource: profile(name) });
    const kube = await send(KUBE, profile(name));
    const reason = { code: name.length > 253 ? 'FieldValueTooLong' : 'FieldValueInvalid', field: 'metadata.name' };
    expect([rest.status, rpc.status, kube.status]).toEqual([422, 422, 422]);
    expect(rest.body).toMatchObject({ error: { code: 'INVALID', reasons: [reason] } });
    expect(rpc.body).toMatchObject({ error: { data: { statusCode: 'INVALID' } } });
    expect(kube.body).toMatchObject({ kind: 'Status', reason: 'Invalid', details: { causes: [{ reason: reason.code, field: reason.field }] } });
    // A URL has no such segments: they are resolved before it is sent.
    if (name === '.' || name === '..') return;
    for (const path of [`${RESOURCES}/agenttoolprofiles/${encodeURIComponent(name.replace(/[\ud800-\udfff]/u, '\ufffd'))}`, `${KUBE}/${encodeURIComponent(name.replace(/[\ud800-\udfff]/u, '\ufffd'))}`]) {
      expect([400, 404]).toContain((await server.fetch(path)).status);
    }
  });
});

describe('a client that is slow, rude or gone', () => {
  it('is waited for while the others go on', async () => {
    const body = JSON.stringify(profile('slow'));
    const slow = await openSocket();
    const others = await Promise.all(Array.from({ length: 50 }, openSocket));
    for (const socket of [slow, ...others]) socket.write(`${head(`POST ${RESOURCES} HTTP/1.1`, { ...json, 'Content-Length': String(body.length) })}${body.slice(0, 10)}`);
    const headersOnly = await openSocket();
    headersOnly.write('GET / HTTP/1.1\r\nHost:');
    await expectWell();
    for (const byte of body.slice(10, 40)) slow.write(byte);
    const answered = once(slow, 'data');
    slow.write(body.slice(40));
    expect(String(await answered)).toMatch(/^HTTP\/1\.1 201 /);
    for (const socket of [slow, headersOnly, ...others]) socket.destroy();
    await expectWell();
  });

  it('that goes away in the middle of its body leaves nothing', async () => {
    const socket = await openSocket();
    socket.write(`${head(`POST ${RESOURCES} HTTP/1.1`, { ...json, 'Content-Length': '500' })}{"kind":"User","metadata":{"name":"half"`);
    socket.destroy();
    await expectWell();
    expect((await server.fetch(`${RESOURCES}/users/half`)).status).toBe(404);
  });

  it('that never reads its stream does not hold up the one that does', async () => {
    const deaf = await openSocket();
    deaf.pause().write(head('GET /api/orgs/default/agents/events/stream HTTP/1.1'));
    const abort = new AbortController();
    const reader = readSse(await server.fetch('/api/orgs/default/agents/events/stream', { signal: abort.signal }), abort);
    await reader.next();
    const write = (index: number, round: number) => server.api('POST', RESOURCES, { kind: 'User', metadata: { name: `told-${index}`, annotations: { round: String(round) } }, spec: { displayName: 'T', email: 't@example.com' } });
    for (let round = 0; round < 10; round += 1) await Promise.all(Array.from({ length: 20 }, (_, index) => write(index, round)));
    await server.api('POST', RESOURCES, profile('told-last'));
    const told = await reader.until(({ name }) => name === 'told-last');
    expect(told.length).toBeGreaterThan(200);
    await expectWell();
    deaf.destroy();
    reader.close();
  });

  it.each([
    ['garbage', Buffer.from('\x00\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 not HTTP at all\r\n\r\n', 'latin1'), 400],
    ['two lengths', 'POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    ['a length and pieces', 'POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['no Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    // Just over the 128 KiB of names and values that a request may carry, so that the server has read it all when it answers.
    ['headers without end', `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${`X-Flood: ${'y'.repeat(993)}\r\n`.repeat(132)}\r\n`, 431],
  ])('that sends %s is cut off', async (_what, bytes, status) => {
    expect(await exchange(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    await expectWell();
  });

  it('that begins TLS and goes on with garbage is told so in TLS, and cut off', async () => {
    const answer = Buffer.from(await exchange(Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 not TLS at all\r\n\r\n'.padEnd(600, '!'), 'latin1')), 'latin1');
    // RFC 8446, section 6: an alert, at the fatal level.
    expect([...answer.subarray(0, 1), ...answer.subarray(5, 6)]).toEqual([21, 2]);
    await expectWell();
  });

  it.each(['//evil.example/api/orgs', 'http://evil.example/api/orgs', '/api/../api/orgs', '/%2e%2e/%2e%2e/etc/passwd', '/assets/../../server/kradle.js', '/api/orgs/%00', '/\\..\\..\\etc\\passwd'])('that asks for %s gets nothing that is not its own', async (target) => {
    const answer = await exchange(head(`GET ${target} HTTP/1.1`, { Connection: 'close' }));
    expect(answer).toMatch(/^HTTP\/1\.1 (200|400|404) /);
    expect(answer).not.toMatch(/root:|createRequire|#!\/usr\/bin/);
  });
});

describe('many at once', () => {
  it('are all answered: 200 requests, reads and writes', async () => {
    const requests = Array.from({ length: 200 }, async (_, index) => {
      const response = index % 4 === 0
        ? await server.fetch(`${RESOURCES}?kind=users`)
        : index % 4 === 1
          ? await server.fetch(RESOURCES, { method: 'POST', headers: json, body: JSON.stringify(profile('contended')) })
          : await server.fetch(RESOURCES, { method: 'POST', headers: json, body: JSON.stringify(profile(`many-${index}`)) });
      return { index, status: response.status, text: await response.text() };
    });
    const answers = await Promise.all(requests);
    expect(answers.filter(({ status }) => status !== 200 && status !== 201)).toEqual([]);
    expect(answers.filter(({ index, status }) => index % 4 === 1 && status === 201)).toHaveLength(1);
    const { items } = await server.api<{ items: unknown[] }>('GET', `${RESOURCES}?kind=agenttoolprofiles&q=many-`);
    expect(items).toHaveLength(100);
  });

  it('that change one object lose nothing and learn of each other', async () => {
    await server.api('POST', RESOURCES, profile('counter'));
    const path = `${RESOURCES}/agenttoolprofiles/counter`;
    let conflicts = 0;
    const add = async (command: string) => {
      await eventually(command, async () => {
        const current = await server.api<{ metadata: object; spec: { allowedCommands?: string[] } }>('GET', path);
        const response = await server.fetch(path, { method: 'PUT', headers: json, body: JSON.stringify({ ...current, spec: { ...current.spec, allowedCommands: [...(current.spec.allowedCommands ?? []), command] } }) });
        await response.text();
        if (response.status === 409) conflicts += 1;
        return response.status === 200;
      });
    };
    await Promise.all(Array.from({ length: 10 }, (_, index) => add(`command-${index}`)));
    const { spec } = await server.api<{ spec: { allowedCommands: string[] } }>('GET', path);
    expect([...spec.allowedCommands].sort()).toEqual(Array.from({ length: 10 }, (_, index) => `command-${index}`));
    expect(conflicts).toBeGreaterThan(0);
  });
});
