import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { StatusError } from '#shared/api/status';
import { tempDir } from '../../test/harness/tempDir';
import { createTestResources, type TestResources } from '../../test/harness/testResources';
import { Box, Realm, Shelf, throwAwayRegistry } from '../../test/harness/throwAwayKinds';
import { silentLogger } from '../app/log';
import { createMemoryStore } from '../store/memoryStore';
import { openSqliteStore } from '../store/sql/openSqliteStore';
import type { Controller } from './controller';
import type { ReconcileObservation } from './controllerRunner';
import { addGarbageCollector } from './garbageCollector';
import { createManager, type Manager } from './manager';
import { createOrganizationContentController } from './organizationContent';

const running: Manager[] = [];

afterEach(async () => {
  for (const manager of running.splice(0)) await manager.stop();
});

interface LogLine { readonly msg: string; readonly controller?: string; readonly key?: string; readonly reconcileId?: string; readonly level: number }

async function setUp(opts: { controllers?: (made: TestResources) => Controller[]; configure?: (manager: Manager, made: TestResources) => void; made?: TestResources } = {}) {
  const made = opts.made ?? await createTestResources();
  const lines: LogLine[] = [];
  const observations: ReconcileObservation[] = [];
  const log = pino({ level: 'info', base: undefined }, { write: (line: string) => { lines.push(JSON.parse(line) as LogLine); } });
  const manager = createManager({
    resources: made.resources,
    head: async () => (await made.store.revisions()).head,
    clock: made.clock,
    uuid: randomUUID,
    log,
    observe: (observation) => { observations.push(observation); },
  });
  for (const controller of opts.controllers?.(made) ?? []) manager.add(controller);
  opts.configure?.(manager, made);
  running.push(manager);
  return { ...made, manager, lines, observations };
}

const shelf = (name: string, spec: object = {}, metadata: object = {}) => ({ metadata: { name, ...metadata }, spec }) as never;

/** Counts the boxes of a shelf into its status. */
function boxCounter({ resources }: TestResources): Controller {
  return {
    name: 'box-counter',
    kind: Shelf,
    watches: [{ kind: Box, map: (box) => [{ org: 'acme', name: String(box.spec.shelf) }] }],
    async reconcile(ref) {
      if ((await resources.find(Shelf, ref)) === undefined) return;
      const boxes = (await resources.list(Box, { org: ref.org, fieldSelector: `spec.shelf=${ref.name}` })).items.length;
      await resources.mutateStatus(Shelf, ref, (status) => {
        status.boxes = boxes;
        status.phase = boxes === 0 ? 'Empty' : 'Filled';
      });
    },
  };
}

describe('manager', () => {
  it.each(['memory', 'sqlite'])('reconciles what is there at the start and what changes after, also of watched kinds (%s)', async (storeName) => {
    await using folder = await tempDir();
    const sqlite = storeName === 'sqlite' ? await openSqliteStore({ path: join(folder.path, 'test.db'), log: silentLogger() }) : undefined;
    const made = await createTestResources({ store: sqlite?.store });
    const { resources, manager } = await setUp({ made, controllers: () => [boxCounter(made)] });
    await resources.create(Shelf, 'acme', shelf('s'));
    await manager.start();
    await manager.drain();
    expect((await resources.get(Shelf, { org: 'acme', name: 's' })).status).toMatchObject({ phase: 'Empty', boxes: 0 });
    for (const name of ['a', 'b', 'c']) await resources.create(Box, 'acme', shelf(name, { shelf: 's' }));
    await manager.drain();
    expect((await resources.get(Shelf, { org: 'acme', name: 's' })).status).toMatchObject({ phase: 'Filled', boxes: 3 });
    await resources.delete(Box, { org: 'acme', name: 'b' });
    await manager.drain();
    expect((await resources.get(Shelf, { org: 'acme', name: 's' })).status?.boxes).toBe(2);
    await manager.stop();
    await sqlite?.close();
  });

  it('drains chains of controllers that write for each other', async () => {
    const step = (from: number): Controller => ({
      name: `raise-${from}`,
      kind: Shelf,
      async reconcile(ref) {
        const found = await made.resources.find(Shelf, ref);
        if (found?.spec.height === from) await made.resources.mutate(Shelf, ref, (draft) => { draft.spec.height = from + 1; });
      },
    });
    const made = await createTestResources();
    const { resources, manager } = await setUp({ made, controllers: () => [5, 4, 3, 2, 1].map(step) });
    await manager.start();
    await resources.create(Shelf, 'acme', shelf('s', { height: 1 }));
    await manager.drain();
    expect((await resources.get(Shelf, { org: 'acme', name: 's' })).spec.height).toBe(6);
  });

  it('never works on one key twice at once, and on several keys together', async () => {
    const active = new Map<string, number>();
    let most = 0;
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { release = resolve; });
    const { resources, manager } = await setUp({
      controllers: () => [{
        name: 'slow', kind: Shelf, concurrency: 3,
        async reconcile({ name }) {
          active.set(name, (active.get(name) ?? 0) + 1);
          expect(active.get(name)).toBe(1);
          most = Math.max(most, [...active.values()].reduce((sum, count) => sum + count, 0));
          if (most === 3) release();
          await gate;
          active.set(name, 0);
        },
      }],
    });
    await manager.start();
    for (const name of ['a', 'b', 'c', 'd']) await resources.create(Shelf, 'acme', shelf(name));
    for (const name of ['a', 'b']) await resources.update(Shelf, 'acme', shelf(name, { height: 9 }));
    await manager.drain();
    expect(most).toBe(3);
  });

  it('logs a failure once with its reconcileId and tries again with back-off', async () => {
    let failures = 2;
    const { resources, manager, clock, lines, observations } = await setUp({
      controllers: () => [{ name: 'flaky', kind: Shelf, async reconcile() { if (failures-- > 0) throw new Error('broken'); } }],
    });
    await resources.create(Shelf, 'acme', shelf('s'));
    await manager.start();
    await manager.drain();
    expect(lines.filter((line) => line.level === 50)).toEqual([expect.objectContaining({ msg: 'reconcile failed', controller: 'flaky', key: 'acme/s', reconcileId: expect.any(String) })]);
    clock.advance(1_000);
    await manager.drain();
    clock.advance(1_999);
    await manager.drain();
    expect(observations.map(({ outcome }) => outcome)).toEqual(['error', 'error']);
    clock.advance(1);
    await manager.drain();
    expect(observations.at(-1)).toMatchObject({ controller: 'flaky', outcome: 'ok' });
    expect(lines.filter((line) => line.level === 50)).toHaveLength(2);
  });

  it('retries a conflict at once without calling it an error, and backs off when it does not end', async () => {
    let conflicts = 3;
    const { resources, manager, clock, lines, observations } = await setUp({
      controllers: () => [{ name: 'contended', kind: Shelf, async reconcile() { if (conflicts-- > 0) throw new StatusError('Conflict', 'stale'); } }],
    });
    await resources.create(Shelf, 'acme', shelf('s'));
    await manager.start();
    await manager.drain();
    expect(observations.map(({ outcome }) => outcome)).toEqual(['conflict', 'conflict', 'conflict', 'ok']);
    expect(lines).toEqual([]);
    conflicts = Number.POSITIVE_INFINITY;
    await resources.update(Shelf, 'acme', shelf('s', { height: 9 }));
    await manager.drain();
    expect(observations).toHaveLength(4 + 6);
    expect(clock.pending).toBe(1);
  });

  it('comes back after requeueAfterMs', async () => {
    let times = 0;
    const { resources, manager, clock } = await setUp({
      controllers: () => [{ name: 'periodic', kind: Shelf, async reconcile() { times += 1; return { requeueAfterMs: 10_000 }; } }],
    });
    await resources.create(Shelf, 'acme', shelf('s'));
    await manager.start();
    await manager.drain();
    clock.advance(10_000);
    await manager.drain();
    expect(times).toBe(2);
  });

  it('stops: aborts what is in flight, waits for it, takes nothing more', async () => {
    let ended = false;
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => { begin = resolve; });
    const { resources, manager } = await setUp({
      controllers: () => [{
        name: 'long', kind: Shelf,
        async reconcile(_ref, { signal }) {
          begin();
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          ended = true;
        },
      }],
    });
    await resources.create(Shelf, 'acme', shelf('s'));
    await manager.start();
    await begun;
    await manager.stop();
    expect(ended).toBe(true);
    await resources.create(Shelf, 'acme', shelf('t'));
    expect(manager.state().controllers).toEqual([{ name: 'long', ready: 0, delayed: 0, completed: 1 }]);
  });
});

it('can be stopped while it waits for a store that does not answer', async () => {
  const store = createMemoryStore();
  const made = await createTestResources({ store });
  store.list = () => Promise.reject(new StatusError('ServiceUnavailable', 'not now'));
  let ran = false;
  const { resources, manager } = await setUp({ made, controllers: () => [{ name: 'x', kind: Shelf, async reconcile() { ran = true; } }] });
  await resources.create(Shelf, 'acme', shelf('s'));
  const started = manager.start();
  await manager.stop();
  await started;
  expect(ran).toBe(false);
});

describe('informer', () => {
  it('caches, indexes and tells of changes in order', async () => {
    const { resources, manager } = await setUp();
    const informer = manager.informer(Box);
    informer.addIndex('shelf', (box) => [String(box.spec.shelf)]);
    const seen: string[] = [];
    informer.onChange(({ type, object }) => { seen.push(`${type} ${object.metadata.name}`); });
    await resources.create(Shelf, 'acme', shelf('s'));
    await resources.create(Shelf, 'acme', shelf('t'));
    await resources.create(Box, 'acme', shelf('a', { shelf: 's' }));
    await manager.start();
    await resources.create(Box, 'acme', shelf('b', { shelf: 's' }));
    await resources.update(Box, 'acme', shelf('a', { shelf: 't' }));
    await resources.delete(Box, { org: 'acme', name: 'b' });
    await manager.drain();
    expect(seen).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b']);
    expect(informer.byIndex('shelf', 's')).toEqual([]);
    expect(informer.byIndex('shelf', 't').map((box) => box.metadata.name)).toEqual(['a']);
    expect(informer.get('acme', 'a')?.spec.shelf).toBe('t');
    expect([informer.size, informer.list('acme').length, informer.list('other').length]).toEqual([1, 1, 0]);
  });

  it('lists again when its history is gone, and tells what happened meanwhile', async () => {
    const store = createMemoryStore({ watchBufferEvents: 2 });
    const made = await createTestResources({ store });
    const { resources, manager, clock, lines } = await setUp({ made });
    const informer = manager.informer(Shelf);
    const seen: string[] = [];
    informer.onChange(({ type, object }) => { seen.push(`${type} ${object.metadata.name}`); });
    await resources.create(Shelf, 'acme', shelf('gone'));
    await manager.start();
    await manager.drain();
    // More changes in one turn than a live watch may be behind: the store ends it.
    await Promise.all([
      resources.delete(Shelf, { org: 'acme', name: 'gone' }),
      ...['a', 'b', 'c', 'd', 'e'].map((name) => store.create({ plural: 'shelves', namespace: 'kradle-org-acme', name }, {
        apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Shelf',
        metadata: { name, namespace: 'kradle-org-acme', uid: name, resourceVersion: '', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' }, spec: { height: 1 },
      })),
    ]);
    while (informer.size < 5) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1_000);
    }
    expect(lines).toEqual([expect.objectContaining({ msg: 'watch ended; resuming', expired: true })]);
    await manager.drain();
    expect(seen.filter((change) => change === 'DELETED gone')).toHaveLength(1);
    expect(seen.slice(1).filter((change) => change.startsWith('ADDED')).sort()).toEqual(['ADDED a', 'ADDED b', 'ADDED c', 'ADDED d', 'ADDED e']);
  });
});

describe('garbage collector', () => {
  const collect = (manager: Manager, made: TestResources) => addGarbageCollector(manager, { kinds: throwAwayRegistry(), resources: made.resources });

  it('deletes what a deleted object owned, and nothing else', async () => {
    const { resources, manager } = await setUp({ configure: collect });
    await manager.start();
    for (const name of ['s', 't']) await resources.create(Shelf, 'acme', shelf(name));
    for (const [name, of] of [['a', 's'], ['b', 's'], ['c', 't']] as const) await resources.create(Box, 'acme', shelf(name, { shelf: of }));
    await resources.delete(Shelf, { org: 'acme', name: 's' });
    await manager.drain();
    expect((await resources.list(Box, { org: 'acme' })).items.map((box) => box.metadata.name)).toEqual(['c']);
  });

  it('finds at the start what lost its owner while nobody looked, also when the name was taken again', async () => {
    const made = await createTestResources();
    await made.resources.create(Shelf, 'acme', shelf('s'));
    await made.resources.create(Box, 'acme', shelf('a', { shelf: 's' }));
    await made.resources.delete(Shelf, { org: 'acme', name: 's' });
    await made.resources.create(Shelf, 'acme', shelf('s'));
    const { resources, manager } = await setUp({ made, configure: collect });
    await manager.start();
    await manager.drain();
    expect(await resources.find(Box, { org: 'acme', name: 'a' })).toBeUndefined();
    expect(await resources.find(Shelf, { org: 'acme', name: 's' })).toBeDefined();
  });

  it('keeps an object while one owner is left, or when an owner is of a kind that nobody knows', async () => {
    const { resources, manager } = await setUp({ configure: collect });
    await manager.start();
    const second = await resources.create(Shelf, 'acme', shelf('second'));
    await resources.create(Shelf, 'acme', shelf('s'));
    const owner = (kind: string, name: string, uid: string) => ({ apiVersion: 'v1', kind, name, uid });
    await resources.create(Box, 'acme', shelf('a', { shelf: 's' }, { ownerReferences: [owner('Shelf', 'second', second.metadata.uid)] }));
    await resources.create(Box, 'acme', shelf('b', { shelf: 's' }, { ownerReferences: [owner('Pod', 'p', 'p')] }));
    await resources.delete(Shelf, { org: 'acme', name: 's' });
    await manager.drain();
    expect((await resources.list(Box, { org: 'acme' })).items.map((box) => box.metadata.name)).toEqual(['a', 'b']);
  });
});

describe('deletion with a propagation policy', () => {
  const collect = (manager: Manager, made: TestResources) => addGarbageCollector(manager, { kinds: throwAwayRegistry(), resources: made.resources });
  const names = async (resources: TestResources['resources']) =>
    (await resources.listOrg({ org: 'acme', kinds: [Shelf, Box] })).items.map(({ metadata }) => `${metadata.name}${metadata.deletionTimestamp === undefined ? '' : '!'}`);
  const ownedBy = (...owners: { kind: string; metadata: { name: string; uid: string } }[]) =>
    ({ ownerReferences: owners.map(({ kind, metadata: { name, uid } }) => ({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind, name, uid, blockOwnerDeletion: true })) });

  it('in the foreground: what blocks goes first, and only then the owner', async () => {
    const { resources, manager } = await setUp({ configure: collect });
    await manager.start();
    await resources.create(Shelf, 'acme', shelf('s'));
    await resources.create(Box, 'acme', shelf('held', { shelf: 's' }, { finalizers: ['test/hold'] }));
    await resources.create(Box, 'acme', shelf('free', { shelf: 's' }));
    const deleted = await resources.delete(Shelf, { org: 'acme', name: 's' }, { propagation: 'foreground' });
    expect(deleted.metadata).toMatchObject({ finalizers: ['foregroundDeletion'], deletionTimestamp: expect.any(String) as string });
    await manager.drain();
    expect(await names(resources)).toEqual(['held!', 's!']);
    await resources.mutate(Box, { org: 'acme', name: 'held' }, (draft) => { draft.metadata.finalizers = []; });
    await manager.drain();
    expect(await names(resources)).toEqual([]);
  });

  it('in the foreground through several levels, leaves first', async () => {
    const { resources, manager } = await setUp({ configure: collect });
    await manager.start();
    const top = await resources.create(Shelf, 'acme', shelf('top'));
    const middle = await resources.create(Shelf, 'acme', shelf('middle', {}, ownedBy(top)));
    await resources.create(Shelf, 'acme', shelf('leaf', {}, { ...ownedBy(middle), finalizers: ['test/hold'] }));
    await resources.delete(Shelf, { org: 'acme', name: 'top' }, { propagation: 'foreground' });
    await manager.drain();
    expect(await names(resources)).toEqual(['leaf!', 'middle!', 'top!']);
    await resources.mutate(Shelf, { org: 'acme', name: 'leaf' }, (draft) => { draft.metadata.finalizers = []; });
    await manager.drain();
    expect(await names(resources)).toEqual([]);
  });

  it('in the foreground ends for objects that own one another, and for those with another owner that stays', async () => {
    const { resources, manager } = await setUp({ configure: collect });
    await manager.start();
    const [a, b, stays] = [await resources.create(Shelf, 'acme', shelf('a')), await resources.create(Shelf, 'acme', shelf('b')), await resources.create(Shelf, 'acme', shelf('stays'))];
    await resources.mutate(Shelf, { org: 'acme', name: 'a' }, (draft) => Object.assign(draft.metadata, ownedBy(b)));
    await resources.mutate(Shelf, { org: 'acme', name: 'b' }, (draft) => Object.assign(draft.metadata, ownedBy(a)));
    await resources.create(Shelf, 'acme', shelf('shared', {}, ownedBy(a, stays)));
    await resources.create(Box, 'acme', shelf('box', { shelf: 'a' }, ownedBy(stays)));
    await resources.delete(Shelf, { org: 'acme', name: 'a' }, { propagation: 'foreground' });
    await manager.drain();
    expect(await names(resources)).toEqual(['box', 'shared', 'stays']);
    expect((await resources.get(Shelf, { org: 'acme', name: 'shared' })).metadata.ownerReferences?.map((owner) => owner.name)).toEqual(['stays']);
  });

  it('as orphans: what it owned stays, without it as an owner, also where a reference names it', async () => {
    const { resources, manager } = await setUp({ configure: collect });
    await manager.start();
    const owner = await resources.create(Shelf, 'acme', shelf('s'));
    await resources.create(Box, 'acme', shelf('a', { shelf: 's' }));
    await resources.create(Shelf, 'acme', shelf('t', {}, ownedBy(owner)));
    await resources.delete(Shelf, { org: 'acme', name: 's' }, { propagation: 'orphan' });
    await manager.drain();
    expect(await names(resources)).toEqual(['a', 't']);
    for (const [kind, name] of [[Box, 'a'], [Shelf, 't']] as const) expect((await resources.get(kind, { org: 'acme', name })).metadata.ownerReferences).toBeUndefined();
  });

  it('is carried on by a server that starts in the middle, and can be changed while it waits', async () => {
    const made = await createTestResources();
    await made.resources.create(Shelf, 'acme', shelf('s'));
    await made.resources.create(Box, 'acme', shelf('a', { shelf: 's' }));
    await made.resources.delete(Shelf, { org: 'acme', name: 's' }, { propagation: 'foreground' });
    const changed = await made.resources.delete(Shelf, { org: 'acme', name: 's' }, { propagation: 'orphan' });
    expect(changed.metadata.finalizers).toEqual(['orphan']);
    const { resources, manager } = await setUp({ made, configure: collect });
    await manager.start();
    await manager.drain();
    expect(await names(resources)).toEqual(['a']);
  });

  it('follows what happened while its history was gone', async () => {
    const store = createMemoryStore({ watchBufferEvents: 2 });
    const made = await createTestResources({ store });
    const { resources, manager, clock, lines } = await setUp({ made, configure: collect });
    await resources.create(Shelf, 'acme', shelf('s'));
    await resources.create(Box, 'acme', shelf('a', { shelf: 's' }));
    await manager.start();
    await manager.drain();
    await Promise.all([resources.delete(Shelf, { org: 'acme', name: 's' }), ...['t', 'u', 'v', 'w', 'x'].map((name) => resources.create(Shelf, 'other', shelf(name)))]);
    while ((await resources.find(Box, { org: 'acme', name: 'a' })) !== undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1_000);
    }
    expect(lines.map(({ msg }) => msg)).toContain('watch ended; resuming');
  });
});

describe('deletion of an organization', () => {
  it('empties it, waits for finalizers, and lets it go', async () => {
    const { resources, manager, clock } = await setUp({
      controllers: (made) => [createOrganizationContentController({ organization: Realm, kinds: throwAwayRegistry(), resources: made.resources })],
    });
    await manager.start();
    for (const org of ['acme', 'other']) await resources.create(Shelf, org, shelf('s', {}, org === 'acme' ? { finalizers: ['test/hold'] } : {}));
    await resources.create(Box, 'acme', shelf('a', { shelf: 's' }));
    await resources.delete(Realm, { org: 'acme', name: 'acme' });
    await manager.drain();
    expect(await resources.find(Box, { org: 'acme', name: 'a' })).toBeUndefined();
    expect((await resources.get(Shelf, { org: 'acme', name: 's' })).metadata.deletionTimestamp).toBeDefined();
    await resources.mutate(Shelf, { org: 'acme', name: 's' }, (draft) => { draft.metadata.finalizers = []; });
    clock.advance(500);
    await manager.drain();
    expect((await resources.list(Realm, { org: '*' })).items.map((realm) => realm.metadata.name)).toEqual(['other']);
    expect(await resources.find(Shelf, { org: 'other', name: 's' })).toBeDefined();
  });
});
