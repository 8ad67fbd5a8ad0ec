import { request } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../harness/startServer';
import { createWatchClient } from '../harness/watchClient';

interface Status {
  readonly kind: string;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: { readonly causes?: readonly { readonly field?: string; readonly message: string }[] };
}

const LABELS = '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default/agentcontextlabels';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const label = (metadata: unknown, spec: Record<string, unknown> = {}) => ({ metadata, spec: { displayName: 'x', promptFragment: 'y', allowedSources: [], ...spec } });

/** A body that is not JSON. */
interface Typed {
  readonly type: string;
  readonly body: string | Uint8Array;
}

const yaml = (body: string | Uint8Array): Typed => ({ type: 'application/yaml', body });
const jsonPatch = (body: string): Typed => ({ type: 'application/json-patch+json', body });
const mergePatch = (body: string): Typed => ({ type: 'application/merge-patch+json', body });
const applyPatch = (body: string): Typed => ({ type: 'application/apply-patch+yaml', body });

async function send(method: string, path: string, content?: string | Uint8Array | Typed): Promise<{ status: number; body: Status }> {
  const { type, body } = typeof content === 'object' && 'type' in content ? content : { type: 'application/json', body: content };
  const response = await server.fetch(path, { method, ...(body === undefined ? {} : { body: body as string, headers: { 'Content-Type': type } }) });
  return { status: response.status, body: (await response.json()) as Status };
}

/** Whatever was sent, the server is there and tells what was wrong with it. */
async function expectRefusal(answer: { status: number; body: Status }, status: number | readonly number[]): Promise<void> {
  expect([status].flat()).toContain(answer.status);
  expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', code: answer.status, message: expect.stringMatching(/./) });
  expect((await server.fetch(LABELS)).status).toBe(200);
}

describe('bodies', () => {
  it('of 10 MB are refused, announced or not', async () => {
    const huge = JSON.stringify(label({ name: 'huge' }, { promptFragment: 'x'.repeat(10 * 1024 * 1024) }));
    await expectRefusal(await send('POST', LABELS, huge), 413);
    await expectRefusal(await sendChunked(LABELS, huge), 413);
    for (const patch of [jsonPatch, mergePatch, applyPatch]) await expectRefusal(await send('PATCH', `${LABELS}/huge?fieldManager=a`, patch(huge)), 413);
    await expectRefusal(await send('DELETE', LABELS, huge), 413);
    await expectRefusal(await send('POST', LABELS, yaml('a: b\n'.repeat(500_000))), 413);
    const large = JSON.stringify(label({ name: 'large', annotations: { a: 'x'.repeat(2 * 1024 * 1024) } }));
    await expectRefusal(await send('POST', LABELS, large), [413, 422]);
  });

  it('that are nested deep are refused before anything recurses into them', async () => {
    const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
    for (const depth of [200, 100_000]) {
      await expectRefusal(await send('POST', LABELS, nested('[', ']', depth)), 400);
      await expectRefusal(await send('POST', LABELS, `{"spec":${'{"a":'.repeat(depth)}1${'}'.repeat(depth + 1)}`), 400);
      await expectRefusal(await send('PATCH', `${LABELS}/deep`, mergePatch(`{"spec":${'{"a":'.repeat(depth)}1${'}'.repeat(depth + 1)}`)), 400);
      await expectRefusal(await send('POST', LABELS, yaml(nested('[', ']', depth))), 400);
      await expectRefusal(await send('POST', LABELS, yaml(`${'- '.repeat(depth)}a`)), 400);
    }
  });

  it('whose YAML explodes are refused', async () => {
    const laughs = ['a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]', ...[...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(', ')}]`)].join('\n');
    await expectRefusal(await send('POST', LABELS, yaml(laughs)), 400);
    await expectRefusal(await send('PATCH', `${LABELS}/a?fieldManager=a`, applyPatch(laughs)), 400);
    await expectRefusal(await send('POST', LABELS, yaml('a: &a [*a, *a]')), 400);
  });

  it('that are no UTF-8, no JSON, no object or nothing are refused', async () => {
    await expectRefusal(await send('POST', LABELS, Buffer.concat([Buffer.from('{"metadata":{"name":"a'), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}}')])), 400);
    await expectRefusal(await send('POST', LABELS, yaml(Buffer.from([0xed, 0xa0, 0x80]))), 400);
    for (const body of ['{', '{"a":}', "{'a':1}", '[]', '1', '"a"', 'null', 'NaN', '{"metadata":[]}', '{"metadata":"a"}', '{"metadata":{"name":7}}', '{"metadata":{"name":"a","labels":[]}}', '{"metadata":{"name":"a"},"spec":[]}', '\u0000']) {
      await expectRefusal(await send('POST', LABELS, body), [400, 422]);
    }
    await expectRefusal(await send('POST', LABELS), [400, 415]);
  });

  it('with keys that stand twice are refused when they should be strict', async () => {
    const twice = '{"metadata":{"name":"twice"},"spec":{"displayName":"a","displayName":"b","promptFragment":"y","allowedSources":[]}}';
    const answer = await send('POST', `${LABELS}?fieldValidation=Strict`, twice);
    await expectRefusal(answer, 400);
    expect(answer.body.message).toBe('strict decoding error: json: duplicate field "spec.displayName"');
  });

  it('cannot reach a prototype', async () => {
    for (const body of ['{"__proto__":{"polluted":1},"metadata":{"name":"p"}}', '{"metadata":{"name":"p","__proto__":{"polluted":1}}}', '{"metadata":{"name":"p"},"spec":{"__proto__":{"displayName":"x"},"constructor":{"prototype":{"polluted":1}}}}']) {
      await expectRefusal(await send('POST', `${LABELS}?fieldValidation=Strict`, body), [400, 422]);
    }
    await send('POST', LABELS, JSON.stringify(label({ name: 'proto' })));
    for (const path of ['/__proto__/polluted', '/spec/__proto__/polluted', '/constructor/prototype/polluted', '/metadata/labels/__proto__']) {
      await expectRefusal(await send('PATCH', `${LABELS}/proto?fieldValidation=Strict`, jsonPatch(JSON.stringify([{ op: 'add', path, value: 1 }]))), [400, 422]);
    }
    expect(Object.keys((await (await server.fetch(`${LABELS}/proto`)).json() as { spec: object }).spec).sort()).toEqual(['allowedSources', 'displayName', 'organizationRef', 'promptFragment', 'requiresReview']);
  });
});

describe('names', () => {
  it.each(['Upper', 'with space', 'with_underscore', '-start', 'end-', '.', '..', 'a/b', 'a\\b', 'a%2fb', 'ünï', '💥', 'a\nb', 'a\u0000b', 'x'.repeat(254), '', ' ', '*', "'; drop table object; --"])('refuses to create %j', async (name) => {
    await expectRefusal(await send('POST', LABELS, JSON.stringify(label({ name }))), [400, 422]);
  });

  it.each(['Upper', 'with space', '-start', 'a/b', 'ünï', '💥', 'a\u0000b', 'x'.repeat(300), '__proto__', 'constructor', '%'])('has nothing at %j', async (name) => {
    const path = `${LABELS}/${encodeURIComponent(name)}`;
    await expectRefusal(await send('GET', path), [400, 404]);
    await expectRefusal(await send('DELETE', path), [400, 404]);
    await expectRefusal(await send('PATCH', path, mergePatch('{}')), [400, 404]);
  });

  it('refuses namespaces, kinds and prefixes of names in the same way', async () => {
    for (const namespace of ['Upper', 'a b', '💥', '__proto__', 'kradle-org-', 'kradle-org-..', 'x'.repeat(300)]) {
      await expectRefusal(await send('GET', LABELS.replace('kradle-org-default', encodeURIComponent(namespace))), [400, 404]);
    }
    for (const plural of ['constructor', '__proto__', 'toString', '%20']) await expectRefusal(await send('GET', LABELS.replace('agentcontextlabels', plural)), 404);
    for (const plural of ['constructor', '__proto__', 'pods']) await expectRefusal(await send('GET', `/api/v1/${plural}`), 404);
    await expectRefusal(await send('POST', LABELS, JSON.stringify(label({ generateName: 'Not A Prefix' }))), 422);
    await expectRefusal(await send('GET', `${LABELS}/%ff`), 400);
  });
});

describe('parsers', () => {
  const unit = fc.constantFrom('a', '=', '!', ',', '(', ')', ' ', 'in', 'notin', '.', '\\', '[', ']', '/', '-', '\u0000', '%', '"', '💥', '0', '9');
  const text = fc.oneof(fc.string({ unit, maxLength: 40 }), fc.string({ maxLength: 40 }));

  it('of queries answer a page or a refusal', async () => {
    const name = fc.constantFrom('labelSelector', 'fieldSelector', 'continue', 'resourceVersion', 'limit', 'resourceVersionMatch', 'includeObject');
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(name, text), { minLength: 1, maxLength: 3 }), async (entries) => {
      const response = await server.fetch(`${LABELS}?${new URLSearchParams(entries).toString()}`);
      expect([200, 400, 410, 422, 504]).toContain(response.status);
      await response.json();
    }), { numRuns: 200 });
  });

  it('of patches answer an object or a refusal', async () => {
    await send('POST', LABELS, JSON.stringify(label({ name: 'patched' })));
    const pointer = fc.array(fc.constantFrom('spec', 'metadata', 'labels', 'name', 'displayName', 'allowedSources', '-', '0', '01', '~0', '~1', '~2', '', '__proto__'), { maxLength: 4 }).map((parts) => parts.map((part) => `/${part}`).join(''));
    const operation = fc.record({ op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'boom'), path: pointer, from: pointer, value: fc.jsonValue({ maxDepth: 2 }) }, { requiredKeys: ['op'] });
    await fc.assert(fc.asyncProperty(fc.oneof(fc.array(operation, { maxLength: 4 }), fc.jsonValue({ maxDepth: 2 })), async (patch) => {
      const json = await send('PATCH', `${LABELS}/patched?dryRun=All`, jsonPatch(JSON.stringify(patch)));
      expect([200, 400, 409, 422]).toContain(json.status);
      const merge = await send('PATCH', `${LABELS}/patched?dryRun=All`, mergePatch(JSON.stringify(patch)));
      expect([200, 400, 403, 409, 422]).toContain(merge.status);
      const apply = await send('PATCH', `${LABELS}/patched?dryRun=All&fieldManager=fuzz&force=true`, applyPatch(JSON.stringify(patch)));
      expect([200, 400, 403, 409, 422]).toContain(apply.status);
    }), { numRuns: 150 });
  });

  it('of YAML answer an object or a refusal', async () => {
    await fc.assert(fc.asyncProperty(fc.string({ unit: fc.constantFrom('a', ':', ' ', '-', '\n', '&', '*', '[', '{', '"', '|', '!', '<', '\t', '#'), maxLength: 60 }), async (source) => {
      expect([400, 403, 422]).toContain((await send('POST', LABELS, yaml(source))).status);
    }), { numRuns: 150 });
  });
});

describe('crowds', () => {
  it('1,000 increments of one object by racing clients are all counted', async () => {
    await send('POST', LABELS, JSON.stringify(label({ name: 'counter', annotations: { count: '0' } })));
    const path = `${LABELS}/counter`;
    const increment = async (): Promise<void> => {
      for (;;) {
        const object = (await (await server.fetch(path)).json()) as { metadata: { annotations: { count: string } } };
        object.metadata.annotations.count = String(Number(object.metadata.annotations.count) + 1);
        const { status } = await send('PUT', path, JSON.stringify(object));
        if (status === 200) return;
        expect(status).toBe(409);
      }
    };
    let left = 1000;
    await Promise.all(Array.from({ length: 6 }, async () => {
      while (left-- > 0) await increment();
    }));
    expect((await (await server.fetch(path)).json() as { metadata: { annotations: { count: string } } }).metadata.annotations.count).toBe('1000');
  });

  it('a client that stops reading its watch keeps nobody from theirs', async () => {
    await send('POST', LABELS, JSON.stringify(label({ name: 'loud' })));
    const { metadata } = (await (await server.fetch(LABELS)).json()) as { metadata: { resourceVersion: string } };
    const path = `${LABELS}?watch=true&resourceVersion=${metadata.resourceVersion}`;
    const silent = Array.from({ length: 5 }, () => {
      const { port } = new URL(server.url);
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${server.token}\r\n\r\n`);
      return socket.pause();
    });
    await using watch = await createWatchClient(server.url, { Authorization: `Bearer ${server.token}` }).open(path);
    const events = watch.take(60);
    for (let change = 0; change < 60; change += 1) {
      expect((await send('PATCH', `${LABELS}/loud`, mergePatch(JSON.stringify({ metadata: { annotations: { noise: `${change}${'x'.repeat(200_000)}` } } })))).status).toBe(200);
    }
    expect((await events).map(({ object }) => parseInt(object.metadata.annotations.noise as string, 10))).toEqual(Array.from({ length: 60 }, (_, index) => index));
    for (const socket of silent) socket.destroy();
  });
});

/** Sends a body that does not say how long it is. */
async function sendChunked(path: string, body: string): Promise<{ status: number; body: Status }> {
  const outgoing = request(server.url + path, { method: 'POST', headers: { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' } });
  const answered = new Promise<{ status: number; body: Status }>((resolve, reject) => {
    outgoing.once('response', (incoming) => {
      json(incoming).then((answer) => resolve({ status: incoming.statusCode ?? 0, body: answer as Status }), reject);
    });
    // The server need not read what it has refused already.
    outgoing.once('error', reject);
  });
  for (let at = 0; at < body.length && !outgoing.destroyed; at += 65_536) outgoing.write(body.slice(at, at + 65_536));
  outgoing.end();
  return answered;
}
