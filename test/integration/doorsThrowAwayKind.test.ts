import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, TRPCClientError } from '@trpc/client';
import { EventSource } from 'eventsource';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveMessage } from '#shared/api/live';
import type { ErrorBody } from '#shared/api/status';
import { createKindRegistry } from '#shared/kind/registry';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Organization } from '#shared/kinds/identity/organization';
import { allKinds } from '#shared/kinds/index';
import { createAuthenticator } from '../../src-server/api/authenticate';
import { createEventStreamEndpoint } from '../../src-server/api/eventStream';
import { createHttpServer } from '../../src-server/api/httpServer';
import { createKindRouters } from '../../src-server/api/kindRouter';
import { createLiveRouter } from '../../src-server/api/liveStream';
import { createOpenApiEndpoint } from '../../src-server/api/openApi/openApiEndpoint';
import { createIdempotency } from '../../src-server/api/idempotency/idempotency';
import { IdempotencyRecord } from '../../src-server/api/idempotency/idempotencyRecord';
import { createRateLimit } from '../../src-server/api/rateLimit';
import { createRequestGuard } from '../../src-server/api/requestGuard';
import { createResourcesRouter } from '../../src-server/api/resourcesRouter';
import { createRestDoor } from '../../src-server/api/rest';
import { createTokens } from '../../src-server/api/tokens';
import { createAuditTrails } from '../../src-server/domains/audit/requestTrail';
import { keyRingOf } from '../../src-server/app/keyRing';
import { systemClock } from '../../src-server/app/clock';
import { silentLogger } from '../../src-server/app/log';
import { createMetrics } from '../../src-server/app/metrics';
import { bootstrapIdentity } from '../../src-server/domains/identity/organizations';
import { createMemoryAuditLog } from '../harness/auditFixture';
import { createMembersAuthorizer } from '../harness/membersAuthorizer';
import { createResources } from '../../src-server/resources/createResources';
import { router } from '../../src-server/rpc/trpc';
import { createMemoryEventLog } from '../../src-server/store/memoryEventLog';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import { eventually } from '../harness/eventually';
import { cleanEnvironment, runProcess } from '../harness/runProcess';
import { readSse } from '../harness/sseClient';
import { KRADLE } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';
import { Box, Shelf } from '../harness/throwAwayKinds';

// Nothing but this line knows the two kinds: what works for them works for any kind.
const registry = createKindRegistry([...allKinds, Shelf, Box]);
const TOKEN = 'kradle_test';
const RESOURCES = '/api/orgs/default/resources';

const createRouter = () =>
  router({
    resources: createResourcesRouter(registry),
    kinds: createKindRouters({ shelves: Shelf, boxes: Box }),
    live: createLiveRouter({ registry, followRunEvents: async function* () {}, followAudit: async function* () {}, followNotifications: async function* () {} }),
  });
type Router = ReturnType<typeof createRouter>;

let server: Server;
let url: string;
const eventLog = createMemoryEventLog();
const store = createMemoryStore({ eventLog });
beforeAll(async () => {
  await store.start();
  const log = silentLogger();
  const resources = createResources({
    store, kinds: createKindRegistry([...registry.all, IdempotencyRecord]), organization: Organization, strategies: [], authorizer: createMembersAuthorizer({ runKind: AgentDispatchRun }), clock: systemClock, uuid: randomUUID, log,
  });
  await bootstrapIdentity(resources, { displayName: 'Ada', email: 'ada@example.com' });
  const tokens = createTokens({ keys: keyRingOf([Buffer.alloc(32, 1)]), adminToken: TOKEN, now: () => Date.now() });
  const appRouter = createRouter();
  const endpoints = [createEventStreamEndpoint({ registry, runKind: AgentDispatchRun, resources, headRevision: async () => (await store.revisions()).head })];
  const guard = createRequestGuard({ host: '127.0.0.1', allowedHosts: [] });
  server = createHttpServer({
    router: appRouter,
    rest: createRestDoor(appRouter, { organization: Organization, idempotency: createIdempotency({ resources, clock: systemClock, serverId: 'test', log }) }),
    publicEndpoints: [],
    endpoints: [createOpenApiEndpoint(appRouter, { version: '0', cookieName: 'c', endpoints, publicEndpoints: [], kinds: registry }), ...endpoints],
    serveStatic: () => Promise.resolve(false),
    authenticator: createAuthenticator({
      tickets: { findActor: () => Promise.resolve(undefined) },
      tokens, adminUser: 'admin', sessionOf: () => undefined, addressOf: (req) => guard.addressOf(req),
      credentials: {
        findUser: (name) => Promise.resolve({ kind: 'user', name, orgs: '*' }), findBySession: () => Promise.resolve(undefined), findByToken: () => Promise.resolve(undefined),
        findByProxy: () => Promise.resolve(undefined), follow: () => () => undefined,
      },
    }),
    guard,
    rateLimit: createRateLimit({ perActor: 0, perAddress: 0, now: () => 0 }),
    tls: () => Promise.reject(new Error('not used')),
    resources,
    trails: createAuditTrails({ log: createMemoryAuditLog(eventLog), clock: systemClock, uuid: randomUUID }),
    metrics: createMetrics(),
    log,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await store.stop();
});

const authorization = { Authorization: `Bearer ${TOKEN}` };

async function rest<T = unknown>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const response = await fetch(url + path, { method, headers: { ...authorization, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as T };
}

function rpc() {
  return createTRPCClient<Router>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({ url: `${url}/trpc`, EventSource, eventSourceOptions: { fetch: (target, init) => fetch(target, { ...init, headers: { ...init.headers, ...authorization } }) } }),
        false: httpLink({ url: `${url}/trpc`, headers: authorization }),
      }),
    ],
  });
}

describe('a kind that was just declared', () => {
  it('works by REST: defaults, checks, references, owners, lists', async () => {
    expect(await rest('POST', RESOURCES, { kind: 'Rack', metadata: { name: 'old-name' }, spec: { note: 'by its older name' } })).toMatchObject({
      status: 201, body: { resource: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Shelf', metadata: { namespace: 'kradle-org-default' }, spec: { height: 3, material: 'oak' } } },
    });
    const refused = await rest<ErrorBody>('POST', RESOURCES, { kind: 'Shelf', metadata: { name: 'x' }, spec: { height: 11, material: 'glass', hight: 1 } });
    expect(refused.status).toBe(422);
    expect(refused.body.error.reasons.map(({ field }) => field).sort()).toEqual(['spec.height', 'spec.hight', 'spec.material']);
    expect(await rest('POST', RESOURCES, { kind: 'Box', metadata: { name: 'lost' }, spec: { shelf: 'nowhere' } })).toMatchObject({ status: 422, body: { error: { reasons: [{ field: 'spec.shelf' }] } } });
    expect(await rest('POST', RESOURCES, { kind: 'Box', metadata: { name: 'found' }, spec: { shelf: 'old-name' } })).toMatchObject({ status: 201, body: { resource: { metadata: { ownerReferences: [{ kind: 'Shelf', name: 'old-name' }] } } } });
    expect(await rest('PUT', `${RESOURCES}/sh/old-name`, { spec: { material: 'steel' } })).toMatchObject({ status: 422, body: { error: { reasons: [{ field: 'spec.material' }] } } });
    expect(await rest('GET', `${RESOURCES}?kind=shelf&q=older&fieldSelector=spec.material%3Doak`)).toMatchObject({ status: 200, body: { kind: 'ShelfList', total: 1, items: [{ metadata: { name: 'old-name' } }] } });
    expect(await rest('DELETE', `${RESOURCES}/boxes/found`)).toMatchObject({ status: 200, body: { kind: 'Box', deleted: true } });
  });

  it('works by tRPC, typed', async () => {
    const { kinds } = rpc();
    const created = await kinds.shelves.create.mutate({ org: 'default', resource: { metadata: { name: 'typed' }, spec: { organizationRef: 'default', material: 'pine' } } });
    const height: number = created.spec.height;
    expect(height).toBe(3);
    const updated = await kinds.shelves.update.mutate({ org: 'default', resource: { metadata: { name: 'typed' }, spec: { ...created.spec, height: 5 } } });
    expect(updated.metadata.generation).toBe(2);
    expect((await kinds.shelves.list.query({ org: 'default', fieldSelector: 'spec.height=5' })).items.map(({ metadata }) => metadata.name)).toEqual(['typed']);
    await kinds.shelves.delete.mutate({ org: 'default', name: 'typed' });
    const gone: unknown = await kinds.shelves.get.query({ org: 'default', name: 'typed' }).catch((error: unknown) => error);
    expect(gone).toBeInstanceOf(TRPCClientError);
    expect(gone).toMatchObject({ data: { httpStatus: 404, reason: 'NotFound', resource: 'Shelf/kradle-org-default/typed' } });
    const wrong: unknown = await kinds.shelves.create.mutate({ org: 'default', resource: { metadata: { name: 'x' }, spec: { organizationRef: 'default', height: 0 } } }).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ data: { httpStatus: 422, causes: [{ field: 'spec.height', message: 'spec.height must be at least 1' }] } });
  });

  it('is described for forms, tables, palettes and completion', async () => {
    const { items } = await rpc().resources.kinds.query({ view: 'summary' });
    const summary = items.find(({ kind }) => kind === 'Shelf');
    expect(summary).toMatchObject({ plural: 'shelves', columns: [{ name: 'Material' }, {}, {}, {}] });
    expect(['form', 'schema', 'usedBy'].filter((part) => part in (summary ?? {}))).toEqual([]);
    const shelf = await rpc().resources.kind.query({ kind: 'sh' });
    expect((await rpc().resources.kinds.query({})).items.find(({ kind }) => kind === 'Shelf')).toEqual(shelf);
    expect(shelf).toMatchObject({ plural: 'shelves', shortNames: ['sh'], aliases: ['Rack'], purpose: 'Holds boxes', immutable: ['spec.material'], usedBy: [{ kind: 'Box', plural: 'boxes', path: 'spec.shelf' }] });
    expect(shelf.columns.map(({ name }) => name)).toEqual(['Material', 'Height', 'Phase', 'Age']);
    expect(shelf.form.map(({ path }) => path)).toEqual(expect.arrayContaining(['spec.height', 'spec.material', 'spec.note']));
    expect(shelf.schema).toMatchObject({ type: 'object', properties: { spec: { properties: { height: { minimum: 1, maximum: 10, default: 3 } } } } });
  });

  it('is live: on the stream of a window and on that of its organization', async () => {
    const heard: LiveMessage[] = [];
    const subscription = rpc().live.stream.subscribe({ topics: [{ id: 's', type: 'resources', org: 'default', kind: 'shelves' }] }, { onData: ({ data }) => heard.push(data as LiveMessage) });
    await eventually('readiness', () => heard.some(({ type }) => type === 'ready'));
    const abort = new AbortController();
    const stream = readSse(await fetch(`${url}/api/orgs/default/agents/events/stream?kinds=sh`, { headers: authorization, signal: abort.signal }), abort);
    await stream.next();
    await rest('POST', RESOURCES, { kind: 'Shelf', metadata: { name: 'seen' }, spec: {} });
    await eventually('the change', () => heard.some((message) => message.type === 'resource' && message.event === 'ADDED' && (message.object as { kind?: string }).kind === 'Shelf'));
    expect((await stream.until(({ name }) => name === 'seen')).at(-1)?.data).toMatchObject({ type: 'resource-change', kind: 'Shelf', operation: 'apply' });
    subscription.unsubscribe();
    stream.close();
  });

  it('works in the terminal, which has never heard of it', async () => {
    await using home = await tempDir();
    const kradle = (args: string[], input?: string) =>
      runProcess(process.execPath, [KRADLE, ...args, '--server', url, '--token', TOKEN], { env: cleanEnvironment(home.path), ...(input === undefined ? {} : { input }) });
    const applied = await kradle(['apply', '-f', '-'], 'apiVersion: krate.a5c.ai/v1alpha1\nkind: Rack\nmetadata:\n  name: from-terminal\nspec:\n  height: 7\n');
    expect(applied).toMatchObject({ code: 0, stdout: expect.stringMatching(/shelf.*from-terminal.*created/i) });
    const listed = await kradle(['list', 'sh']);
    expect(listed.stdout).toMatch(/^NAME\s+MATERIAL\s+HEIGHT\s+PHASE\s+AGE/im);
    expect(listed.stdout).toMatch(/^from-terminal\s+oak\s+7/m);
    expect(JSON.parse((await kradle(['get', 'shelf/from-terminal', '--json'])).stdout)).toMatchObject({ kind: 'Shelf', spec: { height: 7 } });
    expect(await kradle(['delete', 'shelves', 'from-terminal'])).toMatchObject({ code: 0 });
    expect((await kradle(['get', 'sh', 'from-terminal'])).code).toBe(4);
  });
});
