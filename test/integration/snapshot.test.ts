import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../harness/startServer';

interface Snapshot {
  readonly org: { slug: string };
  readonly kinds: readonly { kind: string; total: number }[];
  readonly resources: readonly { kind: string; metadata: { name: string } }[];
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

it('answers the same at both addresses, with what was just written, before and after a restart', async () => {
  for (const name of ['one', 'two', 'three']) await server.api('POST', '/api/orgs/default/repositories', { name });
  const check = async () => {
    const [controller, snapshot] = [await server.api<Snapshot>('GET', '/api/controller?org=default'), await server.api<Snapshot>('GET', '/api/orgs/default/snapshot')];
    for (const model of [controller, snapshot]) {
      expect(model.org.slug).toBe('default');
      expect(model.kinds.find(({ kind }) => kind === 'Repository')?.total).toBe(3);
      expect(model.resources.filter(({ kind }) => kind === 'Repository').map(({ metadata }) => metadata.name)).toEqual(['one', 'three', 'two']);
    }
  };
  await check();
  await server.restart();
  await check();
});

it('pages, and says what is wrong with a query', async () => {
  const page = await server.api<Snapshot>('GET', '/api/controller?limit=1');
  expect(page.resources).toHaveLength(1);
  const next = await server.api<Snapshot>('GET', `/api/controller?limit=1&continue=${page.metadata.continue}`);
  expect(next.resources[0]?.metadata.name).not.toBe(page.resources[0]?.metadata.name);
  for (const [query, field] of [['limit=0', 'limit'], ['limit=10001', 'limit'], ['continue=%21', 'continue']] as const) {
    await expect(server.api('GET', `/api/controller?${query}`)).rejects.toMatchObject({ status: 400, body: { error: { reasons: [expect.objectContaining({ field })] } } });
  }
  await expect(server.api('GET', '/api/controller?org=nowhere')).rejects.toMatchObject({ status: 404, body: { error: { code: 'ORG_NOT_FOUND' } } });
});
