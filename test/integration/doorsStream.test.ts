import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LiveMessage, LiveTopic } from '#shared/api/live';
import type { ErrorBody } from '#shared/api/status';
import type { AppRouter } from '../../src-server/app/appRouter';
import { eventually } from '../harness/eventually';
import { readSse, type SseClient } from '../harness/sseClient';
import { startServer, type TestServer } from '../harness/startServer';

const STREAM = '/api/orgs/default/agents/events/stream';
const RESOURCES = '/api/orgs/default/resources';

let server: TestServer;
beforeAll(async () => {
  // The same port after a restart, so that clients find their way back by themselves.
  server = await startServer({ args: ['--port', String(await freePort())] });
});
afterAll(() => server[Symbol.asyncDispose]());

const opened: { close: () => void }[] = [];
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const create = (name: string, org = 'default') =>
  server.api('POST', `/api/orgs/${org}/resources`, { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'User', metadata: { name }, spec: { displayName: name, email: `${name}@example.com` } });

describe('the event stream of an organization', () => {
  async function open(opts: { query?: string; lastEventId?: string } = {}): Promise<SseClient> {
    const abort = new AbortController();
    const response = await server.fetch(STREAM + (opts.query ?? ''), { signal: abort.signal, headers: opts.lastEventId === undefined ? {} : { 'Last-Event-ID': opts.lastEventId } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const client = readSse(response, abort);
    opened.push(client);
    return client;
  }
  const named = (name: string, operation = 'apply') => (data: Record<string, unknown>) => data.type === 'resource-change' && data.name === name && data.operation === operation;

  it('says that it is connected, then every change with its revision', async () => {
    const stream = await open();
    const first = await stream.next();
    expect(first.id).toMatch(/^\d+$/);
    expect(JSON.parse(first.data)).toEqual({ type: 'connected' });
    await create('ada');
    const [seen] = (await stream.until(named('ada'))).slice(-1);
    expect(seen?.data).toMatchObject({ type: 'resource-change', kind: 'User', name: 'ada', operation: 'apply', timestamp: expect.stringMatching(/^\d{4}-.*Z$/), payload: { kind: 'User', name: 'ada', operation: 'apply' } });
    expect(BigInt(seen?.id ?? 0)).toBeGreaterThan(BigInt(first.id ?? 0));
    await server.api('DELETE', `${RESOURCES}/users/ada`);
    await stream.until(named('ada', 'delete'));
  });

  it('tells of this organization only, and of the kinds that were asked for', async () => {
    await server.api('POST', '/api/orgs', { slug: 'elsewhere' });
    const all = await open();
    const policies = await open({ query: '?kinds=AgentToolProfile,kradleworkspacepolicies' });
    await create('far', 'elsewhere');
    await create('near');
    await server.api('POST', RESOURCES, { kind: 'KradleWorkspacePolicy', metadata: { name: 'last' }, spec: { retentionPolicy: {} } });
    expect((await all.until(named('last'))).map(({ data }) => data.name)).not.toContain('far');
    const kinds = (await policies.until(named('last'))).map(({ data }) => data.kind);
    expect(kinds).toEqual([undefined, 'KradleWorkspacePolicy']);
  });

  it('goes on where it was after kill -9, without gap or repeat', async () => {
    const before = await open();
    await create('kept-1');
    await create('kept-2');
    const told = await before.until(named('kept-2'));
    await server.kill9();
    await before.over();
    await server.restart();
    await create('kept-3');
    const after = await open({ lastEventId: told.at(-1)?.id ?? '' });
    await create('kept-4');
    const rest = await after.until(named('kept-4'));
    const ids = [...told, ...rest].filter(({ data }) => data.type === 'resource-change').map(({ id }) => BigInt(id ?? 0));
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => Number(a - b)));
    for (const name of ['kept-1', 'kept-2', 'kept-3', 'kept-4']) expect([...told, ...rest].some(({ data }) => named(name)(data)), name).toBe(true);
    // Once more from the start: a stream that began before has heard exactly the same.
    const again = await (await open({ lastEventId: told[0]?.id ?? '' })).until(named('kept-4'));
    expect(again.filter(({ data }) => data.type === 'resource-change').map(({ id }) => BigInt(id ?? 0))).toEqual(ids);
  });

  it('goes on after kill -9 even when nothing had been told yet', async () => {
    const idle = await open();
    const { id } = await idle.next();
    await server.kill9();
    await idle.over();
    await server.restart();
    await create('while-away');
    const resumed = await open({ query: `?lastEventId=${id}` });
    await resumed.until(named('while-away'));
  });

  it('tells a run\'s phases, as they change', async () => {
    await server.api('POST', '/api/orgs/default/repositories', { name: 'phases', initialize: true });
    await eventually('the first commit', async () => (await server.api<{ status?: { defaultBranchHead?: string } }>('GET', '/api/orgs/default/repositories/phases')).status?.defaultBranchHead);
    await server.api('POST', '/api/orgs/default/agents', { name: 'writer', adapterType: 'command', command: [process.execPath, '-e', 'console.log("done")'] });
    const stream = await open();
    const { runName } = await server.api<{ runName: string }>('POST', '/api/orgs/default/agents/dispatch', { repository: 'phases', agentStack: 'writer', prompt: 'Say that you are done.' });
    const told = await stream.until(({ type, payload }) => type === 'run.status.changed' && /Completed|Failed/.test(String((payload as { phase: string }).phase)));
    const phases = told.filter(({ data }) => data.type === 'run.status.changed').map(({ data }) => data.payload as { runName: string; phase: string });
    expect(phases.every((payload) => payload.runName === runName)).toBe(true);
    expect(phases.map(({ phase }) => phase)).toEqual([...new Set(phases.map(({ phase }) => phase))]);
    expect(phases.slice(-2).map(({ phase }) => phase)).toEqual(['Running', 'Completed']);
  });

  it.each([
    ['an id that is none', '?lastEventId=yesterday', 'Last-Event-ID must be an id of this stream'],
    ['an id that is yet to come', '?lastEventId=999999999', 'newer than anything in this store'],
    ['a kind that does not exist', '?kinds=users,nothing', 'There is no kind "nothing"'],
  ])('refuses %s before it begins', async (_what, query, message) => {
    const response = await server.fetch(STREAM + query);
    expect(response.status).toBe(400);
    expect(((await response.json()) as ErrorBody).error.message).toContain(message);
  });

  it('does not hold up a server that stops', async () => {
    const stream = await open();
    await stream.next();
    const [code] = await Promise.all([server.stop(), stream.over()]);
    expect(code).toBe(0);
    await server.restart();
  });
});

describe('the live stream of a window', () => {
  interface Heard {
    readonly id: string;
    readonly message: LiveMessage;
  }

  /** A window: it remembers what it heard. */
  function watch(topics: LiveTopic[]): { heard: Heard[]; until: (what: string, wanted: (message: LiveMessage) => boolean) => Promise<Heard>; states: string[] } {
    const heard: Heard[] = [];
    const states: string[] = [];
    const client = createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: ({ type }) => type === 'subscription',
          true: httpSubscriptionLink({
            url: `${server.url}/trpc`,
            EventSource,
            eventSourceOptions: { fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${server.token}` } }) },
          }),
          false: httpLink({ url: `${server.url}/trpc`, headers: { Authorization: `Bearer ${server.token}` } }),
        }),
      ],
    });
    const subscription = client.live.stream.subscribe({ topics }, {
      onData: ({ id, data }) => heard.push({ id, message: data as LiveMessage }),
      onConnectionStateChange: ({ state }) => states.push(state),
    });
    opened.push({ close: () => subscription.unsubscribe() });
    return { heard, states, until: (what, wanted) => eventually(what, () => heard.find(({ message }) => wanted(message))) };
  }

  const users: LiveTopic = { id: 'users', type: 'resources', org: 'default', kind: 'users' };
  const about = (name: string) => (message: LiveMessage) => message.type === 'resource' && (message.object.metadata as { name: string }).name === name;
  const versions = (heard: readonly Heard[]) => heard.flatMap(({ message }) => (message.type === 'resource' ? [message.resourceVersion] : []));

  it('reconnects by itself after kill -9 and misses nothing, with two windows at once', async () => {
    const windows = [watch([users]), watch([{ ...users, id: 'again' }, { id: 'profiles', type: 'resources', org: 'default', kind: 'agenttoolprofiles' }])];
    for (const window of windows) await window.until('readiness', ({ type }) => type === 'ready');
    await create('seen-before');
    for (const window of windows) await window.until('the change before', about('seen-before'));
    await server.kill9();
    await server.restart();
    await create('seen-after');
    for (const window of windows) {
      await window.until('the change after', about('seen-after'));
      expect(window.states).toContain('connecting');
      const told = versions(window.heard);
      expect(told).toEqual([...new Set(told)].sort((a, b) => Number(a) - Number(b)));
    }
    expect(versions(windows[0]?.heard ?? [])).toEqual(versions(windows[1]?.heard ?? []));
  });

  it('starts where the window\'s list ends', async () => {
    const { metadata } = await server.api<{ metadata: { resourceVersion: string } }>('GET', `${RESOURCES}?kind=users`);
    await create('between');
    const window = watch([{ ...users, resourceVersion: metadata.resourceVersion, name: 'between' }]);
    await window.until('what came between', about('between'));
  });

  it('carries as many topics as it may have, and the server has nothing to warn of', async () => {
    const many = Array.from({ length: 64 }, (_, index): LiveTopic => ({ ...users, id: `topic-${index}`, labelSelector: `team in (${['a', 'b', 'c', 'd'].map((letter) => letter.repeat(60)).join(', ')}, team-${index})` }));
    const window = watch([...many.slice(1), users]);
    await eventually('readiness of all', () => new Set(window.heard.filter(({ message }) => message.type === 'ready').map(({ message }) => message.topic)).size === 64);
    await create('among-many');
    await window.until('the change', about('among-many'));
    expect(server.log()).not.toContain('MaxListenersExceededWarning');
  });

  it('carries a run\'s events from where the window is, each once', async () => {
    const { items } = await server.api<{ items: { metadata: { name: string } }[] }>('GET', '/api/orgs/default/agents/runs');
    const run = items[0]?.metadata.name ?? '';
    const page = await server.api<{ items: { seq: number }[]; lastSeq: number }>('GET', `/api/orgs/default/agents/runs/${run}/events?limit=5000`);
    const window = watch([{ id: 'run', type: 'run-events', org: 'default', run, after: 2 }]);
    const seqs = () => window.heard.flatMap(({ message }) => (message.type === 'run-events' ? message.items.map(({ seq }) => seq) : []));
    await eventually('the last event', () => seqs().includes(page.lastSeq));
    expect(seqs()).toEqual(page.items.map(({ seq }) => seq).filter((seq) => seq > 2));
  });

  it('says what is wrong with one topic and keeps the others', async () => {
    const window = watch([users, { ...users, id: 'nowhere', org: 'nowhere' }, { id: 'no-run', type: 'run-events', org: 'default', run: 'none' }, { ...users, id: 'no-kind', kind: 'nothing' }]);
    for (const [topic, code] of [['nowhere', 'ORG_NOT_FOUND'], ['no-run', 'NOT_FOUND'], ['no-kind', 'KIND_NOT_FOUND']] as const) {
      const { message } = await window.until(topic, (each) => each.topic === topic && each.type === 'error');
      expect(message).toMatchObject({ code });
    }
    await create('still-told');
    await window.until('the change', about('still-told'));
  });
});
