import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { StatusError } from '#shared/api/status';
import { tempDir } from '../../test/harness/tempDir';
import { createTestManager, document as shelf, type TestManagerOptions } from '../../test/harness/testManager';
import { createTestResources, type TestResources } from '../../test/harness/testResources';
import { Box, Realm, Shelf, throwAwayRegistry } from '../../test/harness/throwAwayKinds';
import { silentLogger } from '../app/log';
import { createMemoryStore } from '../store/memoryStore';
import { openSqliteStore } from '../store/sql/sqlite/openSqliteStore';
import type { Controller } from './controller';
import type { Manager } from './manager';
import { createOrganizationContentController } from './organizationContent';

const running: Manager[] = [];
const setUp = (opts?: TestManagerOptions) => createTestManager(running, opts);

afterEach(async () => {
  for (const manager of running.splice(0)) await manager.stop();
});

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

/** Notes which keys it is asked to work on. */
function noting(noted: string[], controller: Partial<Controller> = {}): Controller {
  return { name: 'noting', kind: Shelf, async reconcile({ org, name }) { noted.push(`${org}/${name}`); }, ...controller };
}

describe('watches of a controller', () => {
  it('wake whom an object points at, and whom it pointed at before', async () => {
    const noted: string[] = [];
    const { resources, manager } = await setUp({ controllers: () => [noting(noted, { watches: [{ kind: Box, map: (box) => [{ org: 'acme', name: String(box.spec.shelf) }] }] })] });
    for (const name of ['s', 't', 'u']) await resources.create(Shelf, 'acme', shelf(name));
    await resources.create(Box, 'acme', shelf('a', { shelf: 's' }));
    await manager.start();
    await manager.drain();
    expect(noted.sort()).toEqual(['acme/s', 'acme/t', 'acme/u']);
    noted.length = 0;
    await resources.update(Box, 'acme', shelf('a', { shelf: 't' }));
    await manager.drain();
    expect(noted.sort()).toEqual(['acme/s', 'acme/t']);
    noted.length = 0;
    await resources.delete(Box, { org: 'acme', name: 'a' });
    await manager.drain();
    expect(noted).toEqual(['acme/t']);
  });

  it('by name ask who depends on what changed, and keep nothing of it', async () => {
    const noted: string[] = [];
    const asked: string[] = [];
    const dependents = ({ org, name }: { org: string; name: string }) => {
      asked.push(name);
      return name === 'a' ? [{ org, name: 's' }] : [];
    };
    const { resources, manager } = await setUp({ controllers: () => [noting(noted, { watches: [{ kind: Box, dependents }] })] });
    await resources.create(Shelf, 'acme', shelf('s'));
    await resources.create(Box, 'acme', shelf('before', { shelf: 's' }));
    await manager.start();
    await manager.drain();
    noted.length = 0;
    for (const name of ['a', 'b']) await resources.create(Box, 'acme', shelf(name, { shelf: 's' }));
    await manager.drain();
    expect(noted).toEqual(['acme/s']);
    await resources.delete(Box, { org: 'acme', name: 'a' });
    await manager.drain();
    expect(noted).toEqual(['acme/s', 'acme/s']);
    expect(asked).toEqual(['a', 'b', 'a']);
    expect(manager.state().informers).toEqual([expect.objectContaining({ name: 'controllers', objects: 1 })]);
  });

  it('that were interrupted find out by a list what came, changed and went, and take it that whatever is known by name only has changed', async () => {
    const store = createMemoryStore({ watchBufferEvents: 2 });
    const made = await createTestResources({ store });
    const noted: string[] = [];
    const boxes: string[] = [];
    const { resources, manager, clock, lines } = await setUp({ made, controllers: () => [noting(noted), noting(boxes, { name: 'by-name', kind: Box, watches: [{ kind: Realm, dependents: () => [] }] })] });
    await resources.create(Shelf, 'acme', shelf('gone'));
    await resources.create(Shelf, 'acme', shelf('stays'));
    await resources.create(Box, 'acme', shelf('a', { shelf: 'stays' }));
    await manager.start();
    await manager.drain();
    expect([noted.splice(0).sort(), boxes.splice(0)]).toEqual([['acme/gone', 'acme/stays'], ['acme/a']]);
    // More changes in one turn than a live watch may be behind: the store ends it.
    await Promise.all([
      resources.delete(Shelf, { org: 'acme', name: 'gone' }),
      ...['a', 'b', 'c', 'd', 'e'].map((name) => store.create({ plural: 'shelves', namespace: 'kradle-org-acme', name }, {
        apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Shelf',
        metadata: { name, namespace: 'kradle-org-acme', uid: name, resourceVersion: '', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' }, spec: { height: 1 },
      })),
    ]);
    while (noted.length < 6) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1_000);
    }
    expect(lines).toEqual([expect.objectContaining({ msg: 'watch ended; resuming', expired: true })]);
    await manager.drain();
    expect(noted.sort()).toEqual(['acme/a', 'acme/b', 'acme/c', 'acme/d', 'acme/e', 'acme/gone']);
    expect(boxes).toEqual(['acme/a']);
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
