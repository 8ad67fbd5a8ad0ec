import { afterEach, describe, expect, it } from 'vitest';
import { createTestManager, document as shelf, type TestManagerOptions } from '../../test/harness/testManager';
import { createTestResources, type TestResources } from '../../test/harness/testResources';
import { Box, Shelf, throwAwayRegistry } from '../../test/harness/throwAwayKinds';
import { createMemoryStore } from '../store/memoryStore';
import { addGarbageCollector } from './garbageCollector';
import type { Manager } from './manager';

const running: Manager[] = [];
const setUp = (opts?: TestManagerOptions) => createTestManager(running, opts);
const collect = (manager: Manager, made: TestResources) => addGarbageCollector(manager, { kinds: throwAwayRegistry(), resources: made.resources });

afterEach(async () => {
  for (const manager of running.splice(0)) await manager.stop();
});

describe('garbage collector', () => {
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
