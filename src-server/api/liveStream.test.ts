import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKindRegistry } from '#shared/kind/registry';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Organization } from '#shared/kinds/identity/organization';
import { User } from '#shared/kinds/identity/user';
import { allKinds } from '#shared/kinds/index';
import type { AuditRecord } from '#shared/api/audit';
import type { LiveMessage, LiveTopic } from '#shared/api/live';
import { systemClock } from '../app/clock';
import { silentLogger } from '../app/log';
import { createOrganization } from '../domains/identity/organizations';
import { createMembersAuthorizer } from '../../test/harness/membersAuthorizer';
import { createResources } from '../resources/createResources';
import type { ResourceClient } from '../resources/resourceClient';
import { createCallerFactory } from '../rpc/trpc';
import { createMemoryStore } from '../store/memoryStore';
import type { Store } from '../store/store';
import { createLiveRouter } from './liveStream';

type Tracked = [string, LiveMessage, symbol];

let store: Store;
let resources: ResourceClient;
beforeEach(async () => {
  store = createMemoryStore();
  await store.start();
  resources = createResources({
    store, kinds: createKindRegistry(allKinds), organization: Organization, strategies: [], clock: systemClock, uuid: randomUUID, log: silentLogger(),
    authorizer: createMembersAuthorizer({ runKind: AgentDispatchRun }),
  });
  await createOrganization(resources, { slug: 'a', displayName: 'A' });
  await createOrganization(resources, { slug: 'b', displayName: 'B' });
});
afterEach(() => store.stop());

const user = (org: string, name: string) => ({ metadata: { name }, spec: { organizationRef: org, displayName: name, email: `${name}@example.com` } });
const usersOf = (org: string, more: Partial<Extract<LiveTopic, { type: 'resources' }>> = {}): LiveTopic => ({ id: `users-${org}`, type: 'resources', org, kind: 'users', ...more });

async function open(topics: LiveTopic[], opts: { lastEventId?: string; signal: AbortSignal; as?: ResourceClient }) {
  const router = createLiveRouter({
    registry: createKindRegistry(allKinds),
    followRunEvents: async function* (_resources, { after = 0 }) {
      yield await Promise.resolve([1, 2, 3].filter((seq) => seq > after).map((seq) => ({ seq, id: `e${seq}`, at: '', type: 'update', data: {} })));
    },
    followNotifications: async function* () {},
    followAudit: async function* (_resources, { after = 0 }) {
      yield await Promise.resolve([1, 2, 3].filter((sequence) => sequence > after).map((sequence) => ({ spec: { sequence } }) as AuditRecord));
    },
  });
  const client = opts.as ?? resources;
  const caller = createCallerFactory(router)({ actor: client.actor, resources: client, correlationId: 'c', log: silentLogger(), signal: opts.signal, warn: () => undefined, door: 'trpc', origin: '' }, { signal: opts.signal });
  const stream = (await caller.stream({ topics, lastEventId: opts.lastEventId })) as AsyncIterable<Tracked>;
  return stream[Symbol.asyncIterator]();
}

async function take(stream: AsyncIterator<Tracked>, wanted: (message: LiveMessage) => boolean): Promise<{ id: string; message: LiveMessage }> {
  for (;;) {
    const step = await stream.next();
    if (step.done === true) throw new Error('the stream ended');
    const [id, message] = step.value;
    if (wanted(message)) return { id, message };
  }
}
const named = (name: string) => (message: LiveMessage) => message.type === 'resource' && (message.object.metadata as { name: string }).name === name;

describe('live stream', () => {
  it('sends each topic its own changes, and on reconnect exactly what came in between', async () => {
    const first = new AbortController();
    const topics = [usersOf('a'), usersOf('b')];
    const stream = await open(topics, { signal: first.signal });
    await take(stream, (message) => message.topic === 'users-a' && message.type === 'ready');
    await take(stream, (message) => message.topic === 'users-b' && message.type === 'ready');
    await resources.create(User, 'a', user('a', 'ada'));
    const { id, message } = await take(stream, named('ada'));
    expect(message).toMatchObject({ topic: 'users-a', type: 'resource', event: 'ADDED' });
    first.abort();
    expect((await stream.next()).done).toBe(true);

    await resources.create(User, 'b', user('b', 'bob'));
    await resources.mutate(User, { org: 'a', name: 'ada' }, (draft) => { draft.spec.displayName = 'Ada L.'; });
    const second = new AbortController();
    const resumed = await open(topics, { lastEventId: id, signal: second.signal });
    const seen: string[] = [];
    while (seen.length < 2) {
      const { message: next } = await take(resumed, (each) => each.type === 'resource');
      if (next.type === 'resource') seen.push(`${next.event} ${(next.object.metadata as { name: string }).name}`);
    }
    expect(seen.sort()).toEqual(['ADDED bob', 'MODIFIED ada']);
    second.abort();
  });

  it('tells a topic that its history is gone', async () => {
    const abort = new AbortController();
    await resources.create(User, 'a', user('a', 'ada'));
    await store.compact((await store.revisions()).head);
    const stream = await open([usersOf('a', { resourceVersion: '1' })], { signal: abort.signal });
    expect((await take(stream, () => true)).message).toEqual({ topic: 'users-a', type: 'expired' });
    abort.abort();
  });

  it('refuses one topic without ending the others, and leaks nothing of another organization', async () => {
    const abort = new AbortController();
    const member = resources.as({ kind: 'user', name: 'ada', orgs: ['a'] });
    const stream = await open([usersOf('b'), usersOf('a')], { signal: abort.signal, as: member });
    const { message } = await take(stream, (each) => each.type === 'error');
    expect(message).toMatchObject({ topic: 'users-b', code: 'ORG_NOT_FOUND' });
    await take(stream, (each) => each.topic === 'users-a' && each.type === 'ready');
    abort.abort();
  });

  it('carries the events of a run, and resumes after the last that was sent', async () => {
    const abort = new AbortController();
    const topics: LiveTopic[] = [{ id: 'run', type: 'run-events', org: 'a', run: 'r1', after: 1 }];
    const { id, message } = await take(await open(topics, { signal: abort.signal }), () => true);
    expect(message.type === 'run-events' && message.items.map((item) => item.seq)).toEqual([2, 3]);
    expect(id).toBe('3');
    abort.abort();
  });

  it('tells of audit records by their sequence, and resumes behind the last', async () => {
    const abort = new AbortController();
    const topics: LiveTopic[] = [{ id: 'audit', type: 'audit', org: 'a', after: 1 }];
    const { id, message } = await take(await open(topics, { lastEventId: '2', signal: abort.signal }), () => true);
    expect(message.type === 'audit' && message.items.map(({ spec }) => spec.sequence)).toEqual([3]);
    expect(id).toBe('3');
    abort.abort();
  });
});
