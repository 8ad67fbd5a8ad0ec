import { describe, expect, it } from 'vitest';
import { isStatusError, StatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import { Box, Realm, Shelf } from '../../test/harness/throwAwayKinds';
import { createTestResources } from '../../test/harness/testResources';
import { createMemoryStore } from '../store/memoryStore';
import type { ObjectKey, Store } from '../store/store';
import type { Actor } from './actor';
import { ORGANIZATION_FINALIZER } from './organizationScope';
import { defineStrategy } from './strategy';

const member: Actor = { kind: 'user', name: 'ada', orgs: ['acme'] };
const admin: Actor = { kind: 'user', name: 'root', orgs: '*' };
const run: Actor = { kind: 'run', name: 'b1', orgs: ['acme'], run: { org: 'acme', name: 'b1' } };

async function failure(promise: Promise<unknown>): Promise<StatusError> {
  const error = await promise.then(() => undefined, (thrown: unknown) => thrown);
  if (!isStatusError(error)) throw new Error(`expected a StatusError, got ${String(error)}`);
  return error;
}

/** What it remembers of an object is how it was when it was read first, until a write finds out that it has changed: another server's doing. */
function forgetfulStore(): Store {
  const store = createMemoryStore();
  const seen = new Map<string, KradleObject | undefined>();
  const create = store.create.bind(store);
  return Object.assign(store, {
    async recall(key: ObjectKey) {
      if (!seen.has(key.name)) seen.set(key.name, await store.get(key));
      return seen.get(key.name);
    },
    create: (...args: Parameters<Store['create']>) =>
      create(...args).catch((error: unknown) => {
        if (isStatusError(error, 'Conflict')) seen.clear();
        throw error;
      }),
  });
}

/** A document as people write it: not what the types promise. */
function untyped(document: object): never {
  return document as never;
}

describe('create', () => {
  it('stores a complete object: defaults, namespace, organization, label, uid, generation, time', async () => {
    const { resources } = await createTestResources();
    const shelf = await resources.as(member).create(Shelf, 'acme', { metadata: { name: 'tall' }, spec: { height: 9 } as never });
    expect(shelf).toMatchObject({
      apiVersion: 'kradle.a5c.ai/v1alpha1',
      kind: 'Shelf',
      metadata: {
        name: 'tall', namespace: 'kradle-org-acme', generation: 1, creationTimestamp: '2026-01-01T00:00:00.000Z', labels: { 'kradle.a5c.ai/org': 'acme' },
      },
      spec: { organizationRef: 'acme', height: 9, material: 'oak' },
    });
    expect(shelf.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(shelf.status).toBeUndefined();
    expect(await resources.get(Shelf, { org: 'acme', name: 'tall' })).toEqual(shelf);
  });

  it('takes documents with older group and kind names and legacy namespaces', async () => {
    const { resources } = await createTestResources();
    for (const [name, namespace] of [['a', 'krate-system'], ['b', 'kradle-system'], ['c', 'default'], ['d', 'krate-org-acme'], ['e', 'kradle-org-acme']] as const) {
      const shelf = await resources.create(Shelf, 'acme', untyped({
        apiVersion: 'krate.a5c.ai/v1alpha1', kind: 'Rack', metadata: { name, namespace, labels: { 'krate.a5c.ai/team': 'x' } }, spec: {},
      }));
      expect(shelf).toMatchObject({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Shelf', metadata: { namespace: 'kradle-org-acme', labels: { 'kradle.a5c.ai/team': 'x' } } });
    }
  });

  it('refuses a namespace or an organization that is not the one asked', async () => {
    const { resources } = await createTestResources();
    const elsewhere = await failure(resources.create(Shelf, 'acme', { metadata: { name: 'a', namespace: 'kradle-org-other' }, spec: {} as never }));
    expect(elsewhere).toMatchObject({ reason: 'Forbidden', code: 'ORG_NAMESPACE_MISMATCH' });
    const foreign = await failure(resources.create(Shelf, 'acme', { metadata: { name: 'a' }, spec: { organizationRef: 'other' } }));
    expect(foreign).toMatchObject({ reason: 'Forbidden', code: 'CROSS_ORG_REF_DENIED' });
    expect(foreign.message).not.toContain('other"');
  });

  it('says the same of an organization that is not there and of one that may not be seen', async () => {
    const { resources } = await createTestResources();
    const absent = await failure(resources.as(member).create(Shelf, 'nowhere', untyped({ metadata: { name: 'a' }, spec: {} })));
    const hidden = await failure(resources.as(member).create(Shelf, 'other', untyped({ metadata: { name: 'a' }, spec: {} })));
    expect(absent).toMatchObject({ reason: 'NotFound', code: 'ORG_NOT_FOUND' });
    expect(hidden.code).toBe('ORG_NOT_FOUND');
    expect(hidden.message.replace('other', 'nowhere')).toBe(absent.message);
    expect((await failure(resources.create(Shelf, '', untyped({ metadata: { name: 'a' }, spec: {} })))).code).toBe('ORG_REQUIRED');
  });

  it('reports everything that is wrong at once, with the field and what would be right', async () => {
    const { resources } = await createTestResources();
    const error = await failure(resources.create(Box, 'acme', untyped({
      metadata: { name: 'Bad Name', labels: { 'no good': 'x', fine: 'not fine!' } },
      spec: { shelff: 'tall', weightKg: '3', lock: { code: 'abcd', pin: 1 }, friends: ['ok', 7] },
    })));
    expect(error.reason).toBe('Invalid');
    const causes = Object.fromEntries((error.details.causes ?? []).map((cause) => [cause.field, cause]));
    expect(Object.keys(causes).sort()).toEqual([
      'metadata.labels[fine]', 'metadata.labels[no good]', 'metadata.name', 'spec.friends[1]', 'spec.lock.code', 'spec.lock.pin', 'spec.shelf', 'spec.shelff', 'spec.weightKg',
    ]);
    expect(causes['spec.shelf']).toMatchObject({ code: 'FieldValueRequired', message: 'spec.shelf is required: a string' });
    expect(causes['spec.shelff']).toMatchObject({ code: 'UnknownField', message: 'spec.shelff is not a field; did you mean "shelf"?' });
    expect(causes['spec.lock.pin']?.message).toBe('spec.lock.pin is not a field; known fields: code, owner');
    expect(causes['spec.weightKg']).toMatchObject({ code: 'FieldValueTypeInvalid', message: 'spec.weightKg must be a number, not a string' });
    expect(causes['spec.lock.code']?.message).toBe('spec.lock.code is "abcd"; it must be four digits');
    expect(causes['spec.friends[1]']?.message).toBe('spec.friends[1] must be a string, not a number');
  });

  it('names the values that a field may have, and the nearest', async () => {
    const { resources } = await createTestResources();
    const error = await failure(resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: { material: 'okk', height: 11 } })));
    expect(error.details.causes).toEqual([
      { code: 'FieldValueInvalid', field: 'spec.height', message: 'spec.height must be at most 10' },
      { code: 'FieldValueNotSupported', field: 'spec.material', message: 'spec.material is "okk"; it must be one of "oak", "pine", "steel"; did you mean "oak"?' },
    ]);
  });

  it('drops unknown fields when asked to, and reads an empty YAML key as an absent field', async () => {
    const { resources } = await createTestResources();
    const shelf = await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: { colour: 'red', note: null } }), { fieldValidation: 'ignore' });
    expect(shelf.spec).toEqual({ organizationRef: 'acme', height: 3, material: 'oak' });
  });

  it('refuses sections and metadata of the wrong shape, and keys that nobody reads', async () => {
    const { resources } = await createTestResources();
    const error = await failure(resources.create(Shelf, 'acme', untyped({
      metadata: { name: 'a', labels: 'x', finalizers: 'y', lables: {} }, spec: ['z'], sepc: {},
    })));
    expect(error.details.causes?.map(({ message }) => message)).toEqual([
      'spec must be an object', 'metadata.labels must be an object of strings', 'metadata.finalizers must be a list',
      'sepc is not a field; did you mean "spec"?', 'metadata.lables is not a field; did you mean "labels"?',
    ]);
    for (const nothing of [null, 'text', []]) expect((await failure(resources.create(Shelf, 'acme', untyped(nothing as never)))).reason).toBe('BadRequest');
  });

  it.each(['labels', 'annotations'])('of %s named as the prototype are seen, and reach none', async (field) => {
    const { resources } = await createTestResources();
    const named: unknown = JSON.parse(`{"name":"a","${field}":{"__proto__":{"room":"one"}}}`);
    const error = await failure(resources.create(Shelf, 'acme', untyped({ metadata: named, spec: {} })));
    expect(error.details.causes).toMatchObject([{ field: `metadata.${field}[__proto__]` }]);
  });

  it('lists at most a hundred causes', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 's' }, spec: {} }));
    const error = await failure(resources.create(Box, 'acme', untyped({ metadata: { name: 'b' }, spec: { shelf: 's', friends: Array.from({ length: 50_000 }, () => 7) } })));
    expect(error.details.causes).toHaveLength(100);
    expect(error.message).toMatch(/and 49997 more$/);
  });

  it('refuses a required reference that does not resolve, and a reference into another organization', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'other', untyped({ metadata: { name: 'tall' }, spec: {} }));
    const error = await failure(resources.create(Box, 'acme', untyped({ metadata: { name: 'b' }, spec: { shelf: 'tall' } })));
    expect(error.details.causes).toEqual([
      { code: 'FieldValueNotFound', field: 'spec.shelf', message: 'spec.shelf names the Shelf "tall", which organization "acme" does not have' },
    ]);
  });

  it('makes an owner of what an owner reference names', async () => {
    const { resources } = await createTestResources();
    const shelf = await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'tall' }, spec: {} }));
    const box = await resources.create(Box, 'acme', untyped({ metadata: { name: 'b' }, spec: { shelf: 'tall' } }));
    expect(box.metadata.ownerReferences).toEqual([{ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Shelf', name: 'tall', uid: shelf.metadata.uid, blockOwnerDeletion: true }]);
    const orphan = await failure(resources.create(Shelf, 'acme', untyped({
      metadata: { name: 'c', ownerReferences: [{ apiVersion: 'v1', kind: 'Shelf', name: 'tall', uid: 'another' }] }, spec: {},
    })));
    expect(orphan.details.causes?.[0]).toMatchObject({ code: 'FieldValueNotFound', field: 'metadata.ownerReferences[0]' });
  });

  it('generates names that are free', async () => {
    const { resources } = await createTestResources();
    const names = new Set<string>();
    for (let index = 0; index < 20; index += 1) {
      names.add((await resources.create(Shelf, 'acme', untyped({ metadata: { generateName: 'shelf-' }, spec: {} }))).metadata.name);
    }
    expect(names.size).toBe(20);
    for (const name of names) expect(name).toMatch(/^shelf-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('refuses a taken name, a resourceVersion, objects that are too large or too deep', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {} }));
    expect(await failure(resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {} })))).toMatchObject({
      reason: 'AlreadyExists', message: 'Shelf "a" is there already, in organization "acme"; choose another name',
    });
    expect((await failure(resources.create(Shelf, 'acme', untyped({ metadata: { name: 'x', resourceVersion: '3' }, spec: {} })))).reason).toBe('BadRequest');
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 's' }, spec: {} }));
    const large = { metadata: { name: 'b' }, spec: { shelf: 's', extra: { text: 'x'.repeat(1_600_000) } } };
    expect((await failure(resources.create(Box, 'acme', untyped(large)))).reason).toBe('RequestEntityTooLarge');
    let deep: object = {};
    for (let index = 0; index < 10_000; index += 1) deep = { deep };
    expect((await failure(resources.create(Box, 'acme', untyped({ metadata: { name: 'b' }, spec: { shelf: 's', extra: deep } })))).message).toMatch(/nested deeper/);
  });

  it('ignores a status from people and takes one from the system', async () => {
    const { resources } = await createTestResources();
    const status = { phase: 'Filled' };
    expect((await resources.as(admin).create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {}, status }))).status).toBeUndefined();
    expect((await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'b' }, spec: {}, status }))).status).toEqual(status);
  });

  it('writes nothing on a dry run and says what would have been', async () => {
    const { resources, store } = await createTestResources();
    const before = await store.revisions();
    const dry = await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {} }), { dryRun: true });
    expect(dry.spec.height).toBe(3);
    expect(await store.revisions()).toEqual(before);
  });
});

describe('update, apply and mutate', () => {
  it('counts generations by spec, keeps the status, and writes nothing when nothing changes', async () => {
    const { resources, store } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {} }));
    await resources.mutateStatus(Shelf, { org: 'acme', name: 'a' }, (status) => { status.phase = 'Filled'; });
    const labelled = await resources.update(Shelf, 'acme', untyped({ metadata: { name: 'a', labels: { room: 'one' } }, spec: {} }));
    expect(labelled).toMatchObject({ metadata: { generation: 1, labels: { room: 'one', 'kradle.a5c.ai/org': 'acme' } }, status: { phase: 'Filled' } });
    const raised = await resources.update(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: { height: 5 } }));
    expect(raised).toMatchObject({ metadata: { generation: 2 }, spec: { height: 5 }, status: { phase: 'Filled' } });
    const { head } = await store.revisions();
    expect(await resources.update(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: { height: 5 } }))).toEqual(raised);
    expect((await store.revisions()).head).toBe(head);
  });

  it('treats resourceVersion and uid as preconditions', async () => {
    const { resources } = await createTestResources();
    const first = await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {} }));
    await resources.update(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: { height: 5 } }));
    const stale = { metadata: { name: 'a', resourceVersion: first.metadata.resourceVersion }, spec: { height: 6 } };
    expect((await failure(resources.update(Shelf, 'acme', untyped(stale)))).reason).toBe('Conflict');
    expect((await failure(resources.apply(Shelf, 'acme', untyped(stale)))).reason).toBe('Conflict');
    expect((await failure(resources.update(Shelf, 'acme', untyped({ metadata: { name: 'a', uid: 'other' }, spec: {} })))).reason).toBe('Conflict');
    expect((await failure(resources.delete(Shelf, { org: 'acme', name: 'a' }, { expectedResourceVersion: '1' }))).reason).toBe('Conflict');
    expect((await failure(resources.update(Shelf, 'acme', untyped({ metadata: { name: 'zzz' }, spec: {} })))).reason).toBe('NotFound');
  });

  it('refuses to change an immutable field', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {} }));
    const error = await failure(resources.update(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: { material: 'steel' } })));
    expect(error.details.causes).toEqual([
      { code: 'FieldValueForbidden', field: 'spec.material', message: 'spec.material cannot change after creation; it is "oak". Create another Shelf instead' },
    ]);
  });

  it('applies by merge patch: creates, configures, removes by null, and says unchanged', async () => {
    const { resources } = await createTestResources();
    const document = (spec: object, labels: object = {}) => untyped({ metadata: { name: 'a', labels }, spec });
    expect((await resources.apply(Shelf, 'acme', document({ note: 'x', height: null }, { gone: null, room: 'one' }))).operation).toBe('created');
    const { object, operation } = await resources.apply(Shelf, 'acme', document({ height: 7 }));
    expect(operation).toBe('configured');
    expect(object).toMatchObject({ spec: { note: 'x', height: 7 }, metadata: { labels: { room: 'one' } } });
    expect((await resources.apply(Shelf, 'acme', document({ height: 7 }))).operation).toBe('unchanged');
    const removed = await resources.apply(Shelf, 'acme', document({ note: null, height: null }));
    expect(removed.object.spec).toEqual({ organizationRef: 'acme', height: 3, material: 'oak' });
  });

  it('applies one document from many sides at once', async () => {
    const { resources } = await createTestResources();
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, index) =>
      resources.apply(Shelf, 'acme', untyped({ metadata: { name: 'a', labels: { [`l${index}`]: 'x' } }, spec: {} }))));
    expect(outcomes.filter(({ operation }) => operation === 'created')).toHaveLength(1);
    expect(Object.keys((await resources.get(Shelf, { org: 'acme', name: 'a' })).metadata.labels ?? {})).toHaveLength(11);
  });

  it('loses no change of many at once', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {} }));
    await Promise.all(Array.from({ length: 20 }, () =>
      resources.mutateStatus(Shelf, { org: 'acme', name: 'a' }, (status) => { status.boxes = (status.boxes ?? 0) + 1; })));
    expect((await resources.get(Shelf, { org: 'acme', name: 'a' })).status?.boxes).toBe(20);
  });

  it('does not write a status that does not change, and refuses one of a wrong shape', async () => {
    const { resources, store } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {} }));
    const { head } = await store.revisions();
    await resources.mutateStatus(Shelf, { org: 'acme', name: 'a' }, () => undefined);
    expect((await store.revisions()).head).toBe(head);
    const error = await failure(resources.mutateStatus(Shelf, { org: 'acme', name: 'a' }, (status) => { status.phase = 'Broken' as never; }));
    expect(error.details.causes?.[0]).toMatchObject({ field: 'status.phase', code: 'FieldValueNotSupported' });
  });

  it('lets a mutation refuse, and shows it the current object', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {} }));
    const mutated = await resources.mutate(Shelf, { org: 'acme', name: 'a' }, (draft, current) => { draft.spec.height = current.spec.height + 1; });
    expect(mutated.spec.height).toBe(4);
    let asked = 0;
    const refused = resources.mutateStatus(Shelf, { org: 'acme', name: 'a' }, () => {
      asked += 1;
      throw new StatusError('Conflict', 'already decided');
    });
    expect((await failure(refused)).message).toBe('already decided');
    expect(asked).toBe(1);
  });

  it('does not check again what did not change: a finalizer goes although the referent is gone', async () => {
    const { resources, store } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 's' }, spec: {} }));
    await resources.create(Box, 'acme', untyped({ metadata: { name: 'b', finalizers: ['test/hold'] }, spec: { shelf: 's' } }));
    await store.delete({ plural: 'shelves', namespace: 'kradle-org-acme', name: 's' }, {});
    await resources.delete(Box, { org: 'acme', name: 'b' });
    await resources.mutate(Box, { org: 'acme', name: 'b' }, (draft) => { draft.metadata.finalizers = []; });
    expect(await resources.find(Box, { org: 'acme', name: 'b' })).toBeUndefined();
  });
});

describe('delete', () => {
  it('waits for finalizers, which may then only go', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a', finalizers: ['test/one', 'test/two'] }, spec: {} }));
    const marked = await resources.delete(Shelf, { org: 'acme', name: 'a' });
    expect(marked.metadata.deletionTimestamp).toBe('2026-01-01T00:00:00.000Z');
    expect(await resources.delete(Shelf, { org: 'acme', name: 'a' })).toEqual(marked);
    const one = await resources.mutate(Shelf, { org: 'acme', name: 'a' }, (draft) => { draft.metadata.finalizers = ['test/two', 'test/new']; });
    expect(one.metadata.finalizers).toEqual(['test/two']);
    await resources.mutate(Shelf, { org: 'acme', name: 'a' }, (draft) => { draft.metadata.finalizers = undefined; });
    expect(await resources.find(Shelf, { org: 'acme', name: 'a' })).toBeUndefined();
  });

  it('holds an organization until its content is gone, and lets nothing new in meanwhile', async () => {
    const { resources } = await createTestResources();
    const realm = await resources.as(admin).delete(Realm, { org: 'acme', name: 'acme' });
    expect(realm.metadata.finalizers).toEqual([ORGANIZATION_FINALIZER]);
    expect(await failure(resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {} })))).toMatchObject({ reason: 'Forbidden', code: 'ORG_TERMINATING' });
  });

  it('lets nothing new into an organization whose deletion is not known here yet; another change of it hinders nobody', async () => {
    const { resources, store } = await createTestResources({ store: forgetfulStore() });
    const shelf = (name: string) => resources.create(Shelf, 'acme', untyped({ metadata: { name }, spec: {} }));
    await shelf('a');
    await resources.mutate(Realm, { org: 'acme', name: 'acme' }, (draft) => { draft.metadata.labels = { ...draft.metadata.labels, seen: 'no' }; });
    expect((await shelf('b')).metadata.name).toBe('b');
    await resources.as(admin).delete(Realm, { org: 'acme', name: 'acme' });
    expect(await failure(shelf('c'))).toMatchObject({ reason: 'Forbidden', code: 'ORG_TERMINATING' });
    expect((await store.list({ plural: Shelf.names.plural })).items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  });

  it('deletes nothing on a dry run', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {} }));
    await resources.delete(Shelf, { org: 'acme', name: 'a' }, { dryRun: true });
    expect(await resources.find(Shelf, { org: 'acme', name: 'a' })).toBeDefined();
  });
});

describe('strategies', () => {
  it('fill in, check and bring to one form, in that order', async () => {
    const shelves = defineStrategy<typeof Shelf>({
      kind: Shelf,
      prepare: (draft, ctx) => { draft.spec.note ??= `by ${ctx.actor.name}`; },
      validate: (object) => (object.spec.note === 'bad' ? [{ code: 'FieldValueInvalid', field: 'spec.note', message: 'spec.note must be good' }] : []),
      canonicalize: (object) => { object.spec.note = object.spec.note?.trim(); },
    });
    const { resources } = await createTestResources({ strategies: [shelves] });
    expect((await resources.as(member).create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: {} }))).spec.note).toBe('by ada');
    expect((await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'b' }, spec: { note: ' trim ' } }))).spec.note).toBe('trim');
    const error = await failure(resources.create(Shelf, 'acme', untyped({ metadata: { name: 'c' }, spec: { note: 'bad' } })));
    expect(error.details.causes?.[0]?.message).toBe('spec.note must be good');
  });

  it('are given fields of the kind, without nulls, to change as they like: what was sent stays as it is', async () => {
    const seen: unknown[] = [];
    const boxes = defineStrategy<typeof Box>({
      kind: Box,
      prepare({ metadata, spec }) {
        seen.push(structuredClone(spec));
        metadata.labels = { ...metadata.labels, prepared: 'yes' };
        spec.friends?.push('cat');
        if (Array.isArray(spec.extra?.list)) spec.extra.list.push('more');
        if (spec.lock !== undefined) spec.lock.owner = 'cat';
      },
    });
    const { resources } = await createTestResources({ strategies: [boxes] });
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 's' }, spec: {} }));
    const sent = { metadata: { name: 'b', labels: { room: 'hall' } }, spec: { shelf: 's', weightKg: null, friends: ['dog'], lock: { code: '1234', owner: null }, extra: { list: [{ deep: null }] }, size: 7 } };
    const before = structuredClone(sent);
    const { metadata, spec } = await resources.create(Box, 'acme', untyped(sent), { fieldValidation: 'ignore' });
    expect(seen).toEqual([{ organizationRef: 'acme', shelf: 's', friends: ['dog'], lock: { code: '1234' }, extra: { list: [{ deep: null }] } }]);
    expect(metadata.labels).toMatchObject({ room: 'hall', prepared: 'yes' });
    expect(spec).toMatchObject({ friends: ['dog', 'cat'], lock: { code: '1234', owner: 'cat' }, extra: { list: [{ deep: null }, 'more'] } });
    expect(sent).toEqual(before);
  });
});

describe('permission', () => {
  it('lets members act in their organizations only, and shows them those', async () => {
    const { resources } = await createTestResources();
    for (const org of ['acme', 'other']) await resources.create(Shelf, org, untyped({ metadata: { name: 'a' }, spec: {} }));
    const ada = resources.as(member);
    expect((await ada.list(Shelf, { org: '*' })).items.map((item) => item.metadata.namespace)).toEqual(['kradle-org-acme']);
    expect((await ada.list(Realm, { org: '*' })).items.map((item) => item.metadata.name)).toEqual(['acme']);
    expect((await resources.as(admin).list(Realm, { org: '*' })).items).toHaveLength(2);
    expect(await ada.find(Realm, { org: 'other', name: 'other' })).toBeUndefined();
    for (const attempt of [
      ada.get(Shelf, { org: 'other', name: 'a' }), ada.find(Shelf, { org: 'other', name: 'a' }), ada.list(Shelf, { org: 'other' }),
      ada.delete(Shelf, { org: 'other', name: 'a' }), ada.update(Shelf, 'other', untyped({ metadata: { name: 'a' }, spec: {} })),
      ada.apply(Shelf, 'other', untyped({ metadata: { name: 'a' }, spec: {} })),
    ]) expect((await failure(attempt)).code).toBe('ORG_NOT_FOUND');
    // A platform object that they may not see is as one that is not there, whatever they want with it.
    for (const attempt of [
      (name: string) => ada.delete(Realm, { org: name, name }), (name: string) => ada.update(Realm, name, untyped({ metadata: { name }, spec: {} })),
      (name: string) => ada.apply(Realm, name, untyped({ metadata: { name }, spec: {} })), (name: string) => ada.patch(Realm, { org: name, name }, { type: 'apply', object: {}, force: true }),
    ]) {
      const [hidden, absent] = [await failure(attempt('other')), await failure(attempt('quite'))];
      expect([hidden.code, hidden.message.replaceAll('other', 'quite')]).toEqual([absent.code, absent.message]);
    }
    expect((await failure(ada.create(Realm, 'new', untyped({ metadata: { name: 'new' }, spec: {} })))).reason).toBe('Forbidden');
  });

  it('lets a run read itself and nothing else', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 's' }, spec: {} }));
    for (const name of ['b1', 'b2']) await resources.create(Box, 'acme', untyped({ metadata: { name }, spec: { shelf: 's' } }));
    const client = resources.as(run);
    expect((await client.get(Box, { org: 'acme', name: 'b1' })).metadata.name).toBe('b1');
    expect((await failure(client.get(Box, { org: 'acme', name: 'b2' }))).reason).toBe('Forbidden');
    expect((await failure(client.get(Shelf, { org: 'acme', name: 's' }))).reason).toBe('Forbidden');
    expect((await failure(client.list(Box, { org: 'acme' }))).reason).toBe('Forbidden');
    expect((await failure(client.mutate(Box, { org: 'acme', name: 'b1' }, () => undefined))).reason).toBe('Forbidden');
    expect((await failure(client.get(Box, { org: 'other', name: 'b1' }))).code).toBe('ORG_NOT_FOUND');
  });
});

describe('list', () => {
  async function withShelves() {
    const made = await createTestResources();
    const heights = [5, 2, 9, 2, 7];
    for (const [index, height] of heights.entries()) {
      await made.resources.create(Shelf, 'acme', untyped({ metadata: { name: `s${index}`, labels: { odd: String(index % 2) } }, spec: { height, note: index === 3 ? 'Winter coats' : undefined } }));
    }
    return made;
  }
  const names = (list: { items: readonly KradleObject[] }) => list.items.map((item) => item.metadata.name);

  it('selects by labels, fields and words', async () => {
    const { resources } = await withShelves();
    expect(names(await resources.list(Shelf, { org: 'acme', labelSelector: 'odd in (1)' }))).toEqual(['s1', 's3']);
    expect(names(await resources.list(Shelf, { org: 'acme', fieldSelector: 'spec.height=2' }))).toEqual(['s1', 's3']);
    expect(names(await resources.list(Shelf, { org: 'acme', fieldSelector: 'metadata.name=s2' }))).toEqual(['s2']);
    expect(names(await resources.list(Shelf, { org: 'acme', q: 'winter' }))).toEqual(['s3']);
    expect((await failure(resources.list(Shelf, { org: 'acme', labelSelector: 'a b' }))).reason).toBe('BadRequest');
    expect((await failure(resources.list(Shelf, { org: 'nowhere' }))).code).toBe('ORG_NOT_FOUND');
    expect((await failure(resources.list(Shelf, { org: 'acme', limit: 0 }))).reason).toBe('BadRequest');
  });

  it('pages by name and in any order, without repeat or gap, although objects come and go', async () => {
    const { resources } = await withShelves();
    const pages = async (sort: string | undefined, between?: () => Promise<unknown>) => {
      const seen: string[] = [];
      let token: string | undefined;
      do {
        const page = await resources.list(Shelf, { org: 'acme', limit: 2, sort, continue: token });
        seen.push(...names(page));
        token = page.metadata.continue;
        await between?.();
        between = undefined;
      } while (token !== undefined);
      return seen;
    };
    expect(await pages(undefined)).toEqual(['s0', 's1', 's2', 's3', 's4']);
    expect(await pages('spec.height')).toEqual(['s1', 's3', 's0', 's4', 's2']);
    expect(await pages('-spec.height')).toEqual(['s2', 's4', 's0', 's1', 's3']);
    expect(await pages('spec.height', () => resources.delete(Shelf, { org: 'acme', name: 's3' }))).toEqual(['s1', 's3', 's0', 's4', 's2']);
    expect(await pages('spec.note')).toEqual(['s0', 's1', 's2', 's4']);
  });

  it('refuses a token of another list', async () => {
    const { resources } = await withShelves();
    const { metadata } = await resources.list(Shelf, { org: 'acme', limit: 2, sort: 'spec.height' });
    expect((await failure(resources.list(Shelf, { org: 'acme', limit: 2, sort: '-spec.height', continue: metadata.continue }))).reason).toBe('BadRequest');
    expect((await failure(resources.list(Shelf, { org: 'acme', limit: 2, continue: metadata.continue }))).reason).toBe('BadRequest');
    expect((await failure(resources.list(Shelf, { org: 'acme', limit: 2, sort: 'spec.height', continue: 'sorted.bm9wZQ' }))).reason).toBe('BadRequest');
  });
});

describe('watch', () => {
  it('tells of every change after the call, in order, within the selection', async () => {
    const { resources } = await createTestResources();
    const stop = new AbortController();
    const events = resources.as(member).watch(Shelf, { org: 'acme', fieldSelector: 'spec.height=5', signal: stop.signal });
    await resources.create(Shelf, 'other', untyped({ metadata: { name: 'x' }, spec: { height: 5 } }));
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: { height: 5 } }));
    await resources.update(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: { height: 6 } }));
    await resources.update(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: { height: 5 } }));
    const seen: string[] = [];
    for await (const event of events) {
      seen.push(`${event.type} ${event.object?.metadata.name}`);
      if (seen.length === 3) stop.abort();
    }
    expect(seen).toEqual(['ADDED a', 'DELETED a', 'ADDED a']);
  });

  it('spans kinds of one organization in watchOrg', async () => {
    const { resources } = await createTestResources();
    const stop = new AbortController();
    const events = resources.as(member).watchOrg({ org: 'acme', kinds: [Shelf, Box], signal: stop.signal });
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 's' }, spec: {} }));
    await resources.create(Box, 'acme', untyped({ metadata: { name: 'b' }, spec: { shelf: 's' } }));
    const seen: string[] = [];
    for await (const event of events) {
      seen.push(`${event.type} ${event.object?.kind}`);
      if (seen.length === 2) stop.abort();
    }
    expect(seen).toEqual(['ADDED Shelf', 'ADDED Box']);
    const hidden = resources.as(member).watchOrg({ org: 'other', kinds: [Shelf], signal: new AbortController().signal });
    await expect(hidden[Symbol.asyncIterator]().next()).rejects.toMatchObject({ details: { code: 'ORG_NOT_FOUND' } });
  });
});
