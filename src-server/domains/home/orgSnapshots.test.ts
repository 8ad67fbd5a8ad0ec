import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { createKindRegistry } from '#shared/kind/registry';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Repository } from '#shared/kinds/forge/repository';
import { Organization } from '#shared/kinds/identity/organization';
import { allKinds } from '#shared/kinds/index';
import { systemClock } from '../../app/clock';
import { silentLogger } from '../../app/log';
import type { Actor } from '../../resources/actor';
import type { Authorizer } from '../../resources/authorize';
import { createMembersAuthorizer } from '../../../test/harness/membersAuthorizer';
import { createResources } from '../../resources/createResources';
import type { ResourceClient } from '../../resources/resourceClient';
import { createMemoryStore } from '../../store/memoryStore';
import type { Store } from '../../store/store';
import { createOrganization } from '../identity/organizations';
import { createOrgSnapshots, type OrgSnapshots } from './orgSnapshots';
import { readSnapshot } from './readSnapshot';
import type { SnapshotModel } from './snapshotModel';

const una: Actor = { kind: 'user', name: 'una', orgs: ['acme'] };
const admin: Actor = { kind: 'user', name: 'admin', orgs: '*' };
const log = silentLogger();
const { all: kinds } = createKindRegistry(allKinds);
const authorizer = createMembersAuthorizer({ runKind: AgentDispatchRun });

let store: Store;
let resources: ResourceClient;
let snapshots: OrgSnapshots;
beforeEach(async () => {
  store = createMemoryStore();
  await store.start();
  resources = createResources({ store, kinds: createKindRegistry(allKinds), organization: Organization, strategies: [], authorizer, clock: systemClock, uuid: randomUUID, log });
  for (const slug of ['acme', 'other']) await createOrganization(resources, { slug, displayName: slug.toUpperCase() });
  snapshots = createOrgSnapshots({ subjectOf: (_kind, object) => object, resources, kinds, head: async () => (await store.revisions()).head, log });
});
afterEach(async () => {
  await snapshots.stop();
  await store.stop();
});

function read(query: { org?: string; limit?: number; continue?: string } = {}, opts: { as?: Actor; authorizer?: Authorizer } = {}): Promise<SnapshotModel> {
  return readSnapshot({ snapshots, kinds, count: () => Promise.resolve(0), authorizer: opts.authorizer ?? authorizer }, resources.as(opts.as ?? una), query);
}

async function adapter(name: string, org = 'acme'): Promise<void> {
  await resources.create(AgentAdapter, org, { metadata: { name, labels: { team: 'tools' } }, spec: { organizationRef: org, adapterType: 'command', command: ['cat'] } });
}

/** Objects of any shape, as a store has them that was written by hand. */
async function stored(kind: AnyKind, name: string, rest: Partial<KradleObject>): Promise<void> {
  await store.create(
    { plural: kind.names.plural, namespace: 'kradle-org-acme', name },
    {
      apiVersion: kind.apiVersion, kind: kind.names.kind, spec: {},
      metadata: { name, namespace: 'kradle-org-acme', uid: randomUUID(), resourceVersion: '', generation: 1, creationTimestamp: new Date(0).toISOString() },
      ...rest,
    },
  );
}

const names = (model: SnapshotModel) => model.resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
const count = (model: SnapshotModel, kind: AnyKind) => model.kinds.find((each) => each.kind === kind.names.kind);

describe('a snapshot', () => {
  it('has the organization, a row for each object, and counts by kind and phase', async () => {
    await adapter('cat');
    await stored(AgentDispatchRun, 'run-1', { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False', reason: 'x', message: '', lastTransitionTime: '' }] } });
    await stored(AgentDispatchRun, 'run-2', { status: { phase: 'Completed' } });
    const model = await read();
    expect(model).toMatchObject({ org: { slug: 'acme', displayName: 'ACME', namespace: 'kradle-org-acme' }, namespace: 'kradle-org-acme', status: 'ok' });
    expect(model.orgs.map(({ slug }) => slug)).toEqual(['acme']);
    expect(names(model)).toEqual(['AgentAdapter/cat', 'AgentDispatchRun/run-1', 'AgentDispatchRun/run-2']);
    expect(model.resources[0]).toMatchObject({ metadata: { labels: { team: 'tools' }, generation: 1 }, columns: { 'spec.adapterType': 'command' } });
    expect(model.resources[0]).not.toHaveProperty('spec');
    expect(model.resources[1]?.status).toEqual({ phase: 'Running', ready: 'False' });
    expect(count(model, AgentDispatchRun)).toMatchObject({ total: 2, phases: { Running: 1, Completed: 1 } });
    expect(count(model, Repository)).toMatchObject({ total: 0, phases: {} });
    expect(model.agents.runs.total).toBe(2);
    expect(model.views.agents.activeRuns).toEqual(['run-1']);
  });

  it('shows what was written just before, whoever wrote, and never what is gone', async () => {
    await read();
    for (let i = 0; i < 20; i += 1) {
      await adapter(`a-${i}`);
      await adapter(`elsewhere-${i}`, 'other');
      expect(names(await read())).toContain(`AgentAdapter/a-${i}`);
      if (i % 2 === 0) await resources.delete(AgentAdapter, { org: 'acme', name: `a-${i}` });
      expect(count(await read(), AgentAdapter)?.total).toBe(Math.ceil((i + (i % 2)) / 2));
    }
    const { metadata } = await read();
    expect(metadata.resourceVersion).toBe((await store.revisions()).head);
  });

  it('is right while others write', async () => {
    let stop = false;
    const writer = (async () => {
      for (let i = 0; !stop; i += 1) {
        await adapter(`w-${i}`);
        if (i > 3) await resources.delete(AgentAdapter, { org: 'acme', name: `w-${i - 4}` });
      }
    })();
    for (let i = 0; i < 50; i += 1) {
      const total = count(await read(), AgentAdapter)?.total ?? 0;
      expect(total).toBeLessThanOrEqual(5);
    }
    stop = true;
    await writer;
    const { items } = await resources.list(AgentAdapter, { org: 'acme' });
    expect(names(await read())).toEqual(items.map(({ metadata: { name } }) => `AgentAdapter/${name}`));
  });

  it('cuts long texts', async () => {
    await resources.create(Repository, 'acme', { metadata: { name: 'shop' }, spec: { visibility: 'private', description: 'x'.repeat(1000) } } as never);
    for (const row of (await read()).resources) for (const value of Object.values(row.columns)) expect(String(value).length).toBeLessThanOrEqual(200);
  });

  it('goes on after history was compacted away under it', async () => {
    await adapter('first');
    await read();
    await snapshots.stop();
    snapshots = createOrgSnapshots({ subjectOf: (_kind, object) => object, resources, kinds, head: async () => (await store.revisions()).head, log });
    await read();
    for (let i = 0; i < 5; i += 1) await adapter(`more-${i}`);
    await store.compact((await store.revisions()).head);
    expect(count(await read(), AgentAdapter)?.total).toBe(6);
  });
});

describe('pages', () => {
  it('hold every object once, with the counts of all on each', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await adapter(name);
    const seen: string[] = [];
    let token: string | undefined;
    const sizes: number[] = [];
    do {
      const page = await read({ org: 'acme', limit: 2, ...(token === undefined ? {} : { continue: token }) });
      expect(count(page, AgentAdapter)?.total).toBe(5);
      expect((page.metadata.remainingItemCount ?? 0) + page.resources.length + seen.length).toBe(5);
      seen.push(...names(page));
      sizes.push(page.resources.length);
      token = page.metadata.continue;
    } while (token !== undefined);
    expect(sizes).toEqual([2, 2, 1]);
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => `AgentAdapter/${name}`));
  });

  it.each(['!', 'AAAA', Buffer.from('no key').toString('base64url')])('refuse the token %j', async (token) => {
    await expect(read({ continue: token })).rejects.toMatchObject({ reason: 'BadRequest' });
  });
});

describe('who asks', () => {
  it('gets the organization that was meant when none is named', async () => {
    expect((await read()).org.slug).toBe('acme');
    expect((await read({}, { as: admin })).org.slug).toBe('acme');
    await createOrganization(resources, { slug: 'default', displayName: 'Default' });
    expect((await read({}, { as: admin })).org.slug).toBe('default');
  });

  it('learns nothing of an organization that is not there or not theirs', async () => {
    const gone = await read({ org: 'nowhere' }).catch((error: unknown) => error);
    const hidden = await read({ org: 'other' }).catch((error: unknown) => error);
    expect(gone).toMatchObject({ reason: 'NotFound', code: 'ORG_NOT_FOUND' });
    expect(String(hidden)).toBe(String(gone).replace('nowhere', 'other'));
  });

  it('sees and counts only the kinds that they may list', async () => {
    await adapter('cat');
    await stored(AgentDispatchRun, 'run-1', {});
    const deciding = (decide: Authorizer['decide']): Authorizer => ({ ...authorizer, decide });
    const noRuns = deciding(async (_actor, { kind }) => (kind.names.kind === 'AgentDispatchRun' ? { allowed: false, hidden: false, rule: 'test', reason: 'no' } : { allowed: true, rule: 'test' }));
    const model = await read({}, { authorizer: noRuns });
    expect(names(model)).toEqual(['AgentAdapter/cat']);
    expect(count(model, AgentDispatchRun)).toBeUndefined();
    expect(model.agents.runs.total).toBe(0);
    expect(model.views.agents.activeRuns).toEqual([]);
    const nothing = deciding(async () => ({ allowed: false, hidden: false, rule: 'test', reason: 'You may not.' }));
    await expect(read({}, { authorizer: nothing })).rejects.toMatchObject({ reason: 'Forbidden' });
  });
});

it('reads ahead at the start, and an organization that comes and goes meanwhile harms nothing', async () => {
  await adapter('cat');
  await snapshots.start();
  await createOrganization(resources, { slug: 'brief', displayName: 'Brief' });
  await read({ org: 'brief' }, { as: admin });
  await resources.delete(Organization, { org: 'brief', name: 'brief' });
  await store.delete({ plural: Organization.names.plural, namespace: 'kradle-system', name: 'brief' }, {}).catch(() => undefined);
  await expect(read({ org: 'brief' }, { as: admin })).rejects.toMatchObject({ reason: 'NotFound' });
  expect(names(await read())).toEqual(['AgentAdapter/cat']);
});

it('reads ahead what is there at the start and what comes later, so that nobody waits for it', async () => {
  const listed = vi.fn<(org: string) => void>();
  const watched: ResourceClient = {
    ...resources,
    list: (kind, opts) => {
      if ((kind as AnyKind) === AgentAdapter) listed(opts.org);
      return resources.list(kind, opts);
    },
  };
  const ahead = createOrgSnapshots({ subjectOf: (_kind, object) => object, resources: watched, kinds, head: async () => (await store.revisions()).head, log });
  await ahead.start();
  await expect.poll(() => listed.mock.calls.flat().sort()).toEqual(['acme', 'other']);
  await createOrganization(resources, { slug: 'late', displayName: 'Late' });
  await expect.poll(() => listed.mock.lastCall).toEqual(['late']);
  await adapter('cat', 'late');
  expect((await ahead.current('late')).rows.map(([key]) => key)).toEqual(['agentadapters/cat']);
  expect(listed).toHaveBeenCalledTimes(3);
  await ahead.stop();
});
