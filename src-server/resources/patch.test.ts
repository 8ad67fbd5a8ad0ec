import { describe, expect, it } from 'vitest';
import { isStatusError, type StatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import { createTestResources } from '../../test/harness/testResources';
import { Box, Shelf } from '../../test/harness/throwAwayKinds';
import type { Actor } from './actor';
import { pathsOf, type FieldSet } from './ownership/fieldSet';
import type { ObjectPatch, PatchOptions, ResourceClient } from './resourceClient';

const ada: Actor = { kind: 'user', name: 'ada', orgs: ['acme'] };
const ref = { org: 'acme', name: 'oak' };

async function failure(promise: Promise<unknown>): Promise<StatusError> {
  const error = await promise.then(() => undefined, (thrown: unknown) => thrown);
  if (!isStatusError(error)) throw new Error(`expected a StatusError, got ${String(error)}`);
  return error;
}

async function withShelf(spec: object = {}): Promise<{ resources: ResourceClient; patch: (change: ObjectPatch, opts?: PatchOptions) => Promise<KradleObject> }> {
  const { resources } = await createTestResources();
  await resources.as(ada).create(Shelf, 'acme', { metadata: { name: 'oak', labels: { team: 'x' } }, spec: { note: 'n', ...spec } as never });
  return { resources, patch: async (change, opts) => (await resources.as(ada).patch(Shelf, ref, change, opts)).object };
}

const merge = (patch: unknown): ObjectPatch => ({ type: 'merge', patch });
const apply = (object: unknown, force = false): ObjectPatch => ({ type: 'apply', object, force });
const json = (...operations: object[]): ObjectPatch => ({ type: 'json', operations });
const managersOf = (object: { metadata: { managedFields?: readonly { manager?: string; operation?: string; subresource?: string; fieldsV1?: unknown }[] } }) =>
  Object.fromEntries((object.metadata.managedFields ?? []).map(({ manager, operation, subresource, fieldsV1 }) =>
    [`${manager} ${operation}${subresource === undefined ? '' : ` ${subresource}`}`, pathsOf(fieldsV1 as FieldSet)]));

describe('a merge patch', () => {
  it('changes what it names: spec, labels, annotations, finalizers; null takes away', async () => {
    const { patch } = await withShelf();
    const patched = await patch(merge({ metadata: { labels: { team: null, floor: '2' }, annotations: { a: 'b' }, finalizers: ['x/y'] }, spec: { height: 5, note: null } }));
    expect(patched.metadata).toMatchObject({ generation: 2, labels: { floor: '2', 'kradle.a5c.ai/org': 'acme' }, annotations: { a: 'b' }, finalizers: ['x/y'] });
    expect(patched.metadata.labels).not.toHaveProperty('team');
    expect(patched.spec).toEqual({ organizationRef: 'acme', height: 5, material: 'oak' });
  });

  it('keeps the spec when it says null for all of it, and never touches the status', async () => {
    const { resources, patch } = await withShelf();
    await resources.mutateStatus(Shelf, ref, (status) => { status.phase = 'Filled'; });
    const patched = await patch(merge({ spec: null, status: { phase: 'Empty' }, metadata: { annotations: { a: 'b' } } }));
    expect(patched).toMatchObject({ spec: { note: 'n' }, status: { phase: 'Filled' } });
  });

  it('is refused where it changes what an object is', async () => {
    const { patch } = await withShelf();
    expect(await failure(patch(merge({ metadata: { name: 'pine' } })))).toMatchObject({ reason: 'Invalid', details: { causes: [{ field: 'metadata.name' }] } });
    expect((await failure(patch(merge({ kind: 'Box' })))).reason).toBe('BadRequest');
    expect((await failure(patch(merge({ apiVersion: 'v1' })))).reason).toBe('BadRequest');
    expect((await failure(patch(merge({ metadata: { namespace: 'kradle-org-other' } })))).code).toBe('ORG_NAMESPACE_MISMATCH');
    expect((await failure(patch(merge({ metadata: { uid: 'another' } })))).reason).toBe('Conflict');
    expect((await failure(patch(merge({ metadata: { resourceVersion: '1' } })))).reason).toBe('Conflict');
    expect(await failure(patch(merge({ spec: { heigth: 3 } })))).toMatchObject({ reason: 'Invalid', details: { causes: [{ code: 'UnknownField', field: 'spec.heigth' }] } });
    expect((await failure(patch(merge({ spec: { material: 'pine' } })))).reason).toBe('Invalid');
    for (const patched of [null, 'x', []]) expect((await failure(patch(merge(patched)))).reason).toBe('BadRequest');
    expect((await failure(patch(merge(JSON.parse(`{"spec":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`))))).reason).toBe('BadRequest');
  });

  it('of nothing stores nothing', async () => {
    const { resources, patch } = await withShelf();
    const before = await resources.get(Shelf, ref);
    expect(await patch(merge({}))).toEqual(before);
    expect(await patch(merge({ spec: { note: 'n' }, metadata: { labels: { team: 'x' } } }))).toEqual(before);
    expect((await resources.get(Shelf, ref)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('finds what is not there nowhere', async () => {
    const { resources } = await withShelf();
    expect((await failure(resources.patch(Shelf, { org: 'acme', name: 'none' }, merge({})))).reason).toBe('NotFound');
    expect((await failure(resources.as(ada).patch(Shelf, { org: 'other', name: 'oak' }, merge({})))).code).toBe('ORG_NOT_FOUND');
  });

  it('that loses races wins in the end: a hundred writers, every one counted', async () => {
    const { resources } = await withShelf();
    await Promise.all(Array.from({ length: 25 }, (_, index) => resources.patch(Shelf, ref, merge({ metadata: { labels: { [`w${index}`]: 'x' } } }))));
    expect(Object.keys((await resources.get(Shelf, ref)).metadata.labels ?? {})).toHaveLength(27);
  });
});

describe('a JSON patch', () => {
  it('tests, changes, and is refused when a test fails', async () => {
    const { patch } = await withShelf();
    const patched = await patch(json({ op: 'test', path: '/spec/note', value: 'n' }, { op: 'replace', path: '/spec/note', value: 'm' }, { op: 'add', path: '/metadata/labels/x', value: 'y' }));
    expect(patched).toMatchObject({ spec: { note: 'm' }, metadata: { labels: { x: 'y', team: 'x' } } });
    expect((await failure(patch(json({ op: 'test', path: '/spec/note', value: 'n' }, { op: 'remove', path: '/spec/note' })))).reason).toBe('Invalid');
    expect((await failure(patch(json({ op: 'remove', path: '' })))).reason).toBe('BadRequest');
    expect((await failure(patch(json({ op: 'replace', path: '/metadata', value: 'x' })))).reason).toBe('Invalid');
  });
});

describe('the status', () => {
  it('is written by its verb alone, with the rest of the document ignored', async () => {
    const { resources, patch } = await withShelf();
    const { metadata } = await resources.get(Shelf, ref);
    const written = await resources.updateStatus(Shelf, 'acme', { metadata: { ...metadata, labels: { a: 'b' } }, spec: { nonsense: true } as never, status: { phase: 'Filled', boxes: 2 } });
    expect(written).toMatchObject({ metadata: { labels: { team: 'x' }, generation: 1 }, spec: { note: 'n' }, status: { phase: 'Filled', boxes: 2 } });
    expect((await failure(resources.updateStatus(Shelf, 'acme', { metadata: { name: 'oak', resourceVersion: metadata.resourceVersion }, spec: {} as never, status: {} }))).reason).toBe('Conflict');
    expect(await patch(merge({ status: { boxes: 3, phase: null }, spec: { note: 'other' } }), { subresource: 'status' })).toMatchObject({ spec: { note: 'n' }, status: { boxes: 3 } });
    expect(await patch(json({ op: 'replace', path: '/status/boxes', value: 4 }), { subresource: 'status' })).toMatchObject({ status: { boxes: 4 } });
    expect((await failure(patch(merge({ status: { boxes: 'many' } }), { subresource: 'status' }))).reason).toBe('Invalid');
    expect((await failure(patch(merge({ status: { bxoes: 3 } }), { subresource: 'status' }))).details.causes).toMatchObject([{ code: 'UnknownField', field: 'status.bxoes' }]);
    expect((await failure(patch(apply({ status: {} }), { subresource: 'status' }).then(() => resources.patch(Shelf, { org: 'acme', name: 'none' }, apply({ status: {} }), { subresource: 'status' })))).reason).toBe('NotFound');
  });

  it('has owners of its own', async () => {
    const { resources, patch } = await withShelf();
    await patch(apply({ status: { conditions: [{ type: 'Ready', status: 'True', reason: 'r' }] } }), { subresource: 'status', fieldManager: 'kubelet' });
    await resources.as({ kind: 'system', name: 'shelf-controller', orgs: '*' }).mutateStatus(Shelf, ref, (status) => { status.boxes = 1; });
    const shelf = await resources.get(Shelf, ref);
    expect(managersOf(shelf)).toMatchObject({
      'kubelet Apply status': ['.status.conditions[type="Ready"]', '.status.conditions[type="Ready"].type', '.status.conditions[type="Ready"].status', '.status.conditions[type="Ready"].reason'],
      'shelf-controller Update status': ['.status.boxes'],
    });
    const conflict = await failure(patch(apply({ status: { boxes: 5 } }), { subresource: 'status', fieldManager: 'other' }));
    expect(conflict.details.causes).toEqual([
      { code: 'FieldManagerConflict', field: '.status.boxes', message: 'conflict with "shelf-controller" with subresource "status" using kradle.a5c.ai/v1alpha1' },
    ]);
  });
});

describe('server-side apply', () => {
  it('creates, says so, and owns what it said: not what the server filled in', async () => {
    const { resources } = await createTestResources();
    const { object, created } = await resources.as(ada).patch(Shelf, ref, apply({ apiVersion: 'krate.a5c.ai/v1alpha1', kind: 'Rack', metadata: { labels: { a: 'b' } }, spec: { height: 4 } }), { fieldManager: 'gitops' });
    expect(created).toBe(true);
    expect(object).toMatchObject({ kind: 'Shelf', metadata: { name: 'oak', generation: 1 }, spec: { organizationRef: 'acme', height: 4, material: 'oak' } });
    expect(managersOf(object)).toEqual({ 'gitops Apply': ['.metadata.labels.a', '.spec.height'] });
    const again = await resources.as(ada).patch(Shelf, ref, apply({ metadata: { labels: { a: 'b' } }, spec: { height: 4 } }), { fieldManager: 'gitops' });
    expect(again).toEqual({ object, created: false });
  });

  it('takes away what it no longer says, and what is taken away falls back to its default', async () => {
    const { resources, patch } = await withShelf();
    await patch(apply({ metadata: { annotations: { a: 'b' } }, spec: { height: 7, note: 'n' } }, true), { fieldManager: 'gitops' });
    const less = await patch(apply({ spec: {} }), { fieldManager: 'gitops' });
    expect(less.spec).toMatchObject({ height: 3, note: 'n' });
    expect(less.metadata.annotations).toBeUndefined();
    expect(managersOf(await resources.get(Shelf, ref))['gitops Apply']).toEqual(['.spec']);
  });

  it('leaves the spec and its owners alone when the document has none', async () => {
    const { patch } = await withShelf();
    const applied = await patch(apply({ metadata: { labels: { a: 'b' } }, spec: { height: 7 } }, true), { fieldManager: 'gitops' });
    const less = await patch(apply({ metadata: { labels: { c: 'd' } } }), { fieldManager: 'gitops' });
    expect(less.spec).toEqual(applied.spec);
    expect(managersOf(less)['gitops Apply']).toEqual(['.metadata.labels.c', '.spec.height']);
  });

  it('conflicts with what others wrote until it is forced; preconditions come first', async () => {
    const { resources, patch } = await withShelf();
    const conflict = await failure(patch(apply({ spec: { note: 'other' } }), { fieldManager: 'gitops' }));
    expect(conflict).toMatchObject({ reason: 'Conflict', httpStatus: 409, message: 'Apply failed with 1 conflict: conflict with "ada" using kradle.a5c.ai/v1alpha1: .spec.note' });
    expect((await failure(patch(apply({ metadata: { resourceVersion: '1' }, spec: { note: 'n' } })))).message).toContain('you have version 1');
    const forced = await patch(apply({ spec: { note: 'other' } }, true), { fieldManager: 'gitops' });
    expect(forced.spec.note).toBe('other');
    expect(managersOf(forced)['gitops Apply']).toEqual(['.spec.note']);
    expect(managersOf(await resources.get(Shelf, ref))['ada Update']).not.toContain('.spec.note');
  });

  it('refuses what it cannot be', async () => {
    const { patch } = await withShelf();
    expect((await failure(patch(apply(null)))).reason).toBe('BadRequest');
    expect((await failure(patch(apply({ metadata: { managedFields: [] }, spec: {} })))).reason).toBe('BadRequest');
    expect((await failure(patch(apply({ metadata: { name: 'pine' }, spec: {} })))).reason).toBe('Invalid');
    expect((await failure(patch(apply({ kind: 'Box', spec: {} })))).reason).toBe('BadRequest');
    expect((await failure(patch(apply({ spec: { heigth: 1 } })))).details.causes).toMatchObject([{ code: 'UnknownField', field: 'spec.heigth' }]);
    const { resources } = await createTestResources();
    expect((await failure(resources.patch(Shelf, { org: 'acme', name: 'No Name' }, apply({ spec: {} })))).details.causes).toMatchObject([{ field: 'metadata.name' }]);
    expect((await failure(resources.patch(Shelf, ref, apply({ metadata: { uid: 'x' }, spec: {} })))).reason).toBe('Conflict');
  });

  it('stores nothing on a dry run, and shows the owners that there would be', async () => {
    const { resources } = await createTestResources();
    const { object } = await resources.patch(Shelf, ref, apply({ spec: { note: 'x' } }), { dryRun: true, fieldManager: 'm' });
    expect(managersOf(object)).toEqual({ 'm Apply': ['.spec.note'] });
    expect(await resources.find(Shelf, ref)).toBeUndefined();
  });
});

describe('metadata.managedFields', () => {
  it('says who created and who changed what, once each', async () => {
    const { resources } = await withShelf();
    await resources.as(ada).update(Shelf, 'acme', { metadata: { name: 'oak', labels: { team: 'y' } }, spec: { note: 'n', height: 4 } as never }, { fieldManager: 'console' });
    const shelf = await resources.get(Shelf, ref);
    expect(managersOf(shelf)).toEqual({
      'ada Update': ['.metadata.labels', '.spec', '.spec.material', '.spec.note'],
      'console Update': ['.metadata.labels.team', '.spec.height'],
    });
    expect(shelf.metadata.managedFields).toEqual([
      expect.objectContaining({ manager: 'ada', time: '2026-01-01T00:00:00Z', fieldsType: 'FieldsV1', apiVersion: 'kradle.a5c.ai/v1alpha1' }), expect.objectContaining({ manager: 'console' }),
    ]);
  });

  it('stays as it is when nothing changes, and when a client leaves it out or sends it back', async () => {
    const { resources } = await withShelf();
    const shelf = await resources.get(Shelf, ref);
    const { managedFields: _managedFields, ...metadata } = shelf.metadata;
    expect(await resources.update(Shelf, 'acme', { ...shelf, metadata })).toEqual(shelf);
    expect(await resources.update(Shelf, 'acme', shelf)).toEqual(shelf);
    const truncated = (shelf.metadata.managedFields ?? []).map((entry) => ({ ...entry, time: '2030-01-01T00:00:00Z' }));
    expect(await resources.update(Shelf, 'acme', { ...shelf, metadata: { ...metadata, managedFields: truncated } })).toEqual(shelf);
  });

  it('can be reset, and is followed again from the first apply', async () => {
    const { resources, patch } = await withShelf();
    for (const reset of [[], [{}]]) {
      await patch(apply({ spec: { note: 'n' } }), { fieldManager: 'gitops' });
      const cleared = await patch(merge({ metadata: { managedFields: reset } }));
      expect(cleared.metadata.managedFields).toBeUndefined();
      expect((await patch(merge({ metadata: { annotations: { a: JSON.stringify(reset) } } }))).metadata.managedFields).toBeUndefined();
    }
    const applied = await patch(apply({ spec: { note: 'n' } }), { fieldManager: 'gitops' });
    expect(Object.keys(managersOf(applied)).sort()).toEqual(['before-first-apply Update', 'gitops Apply']);
    expect(await resources.get(Shelf, ref)).toEqual(applied);
  });

  it('lets kubectl go from client-side to server-side apply', async () => {
    const { resources } = await createTestResources();
    const document = { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Shelf', metadata: { name: 'oak' }, spec: { note: 'one', height: 2 } };
    const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
    await resources.create(Shelf, 'acme', { ...document, kind: 'Shelf', metadata: { name: 'oak', annotations: { [lastApplied]: `${JSON.stringify(document)}\n` } }, spec: document.spec as never }, { fieldManager: 'kubectl-client-side-apply' });
    // Another manager's server-side apply conflicts; kubectl's own is the same hand.
    const changed = { ...document, spec: { note: 'two', height: 2 } };
    expect((await failure(resources.patch(Shelf, ref, apply(changed), { fieldManager: 'gitops' }))).reason).toBe('Conflict');
    const { object } = await resources.patch(Shelf, ref, apply(changed), { fieldManager: 'kubectl' });
    expect(object.spec.note).toBe('two');
    expect(JSON.parse(object.metadata.annotations?.[lastApplied] ?? '')).toEqual(changed);
    // What kubectl sends then: one entry for both, at this version of the object.
    const entries = object.metadata.managedFields ?? [];
    const merged = [{ ...entries[0], manager: 'kubectl', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:note': {}, 'f:height': {} } } }];
    const migrated = await resources.patch(Shelf, ref, json(
      { op: 'replace', path: '/metadata/managedFields', value: merged }, { op: 'replace', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
    ));
    expect(managersOf(migrated.object)).toEqual({ 'kubectl Apply': ['.spec.note', '.spec.height'] });
    const { object: less } = await resources.patch(Shelf, ref, apply({ ...document, spec: { note: 'two' } }), { fieldManager: 'kubectl' });
    expect(less.spec.height).toBe(3);
  });

  it('of an object too large for it is left out, with a warning', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', { metadata: { name: 's' }, spec: {} as never });
    const warnings: string[] = [];
    const extra = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`key${index}`, index]));
    const box = await resources.create(Box, 'acme', { metadata: { name: 'b' }, spec: { shelf: 's', extra } as never }, { onWarning: (warning) => warnings.push(warning) });
    expect(box.metadata.managedFields).toBeUndefined();
    expect(warnings).toEqual(['the object has too many fields to keep who manages each; metadata.managedFields is left out']);
    expect((await resources.patch(Box, { org: 'acme', name: 'b' }, apply({ spec: { weightKg: 1 } }))).object.spec.weightKg).toBe(1);
  });

  it('never names the fields that only the server writes', async () => {
    const { resources } = await createTestResources();
    const shelf = await resources.create(Shelf, 'acme', { metadata: { generateName: 'oak-', labels: { 'kradle.a5c.ai/org': 'acme' } }, spec: {} as never });
    expect(managersOf(shelf)['kradle Update']).toEqual(['.metadata.generateName', '.spec', '.spec.height', '.spec.material']);
    const said = await resources.create(Shelf, 'acme', { metadata: { name: 'said' }, spec: { organizationRef: 'acme' } });
    expect(managersOf(said)['kradle Update']).toContain('.spec.organizationRef');
  });
});
