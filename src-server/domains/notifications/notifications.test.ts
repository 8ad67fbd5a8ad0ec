import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_PREFERENCES, type NotificationPreferences } from '#shared/api/notifications';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { Review } from '#shared/kinds/forge/review';
import { createIdentityFixture, type IdentityFixture } from '../../../test/harness/identityFixture';
import { keyRingOf } from '../../app/keyRing';
import { silentLogger } from '../../app/log';
import { createAddressGuard } from '../../http/safeAddress';
import { createSafeFetch } from '../../http/safeFetch';
import { createMemoryEventLog } from '../../store/memoryEventLog';
import type { EventLog } from '../../store/eventLog';
import { createNotificationControllers } from './notificationControllers';
import { createNotifications, MAX_NOTIFICATIONS, type Notifications } from './notifications';
import { createWebhookSender, signingSecret } from './webhookSender';

const ORG = 'default';
const KEYS = keyRingOf([Buffer.alloc(32, 7)]);

let fixture: IdentityFixture;
let eventLog: EventLog;
let notifications: Notifications;
beforeEach(async () => {
  fixture = await createIdentityFixture();
  eventLog = createMemoryEventLog();
  notifications = createNotifications({ resources: fixture.resources, eventLog, clock: fixture.clock });
  for (const name of ['ada', 'bob']) {
    await fixture.accounts.create({ wantedName: name, displayName: name, email: `${name}@example.com`, emailVerified: true });
    await fixture.accounts.join(name, { org: ORG, role: 'developer' });
  }
  await fixture.resources.create(Repository, ORG, { metadata: { name: 'shop' }, spec: { organizationRef: ORG, visibility: 'internal' } });
  await fixture.resources.create(AgentStack, ORG, { metadata: { name: 'fixer' }, spec: { organizationRef: ORG, baseAgent: 'x', adapter: 'default', runtimeIdentity: { serviceAccountRef: 'fixer' } } });
});
afterEach(() => fixture[Symbol.asyncDispose]());

const requestedBy = { kind: 'user' as const, name: 'ada' };
const list = (account: string) => notifications.list(account, { limit: 50 });
const at = () => new Date(fixture.clock.now()).toISOString();

async function run(name: string, status: object): Promise<void> {
  await fixture.resources.create(AgentDispatchRun, ORG, {
    metadata: { name }, spec: { organizationRef: ORG, repository: 'shop', sourceRefs: {}, agentStack: 'fixer', taskKind: 'fix', title: 'Mend the till', requestedBy }, status,
  });
}

/** Lets every controller look at an object, as it does after a change and after a restart. */
async function reconcile(name: string): Promise<void> {
  for (const controller of createNotificationControllers({ ...fixture, notifications })) {
    await controller.reconcile({ org: ORG, name }, { signal: new AbortController().signal, log: silentLogger() });
  }
}

it('tells who is asked to review, whose change was judged, and who had set one to merge by itself', async () => {
  const spec = { organizationRef: ORG, repository: 'shop', title: 'Better till', sourceBranch: 'till', targetBranch: 'main', author: requestedBy };
  const asked = { reviewer: 'bob', state: 'Requested' as const, requestedBy, requestedAt: at() };
  await fixture.resources.create(PullRequest, ORG, { metadata: { name: 'shop-1' }, spec, status: { phase: 'Open', reviewers: [asked, { ...asked, reviewer: 'ada' }] } });
  await reconcile('shop-1');
  await reconcile('shop-1');
  expect((await list('bob')).items.map(({ type, title, href }) => [type, title, href])).toEqual([['pull-request', 'ada asks for your review: Better till', '/o/default/pulls/shop-1']]);
  expect((await list('ada')).items).toEqual([]);
  const review = { organizationRef: ORG, pullRequest: 'shop-1', state: 'changes_requested' as const, body: 'No', author: { kind: 'user' as const, name: 'bob' } };
  await fixture.resources.create(Review, ORG, { metadata: { name: 'r1' }, spec: review, status: { phase: 'Submitted', submittedAt: at() } });
  await fixture.resources.mutateStatus(PullRequest, { org: ORG, name: 'shop-1' }, (status) => {
    status.reviewers = [{ reviewer: 'bob', state: 'ChangesRequested', review: 'r1' }];
    status.autoMergeEnded = { setBy: { kind: 'user', name: 'bob' }, at: at(), reason: 'ada pushed' };
  });
  await reconcile('shop-1');
  expect((await list('ada')).items.map(({ title, severity, body }) => [title, severity, body])).toEqual([['bob asks for changes: Better till', 'warning', 'No']]);
  expect((await list('bob')).items[0]).toMatchObject({ title: 'Will not merge by itself any more: Better till', body: 'ada pushed' });
});

async function prefer(account: string, change: (preferences: NotificationPreferences) => void): Promise<void> {
  const preferences = structuredClone(DEFAULT_PREFERENCES);
  change(preferences);
  await notifications.setPreferences(account, preferences, KEYS.current.id);
}

describe('who is told', () => {
  it('tells whoever asked for a run how it ended, once, however often it is looked at', async () => {
    await run('run-1', { phase: 'Failed', failedAt: at(), message: 'The agent ended with 1.' });
    await reconcile('run-1');
    await reconcile('run-1');
    expect((await list('ada')).items).toEqual([
      expect.objectContaining({ type: 'run-complete', severity: 'error', title: 'Mend the till failed', body: 'The agent ended with 1.', org: ORG, href: '/o/default/runs/run-1', object: { kind: 'AgentDispatchRun', name: 'run-1' }, read: false }),
    ]);
    expect((await list('bob')).items).toEqual([]);
  });

  it('tells nobody of a run that goes on, nor of what is no news', async () => {
    await run('going', { phase: 'Running', startedAt: at() });
    await run('old', { phase: 'Completed', completedAt: new Date(fixture.clock.now() - 25 * 3_600_000).toISOString() });
    await reconcile('going');
    await reconcile('old');
    expect((await list('ada')).items).toEqual([]);
  });

  it('follows what people prefer', async () => {
    await prefer('ada', ({ types }) => (types['run-complete'].about = 'none'));
    await prefer('bob', ({ types }) => (types['run-complete'].about = 'all'));
    await run('run-2', { phase: 'Completed', completedAt: at(), summary: 'Done.' });
    await reconcile('run-2');
    expect((await list('ada')).items).toEqual([]);
    expect((await list('bob')).items).toEqual([expect.objectContaining({ severity: 'info', title: 'Mend the till is done', body: 'Done.' })]);
  });

  it('tells those who may decide of an approval, until somebody has', async () => {
    await run('run-3', { phase: 'Running' });
    for (const [name, phase] of [['open', 'Pending'], ['shut', 'Approved']] as const) {
      await fixture.resources.create(AgentApproval, ORG, {
        metadata: { name }, spec: { organizationRef: ORG, dispatchRun: 'run-3', action: 'write-back', requestedBy: { kind: 'agent', name: 'run-3' }, summary: '2 files' }, status: { phase, createdAt: at() },
      });
      await reconcile(name);
    }
    for (const account of ['ada', 'bob', 'admin']) expect((await list(account)).items, account).toEqual([expect.objectContaining({ type: 'approval-needed', title: 'Mend the till has changes to apply', body: '2 files' })]);
  });

  it('tells nobody who is disabled', async () => {
    const { User } = await import('#shared/kinds/identity/user');
    await fixture.resources.mutate(User, { org: ORG, name: 'ada' }, (draft) => (draft.spec.disabled = true));
    await run('run-4', { phase: 'Failed', failedAt: at() });
    await reconcile('run-4');
    expect((await list('ada')).items).toEqual([]);
  });
});

describe('the inbox', () => {
  const tell = (account: string, id: string) => notifications.notify(account, { id, type: 'system', severity: 'info', title: id });

  it('counts what is unread, marks one and all, and each account has its own', async () => {
    for (const id of ['a', 'b', 'c']) await tell('ada', id);
    await tell('bob', 'x');
    const [youngest, middle] = (await list('ada')).items;
    expect([youngest?.title, middle?.title]).toEqual(['c', 'b']);
    await notifications.markRead('ada', [middle?.id ?? 0]);
    expect(await notifications.unread('ada')).toBe(2);
    expect((await notifications.list('ada', { limit: 10, unread: true })).items.map(({ title }) => title)).toEqual(['c', 'a']);
    await notifications.markAllRead('ada');
    expect(await notifications.unread('ada')).toBe(0);
    await tell('ada', 'd');
    expect(await notifications.unread('ada')).toBe(1);
    expect(await notifications.unread('bob')).toBe(1);
    await expect(notifications.markRead('ada', [99])).rejects.toThrow('There is no notification 99');
  });

  it('pages through all of them, each once', async () => {
    for (let index = 0; index < 25; index += 1) await tell('ada', `n${index}`);
    const seen: string[] = [];
    let before: number | undefined;
    do {
      const page = await notifications.list('ada', { limit: 10, before });
      seen.push(...page.items.map(({ title }) => title));
      before = page.next;
    } while (before !== undefined);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => `n${24 - index}`));
  });

  it('keeps the youngest', async () => {
    for (let index = 0; index <= MAX_NOTIFICATIONS + 500; index += 1) await tell('ada', `n${index}`);
    expect(await eventLog.count('notifications/ada')).toBeLessThanOrEqual(MAX_NOTIFICATIONS + 500);
    expect((await list('ada')).items[0]?.title).toBe(`n${MAX_NOTIFICATIONS + 500}`);
  });

  it('is followed live', async () => {
    const abort = new AbortController();
    const follower = notifications.follow('ada', { signal: abort.signal })[Symbol.asyncIterator]();
    const first = follower.next();
    await tell('ada', 'now');
    expect((await first).value).toEqual([expect.objectContaining({ title: 'now', read: false })]);
    abort.abort();
  });
});

describe('the webhook', () => {
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  let url: string;
  beforeEach(async () => {
    received.length = 0;
    answers.length = 0;
    if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  });

  const sender = (allow: readonly string[] | '*' = '*') =>
    createWebhookSender({ resources: fixture.resources, eventLog, keys: () => KEYS, fetch: createSafeFetch(createAddressGuard({ allow })), clock: fixture.clock });
  const send = (controller = sender()) => controller.reconcile({ org: 'ada', name: 'ada' }, { signal: new AbortController().signal, log: silentLogger() });
  const tell = (id: string) => notifications.notify('ada', { id, type: 'system', severity: 'info', title: id });

  it('sends what comes from now on, in order, signed, each once', async () => {
    await tell('before');
    await prefer('ada', (preferences) => (preferences.webhook = { url }));
    await tell('one');
    await tell('two');
    await send();
    await send();
    expect(received.map(({ body }) => (JSON.parse(body) as { data: { title: string } }).data.title)).toEqual(['one', 'two']);
    for (const { headers, body } of received) {
      const secret = Buffer.from(signingSecret(KEYS, 'ada', KEYS.current.id).slice('whsec_'.length), 'base64');
      const expected = createHmac('sha256', secret).update(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    }
  });

  it('tries again later, goes on where it was, and gives one up in the end', async () => {
    await prefer('ada', (preferences) => (preferences.webhook = { url }));
    await tell('one');
    await tell('two');
    answers.push(500, 500, 500, 500, 500);
    const waits: unknown[] = [];
    for (let tries = 0; tries < 5; tries += 1) waits.push(await send());
    expect(waits).toEqual([{ requeueAfterMs: 5_000 }, { requeueAfterMs: 30_000 }, { requeueAfterMs: 120_000 }, { requeueAfterMs: 600_000 }, undefined]);
    expect(received.map(({ body }) => (JSON.parse(body) as { data: { title: string } }).data.title)).toEqual(['one', 'one', 'one', 'one', 'one', 'two']);
    expect((await notifications.find('ada'))?.status?.webhook).toMatchObject({ through: 2, head: 2, message: 'the endpoint answered 500; given up' });
  });

  it('leads nowhere that the server may not be sent to', async () => {
    await prefer('ada', (preferences) => (preferences.webhook = { url }));
    await tell('one');
    expect(await send(sender([]))).toEqual({ requeueAfterMs: 5_000 });
    expect(received).toEqual([]);
    expect((await notifications.find('ada'))?.status?.webhook?.message).toContain('leads into a network');
  });

  it('sends only the types that were chosen', async () => {
    await prefer('ada', (preferences) => {
      preferences.webhook = { url };
      preferences.types.system.webhook = false;
    });
    await tell('one');
    await send();
    expect(received).toEqual([]);
  });
});
