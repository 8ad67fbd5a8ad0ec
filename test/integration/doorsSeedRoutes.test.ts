import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorBody } from '#shared/api/status';
import { seedRoutes, type SeedRoute } from '../fixtures/seedRoutes';
import { startServer, type TestServer } from '../harness/startServer';

let server: TestServer;
let document: { paths: Record<string, Record<string, { 'x-kradle-availability'?: string; responses: Record<string, unknown> }>> };
beforeAll(async () => {
  server = await startServer();
  document = await server.api('GET', '/api/openapi.json');
});
afterAll(() => server[Symbol.asyncDispose]());

const concrete = (path: string) => path.replace('{org}', 'default').replace('{kind}', 'agentstacks').replace(/\{\w+\}/g, 'none-such');

/** An answer of the address itself: not of the router, which knows no such path or method. */
async function ask({ method, path }: Pick<SeedRoute, 'method' | 'path'>, headers: Record<string, string> = {}): Promise<{ status: number; body?: ErrorBody }> {
  const abort = new AbortController();
  const response = await server.fetch(concrete(path), { method, signal: abort.signal, headers: { ...(method === 'GET' ? {} : { 'Content-Type': 'application/json' }), ...headers }, ...(method === 'GET' ? {} : { body: '{}' }) });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const body = isStream ? undefined : ((await response.json()) as ErrorBody);
  abort.abort();
  return { status: response.status, ...(body === undefined ? {} : { body }) };
}

const documented = ({ method, path }: SeedRoute) => {
  const shape = (template: string) => template.replace(/\{\w+\}/g, '{}');
  const found = Object.entries(document.paths).find(([template, operations]) => shape(template) === shape(path) && method.toLowerCase() in operations);
  return found?.[1][method.toLowerCase()];
};

describe('what the seeds name', () => {
  it('is all of it: 38 and 19 addresses of the specification, the API description, and the contract of the agents', () => {
    const count = (at: string) => seedRoutes.filter((route) => route.at === at).length;
    expect([count('003 section 2'), count('003 section 12'), count('001-api-contract-spec')]).toEqual([38, 19, 44]);
  });

  it.each(seedRoutes.filter(({ as }) => as === 'works').map((route) => [`${route.method} ${route.path}`, route] as const))('%s is there', async (_, route) => {
    const { status, body } = await ask(route);
    expect([405, 500, 501, 503]).not.toContain(status);
    expect(body?.error?.message ?? '').not.toMatch(/^There is nothing at/);
    if (route.path !== '/healthz' && !route.path.startsWith('/api/watch/')) expect(documented(route), 'in the document').toBeDefined();
  });

  it.each(seedRoutes.filter(({ as }) => as === 'planned').map((route) => [`${route.method} ${route.path}`, route] as const))('%s says that it is to come, to those who may know', async (_, route) => {
    expect(await ask(route)).toMatchObject({ status: 501, body: { error: { code: 'NOT_IMPLEMENTED', message: expect.stringMatching(/\w{20}|\s/), correlationId: expect.any(String), reasons: [{ code: 'CapabilityPlanned' }] } } });
    expect(await ask(route, { Authorization: 'Bearer nobody' })).toMatchObject({ status: 401 });
    if (route.path.includes('{org}')) expect(await ask({ ...route, path: route.path.replace('{org}', 'hidden') })).toMatchObject({ status: 404, body: { error: { code: 'ORG_NOT_FOUND' } } });
    expect(documented(route)).toMatchObject({ 'x-kradle-availability': 'planned', responses: { 501: expect.anything() } });
  });

  it('shows in what the server says it can do', async () => {
    const { capabilities } = await server.api<{ capabilities: Record<string, boolean> }>('GET', '/api/info');
    expect(capabilities).toEqual({ inference: false, artifactRegistry: false, assistant: false, memory: false, triggers: false, externalSync: false, gitObjects: false });
  });
});
