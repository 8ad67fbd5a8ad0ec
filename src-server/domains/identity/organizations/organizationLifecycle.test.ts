import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKindRegistry } from '#shared/kind/registry';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Issue } from '#shared/kinds/forge/issue';
import { Repository } from '#shared/kinds/forge/repository';
import { Organization } from '#shared/kinds/identity/organization';
import { User } from '#shared/kinds/identity/user';
import { allKinds } from '#shared/kinds/index';
import { createPeopleFixture, type PeopleFixture } from '../../../../test/harness/peopleFixture';
import { internalKinds } from '../../../app/internalKinds';
import { silentLogger } from '../../../app/log';
import type { Actor } from '../../../resources/actor';
import { createManager, type Manager } from '../../../runtime/manager';
import { createCallerFactory } from '../../../rpc/trpc';
import { createOrganizationLifecycle, type OrganizationLifecycle } from './organizationLifecycle';

const ROOT: Actor = { kind: 'user', name: 'admin', orgs: '*' };
/** A finalizer whose controller is not here: the object stays until it is taken off. */
const HELD = 'example.com/held';

let fixture: PeopleFixture;
let lifecycle: OrganizationLifecycle;
let manager: Manager | undefined;
let deeds: string[];
/** Makes the server die at this deed. */
let dieAt: string | undefined;

const orgs = (name = 'admin') => callerFor(name);
async function callerFor(name: string) {
  const actor = name === 'admin' ? ROOT : await fixture.accounts.findActor(name);
  if (actor === undefined) throw new Error(`no ${name}`);
  return createCallerFactory(lifecycle.router)({
    actor, resources: fixture.resources.as(actor), correlationId: 'test', log: silentLogger(), signal: new AbortController().signal, warn: () => undefined, door: 'rest', origin: 'http://localhost',
  } as never);
}

function deed(what: string): Promise<void> {
  deeds.push(what);
  if (dieAt === what) throw new Error(`died at ${what}`);
  return Promise.resolve();
}

/** A server's controllers; another one goes on where the one before died. */
async function startControllers(): Promise<void> {
  const { resources, accounts, clock, store, people } = fixture;
  await manager?.stop();
  await fixture.manager.stop();
  lifecycle = createOrganizationLifecycle({
    resources, accounts, clock, kinds: createKindRegistry([...allKinds, ...internalKinds]),
    runs: {
      cancel: async (_client, run) => deed(`cancel ${run.name}: ${run.reason}`),
      forget: async (run) => deed(`forget ${run.name}`),
    },
    files: { removeBlobs: (org) => deed(`blobs ${org}`), removeFolders: (org) => deed(`folders ${org}`) },
  });
  manager = createManager({ resources, head: async () => (await store.revisions()).head, clock, uuid: randomUUID, log: silentLogger() });
  for (const controller of [...people.controllers, ...lifecycle.controllers]) manager.add(controller);
  await manager.start();
  await manager.drain();
}

const settle = async () => manager?.drain();
const organization = (org: string) => fixture.resources.find(Organization, { org, name: org });

/** As the run engine stores one; what it refers to is not there. */
const run = (name: string, phase: string) => fixture.store.create({ plural: AgentDispatchRun.names.plural, namespace: 'kradle-org-acme', name }, {
  apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentDispatchRun',
  metadata: { name, namespace: 'kradle-org-acme', uid: randomUUID(), resourceVersion: '', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { organizationRef: 'acme', repository: 'shop', sourceRefs: {}, agentStack: 'fixer', taskKind: 'feature' }, status: { phase },
});

beforeEach(async () => {
  fixture = await createPeopleFixture();
  deeds = [];
  dieAt = undefined;
  await startControllers();
});
afterEach(async () => {
  await manager?.stop();
  manager = undefined;
  await fixture[Symbol.asyncDispose]();
});

describe('an organization', () => {
  it('is its creator\'s, whichever door it came through', async () => {
    await fixture.account('olga');
    const created = await (await orgs()).create({ slug: 'Widgets Inc', description: 'They make widgets' });
    expect(created).toMatchObject({ namespace: 'kradle-org-widgets-inc', organization: { spec: { displayName: 'Widgets Inc', description: 'They make widgets', createdBy: { kind: 'user', name: 'admin' } } } });
    expect((await fixture.resources.get(User, { org: 'widgets-inc', name: 'admin' })).spec.role).toBe('owner');
    const spec = { displayName: 'Gears', createdBy: { kind: 'user', name: 'olga' } };
    await fixture.resources.as(ROOT).create(Organization, 'gears', { metadata: { name: 'gears' }, spec: spec as never });
    await settle();
    expect((await fixture.resources.list(User, { org: 'gears' })).items.map(({ metadata, spec: { role }, status }) => [metadata.name, role, status?.phase])).toEqual([['admin', 'owner', 'Active']]);
    expect((await organization('gears'))?.spec.createdBy).toEqual({ kind: 'user', name: 'admin' });
  });

  it('is renamed and described, and nothing else of it changes by that', async () => {
    const caller = await orgs();
    await caller.update({ org: 'acme', displayName: 'Acme Ltd', description: 'Anvils', budgetLimitUsd: 20 });
    expect((await caller.get({ org: 'acme' })).organization.spec).toMatchObject({ displayName: 'Acme Ltd', description: 'Anvils', budgetLimitUsd: 20, slug: 'acme' });
    const { spec } = (await caller.update({ org: 'acme', description: null, budgetLimitUsd: null })).organization;
    expect(spec).toMatchObject({ displayName: 'Acme Ltd' });
    expect(Object.keys(spec)).not.toEqual(expect.arrayContaining(['description']));
    const sneaky = { org: 'acme', suspended: true, namespaceName: 'kradle-org-default', createdBy: { kind: 'user', name: 'eve' } };
    expect((await caller.update(sneaky as never)).organization.spec).toMatchObject({ namespaceName: 'kradle-org-acme' });
    expect((await organization('acme'))?.spec.suspended).toBeUndefined();
  });

  it('that is suspended says so, and why, and runs no more agents until it is resumed', async () => {
    const caller = await orgs();
    await run('working', 'Running');
    await run('waiting', 'Queued');
    await caller.suspend({ org: 'acme', reason: 'unpaid' });
    await settle();
    expect(await organization('acme')).toMatchObject({ spec: { suspended: true, suspendedReason: 'unpaid' }, status: { phase: 'Suspended' } });
    expect(new Set(deeds)).toEqual(new Set(['cancel working: the organization was suspended']));
    await caller.resume({ org: 'acme' });
    await settle();
    expect((await organization('acme'))?.status?.phase).toBe('Ready');
    expect((await organization('acme'))?.spec).not.toHaveProperty('suspendedReason');
    await expect(caller.suspend({ org: 'default' })).rejects.toMatchObject({ cause: { code: 'ORG_PROTECTED' } });
  });
});

describe('deleting an organization', () => {
  const content = async () => {
    await fixture.member('ada', 'owner');
    await fixture.resources.create(Repository, 'acme', { metadata: { name: 'shop', finalizers: [HELD] }, spec: { organizationRef: 'acme' }, status: { phase: 'Ready', sizeBytes: 4096 } });
    for (const number of [1, 2, 3]) await fixture.resources.create(Issue, 'acme', { metadata: { name: `shop-${number}` }, spec: { organizationRef: 'acme', title: `Issue ${number}` } });
    await run('run-1', 'Running');
    await settle();
  };
  const release = () => fixture.resources.mutate(Repository, { org: 'acme', name: 'shop' }, ({ metadata }) => { metadata.finalizers = []; });
  /** A look every half a second while something is held. */
  const recheck = async () => {
    fixture.clock.advance(1_000);
    await settle();
  };

  it('wants its name, and is refused for the installation\'s own', async () => {
    const caller = await orgs();
    for (const confirm of ['', 'Acme', 'acme ', 'default']) await expect(caller.delete({ org: 'acme', confirm })).rejects.toMatchObject({ cause: { httpStatus: 422, code: 'CONFIRMATION_REQUIRED' } });
    await expect(caller.delete({ org: 'default', confirm: 'default' })).rejects.toMatchObject({ cause: { httpStatus: 403, code: 'ORG_PROTECTED' } });
    await expect(caller.deletion({ org: 'acme' })).rejects.toMatchObject({ cause: { httpStatus: 404, code: 'DELETION_NOT_FOUND' } });
    await settle();
    expect((await organization('acme'))?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('takes everything along, in order, says how far it is, and frees the name', async () => {
    await content();
    const ada = await orgs('ada');
    expect(await ada.delete({ org: 'acme', confirm: 'acme' })).toMatchObject({ org: 'acme', phase: 'Deleting', requestedBy: 'ada' });
    await settle();
    expect(await ada.deletion({ org: 'acme' })).toMatchObject({ phase: 'Deleting', objectsLeft: expect.arrayContaining([{ kind: 'Repository', count: 1 }]) as unknown, repositoryBytesLeft: 4096 });
    expect(deeds).toEqual(['forget run-1', 'forget run-1', 'blobs acme']);
    await expect(fixture.resources.create(Issue, 'acme', { metadata: { name: 'late' }, spec: { organizationRef: 'acme', title: 'Late' } })).rejects.toMatchObject({ code: 'ORG_TERMINATING' });
    await release();
    await recheck();
    await recheck();
    expect(await organization('acme')).toBeUndefined();
    expect(deeds.at(-1)).toBe('folders acme');
    expect((await fixture.store.list({})).items.filter(({ metadata, spec }) => metadata.namespace === 'kradle-org-acme' || spec.organizationRef === 'acme')).toEqual([]);
    expect((await fixture.accounts.find('ada'))?.spec.memberships).toEqual([]);
    // Who asked is told although they are a member no more; others learn nothing.
    expect(await (await orgs('ada')).deletion({ org: 'acme' })).toMatchObject({ phase: 'Deleted', objectsLeft: [], repositoryBytesLeft: 0 });
    await fixture.account('eve');
    await expect((await orgs('eve')).deletion({ org: 'acme' })).rejects.toMatchObject({ cause: { code: 'ORG_NOT_FOUND' } });
    const again = await (await orgs()).create({ slug: 'acme' });
    expect(again.organization.metadata.deletionTimestamp).toBeUndefined();
    await settle();
    expect((await fixture.resources.list(User, { org: 'acme' })).items.map(({ metadata }) => metadata.name)).toEqual(['admin']);
    await expect((await orgs()).deletion({ org: 'acme' })).rejects.toMatchObject({ cause: { code: 'DELETION_NOT_FOUND' } });
  });

  it.each(['forget run-1', 'blobs acme', 'folders acme'])('that was killed at "%s" is finished by the next server', async (point) => {
    await content();
    await release();
    dieAt = point;
    await (await orgs()).delete({ org: 'acme', confirm: 'acme' });
    await settle();
    await recheck();
    expect(deeds).toContain(point);
    expect(await organization('acme')).toBeDefined();
    dieAt = undefined;
    await startControllers();
    await recheck();
    await recheck();
    expect(await organization('acme')).toBeUndefined();
    expect(deeds.at(-1)).toBe('folders acme');
    expect(await (await orgs()).deletion({ org: 'acme' })).toMatchObject({ phase: 'Deleted', requestedBy: 'admin' });
  });

  it('by another door is followed all the same', async () => {
    await content();
    await fixture.resources.as(ROOT).delete(Organization, { org: 'acme', name: 'acme' });
    await settle();
    const view = await (await orgs()).deletion({ org: 'acme' });
    expect(view.phase).toBe('Deleting');
    expect(view.requestedBy).toBeUndefined();
  });
});
