import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKindRegistry } from '#shared/kind/registry';
import { isStatusError } from '#shared/api/status';
import { readSse, type SseClient } from '../../test/harness/sseClient';
import { createTestResources, type TestResources } from '../../test/harness/testResources';
import { Box, Shelf, throwAwayKinds } from '../../test/harness/throwAwayKinds';
import { SYSTEM_ACTOR } from '../resources/actor';
import { silentLogger } from '../app/log';
import { createEventStreamEndpoint } from './eventStream';

let parts: TestResources;
let server: Server;
let abort: AbortController;
beforeEach(async () => {
  parts = await createTestResources();
  const endpoint = createEventStreamEndpoint({
    registry: createKindRegistry(throwAwayKinds), runKind: Shelf, resources: parts.resources, headRevision: async () => (await parts.store.revisions()).head,
  });
  abort = new AbortController();
  server = createServer((req, res) => {
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    const url = new URL(req.url ?? '/', 'http://kradle.test');
    endpoint
      .handle({ req, res, url, params: { ...endpoint.pattern.exec(url.pathname)?.groups }, actor: SYSTEM_ACTOR, correlationId: 'c', log: silentLogger(), signal: gone.signal, origin: '' })
      .catch((error: unknown) => res.writeHead(isStatusError(error) ? error.httpStatus : 500).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  vi.useRealTimers();
  abort.abort();
  server.closeAllConnections();
  server.close();
  await parts.store.stop();
});

const request = (lastEventId?: string) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/orgs/acme/agents/events/stream`, { signal: abort.signal, headers: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId } });
const open = async (lastEventId?: string): Promise<SseClient> => readSse(await request(lastEventId), abort);
const shelf = (name: string) => parts.resources.create(Shelf, 'acme', { metadata: { name }, spec: { organizationRef: 'acme' } });
const setPhase = (name: string, phase: 'Empty' | 'Filled') => parts.resources.mutateStatus(Shelf, { org: 'acme', name }, (status) => void (status.phase = phase));

describe('event stream', () => {
  it('beats every 30 s, and a beat carries how far the stream is', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const stream = await open();
    const connected = await stream.next();
    await vi.advanceTimersByTimeAsync(30_000);
    const first = await stream.next();
    expect([first.id, JSON.parse(first.data)]).toEqual([connected.id, { type: 'heartbeat' }]);
    await shelf('a');
    const [change] = (await stream.until(({ type }) => type === 'resource-change')).slice(-1);
    await vi.advanceTimersByTimeAsync(30_000);
    const second = await stream.next();
    expect([second.id, JSON.parse(second.data)]).toEqual([change?.id, { type: 'heartbeat' }]);
  });

  it('answers 410 when what came after the id is compacted', async () => {
    await shelf('a');
    await shelf('b');
    await parts.store.compact((await parts.store.revisions()).head);
    expect((await request('1')).status).toBe(410);
  });

  it('tells a phase when it is another, before the change that carries the id', async () => {
    const stream = await open();
    await shelf('a');
    await setPhase('a', 'Empty');
    await parts.resources.mutate(Shelf, { org: 'acme', name: 'a' }, ({ spec }) => void (spec.note = 'n'));
    await setPhase('a', 'Filled');
    await parts.resources.create(Box, 'acme', { metadata: { name: 'last' }, spec: { organizationRef: 'acme', shelf: 'a' } });
    const told = await stream.until(({ name }) => name === 'last');
    expect(told.slice(1).map(({ id, data }) => [id === undefined ? 'no id' : 'id', data.type, (data.payload as { phase?: string }).phase])).toEqual([
      ['id', 'resource-change', undefined],
      ['no id', 'run.status.changed', 'Empty'],
      ['id', 'resource-change', 'Empty'],
      ['id', 'resource-change', 'Empty'],
      ['no id', 'run.status.changed', 'Filled'],
      ['id', 'resource-change', 'Filled'],
      ['id', 'resource-change', undefined],
    ]);
  });
});
