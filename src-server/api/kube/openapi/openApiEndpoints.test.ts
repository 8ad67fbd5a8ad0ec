import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKubeDoor, type KubeDoor } from '../../../../test/harness/kubeDoor';

const PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

let door: KubeDoor;
beforeAll(async () => {
  door = await startKubeDoor();
});
afterAll(() => door[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) => fetch(door.url + path, { headers, redirect: 'manual' });

async function addressOf(path: string): Promise<string> {
  const { paths } = (await (await get('/openapi/v3')).json()) as { paths: Record<string, { serverRelativeURL: string }> };
  return paths[path]?.serverRelativeURL ?? '';
}

describe('/openapi/v3', () => {
  it('leads to each version by the hash of its document', async () => {
    const { paths } = (await (await get('/openapi/v3')).json()) as { paths: Record<string, { serverRelativeURL: string }> };
    expect(Object.keys(paths)).toEqual([
      'api/v1', 'apis/kradle.a5c.ai/v1alpha1', 'apis/krate.a5c.ai/v1alpha1', 'apis/authentication.k8s.io/v1', 'apis/authentication.k8s.io/v1beta1', 'apis/authorization.k8s.io/v1', 'apis/events.k8s.io/v1',
    ]);
    for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
      expect(serverRelativeURL).toMatch(new RegExp(`^/openapi/v3/${path}\\?hash=[0-9A-F]{64}$`));
      expect((await get(serverRelativeURL)).status).toBe(200);
    }
  });

  it('lets a document at its hash be kept for ever, and leads an older hash to the present one', async () => {
    const current = await addressOf('apis/kradle.a5c.ai/v1alpha1');
    expect((await get(current)).headers.get('cache-control')).toContain('immutable');
    const bare = await get('/openapi/v3/apis/kradle.a5c.ai/v1alpha1');
    expect(bare.headers.get('cache-control')).toBe('no-cache, private');
    const older = await get('/openapi/v3/apis/kradle.a5c.ai/v1alpha1?hash=ABC');
    expect([older.status, older.headers.get('location')]).toEqual([301, current]);
  });

  it('answers 304 to who has the document, and 406 to who takes no JSON', async () => {
    const path = '/openapi/v3/apis/kradle.a5c.ai/v1alpha1';
    const etag = (await get(path)).headers.get('etag') ?? '';
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`]) expect((await get(path, { 'If-None-Match': tags })).status).toBe(304);
    expect((await get(path, { 'If-None-Match': '"other"' })).status).toBe(200);
    const refused = await get(path, { Accept: 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf' });
    expect([refused.status, await refused.json()]).toEqual([406, expect.objectContaining({ kind: 'Status', reason: 'NotAcceptable' })]);
    expect((await get('/openapi/v3/apis/apps/v1')).status).toBe(404);
  });
});

describe('/openapi/v2', () => {
  it.each([
    ['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', PROTOBUF],
    [PROTOBUF, PROTOBUF],
    ['application/com.github.proto-openapi.spec.v2@v1.0+protobuf,application/json', PROTOBUF],
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
  ])('to %s answers %s', async (accept, type) => {
    const answer = await get('/openapi/v2', { Accept: accept });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (type === 'application/json') expect(JSON.parse(bytes.toString())).toMatchObject({ swagger: '2.0' });
    else expect(bytes.subarray(0, 5)).toEqual(Buffer.from([10, 3, ...Buffer.from('2.0')]));
  });

  it('is compressed for who takes it so', async () => {
    for (const [codings, coding] of [['gzip', 'gzip'], ['br;q=1, gzip;q=0.5', 'gzip'], ['gzip;q=0', null], ['identity', null]]) {
      const answer = await get('/openapi/v2', { 'Accept-Encoding': codings ?? '' });
      expect([codings, answer.headers.get('content-encoding')]).toEqual([codings, coding]);
      expect(await answer.json()).toMatchObject({ swagger: '2.0' });
    }
  });
});
