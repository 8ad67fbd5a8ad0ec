import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isStatusError, type StatusError } from '#shared/api/status';
import { defineKind } from '#shared/kind/defineKind';
import { organizationRef } from '#shared/kind/fields';
import { normalizeName } from '#shared/kind/names';
import { createTestResources } from '../../test/harness/testResources';
import { Box, Shelf } from '../../test/harness/throwAwayKinds';
import { defineStrategy } from './strategy';

const Jar = defineKind({
  names: { kind: 'Jar', plural: 'jars', singular: 'jar', title: 'Jars' },
  context: 'forge', storage: 'config', placement: 'org', purpose: 'Was once shaped otherwise',
  aliases: ['Pot'],
  upgrade: (spec, name) => {
    const { litres, ...rest } = spec;
    return typeof litres === 'number' ? { label: name, ...rest, volumeMl: litres * 1000 } : { ...spec };
  },
  spec: () => z.object({ organizationRef, volumeMl: z.number(), label: z.string().optional() }),
  status: () => z.object({}),
  columns: [],
});

async function failure(promise: Promise<unknown>): Promise<StatusError> {
  const error = await promise.then(() => undefined, (thrown: unknown) => thrown);
  if (!isStatusError(error)) throw new Error(`expected a StatusError, got ${String(error)}`);
  return error;
}

function untyped(document: object): never {
  return document as never;
}

describe('a document', () => {
  it('of an older shape is brought to the present one, through every verb that takes documents', async () => {
    const { resources } = await createTestResources({ kinds: [Jar] });
    const created = await resources.create(Jar, 'acme', untyped({ metadata: { name: 'a' }, spec: { litres: 1 } }));
    expect(created.spec).toEqual({ organizationRef: 'acme', volumeMl: 1000, label: 'a' });
    expect((await resources.update(Jar, 'acme', untyped({ metadata: { name: 'a' }, spec: { litres: 2 } }))).spec.volumeMl).toBe(2000);
    expect((await resources.apply(Jar, 'acme', untyped({ metadata: { name: 'a' }, spec: { litres: 3 } }))).object.spec.volumeMl).toBe(3000);
    const applied = await resources.patch(Jar, { org: 'acme', name: 'a' }, { type: 'apply', object: { spec: { litres: 4 } }, force: true });
    expect(applied.object.spec.volumeMl).toBe(4000);
    const patched = await resources.patch(Jar, { org: 'acme', name: 'a' }, { type: 'merge', patch: { spec: { litres: 5 } } });
    expect(patched.object.spec).toEqual({ organizationRef: 'acme', volumeMl: 5000, label: 'a' });
  });

  it('that has no spec leaves that of the object, and is refused where there is no object yet', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec: { note: 'n' } }));
    for (const spec of [undefined, null]) {
      expect((await resources.update(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec, status: { phase: 'Empty' } }))).spec.note).toBe('n');
      expect((await resources.apply(Shelf, 'acme', untyped({ metadata: { name: 'a' }, spec }))).operation).toBe('unchanged');
    }
    expect((await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'b' } }))).spec).toEqual({ organizationRef: 'acme', height: 3, material: 'oak' });
    expect((await failure(resources.create(Box, 'acme', untyped({ metadata: { name: 'b' } })))).details.causes).toMatchObject([{ code: 'FieldValueRequired', field: 'spec.shelf' }]);
  });
});

describe('a warning', () => {
  it('says what was understood otherwise than it was written', async () => {
    const strategy = defineStrategy({ kind: Jar, normalizeName });
    const { resources } = await createTestResources({ kinds: [Jar], strategies: [strategy] });
    const warnings: string[] = [];
    const onWarning = (warning: string) => warnings.push(warning);
    const jar = await resources.create(Jar, 'acme', untyped({
      apiVersion: 'krate.a5c.ai/v1alpha1', kind: 'Pot', metadata: { name: 'Big Jar', namespace: 'krate-system', colour: 'red' }, spec: { volumeMl: 1, foo: 2 }, extra: {},
    }), { fieldValidation: 'warn', onWarning });
    expect(jar.metadata).toMatchObject({ name: 'big-jar', namespace: 'kradle-org-acme' });
    expect(warnings).toEqual([
      'krate.a5c.ai/v1alpha1 Pot is an older name; stored as kradle.a5c.ai/v1alpha1 Jar',
      'unknown field "extra"',
      'unknown field "metadata.colour"',
      'metadata.name "Big Jar" is written "big-jar"',
      'metadata.namespace "krate-system" is the platform\'s; the object is placed into "kradle-org-acme"',
      'unknown field "spec.foo"',
    ]);
    warnings.length = 0;
    await resources.patch(Jar, { org: 'acme', name: 'big-jar' }, { type: 'apply', object: { spec: { volumeMl: 1, foo: { bar: 1 } } }, force: true }, { fieldValidation: 'warn', onWarning });
    await resources.patch(Jar, { org: 'acme', name: 'big-jar' }, { type: 'merge', patch: { status: { nothing: 1 } } }, { fieldValidation: 'warn', onWarning, subresource: 'status' });
    expect(warnings).toEqual(['unknown field "spec.foo"', 'unknown field "status.nothing"']);
  });

  it('is not given for what is right, and comes once and in bounds', async () => {
    const { resources } = await createTestResources();
    const warnings: string[] = [];
    const onWarning = (warning: string) => warnings.push(warning);
    await resources.create(Shelf, 'acme', untyped({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Shelf', metadata: { name: 'a', namespace: 'kradle-org-acme' }, spec: {} }), { onWarning, fieldValidation: 'warn' });
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'b', namespace: 'krate-org-acme' }, spec: {} }), { onWarning });
    expect(warnings).toEqual([]);
    const spec = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field${index}${'x'.repeat(1_000)}`, 1]));
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 'c' }, spec }), { onWarning, fieldValidation: 'warn' });
    expect(warnings).toHaveLength(50);
    expect(Math.max(...warnings.map(({ length }) => length))).toBeLessThan(600);
  });
});

describe('quotas', () => {
  it('bound the objects of a kind in an organization, to the object', async () => {
    const { resources } = await createTestResources({ maxObjectsPerKind: 3 });
    const create = (org: string, name: string, dryRun = false) => resources.create(Shelf, org, untyped({ metadata: { name }, spec: {} }), { dryRun });
    for (const name of ['a', 'b', 'c']) await create('acme', name);
    for (const dryRun of [true, false]) {
      expect(await failure(create('acme', 'd', dryRun))).toMatchObject({ reason: 'Forbidden', code: 'QUOTA_EXCEEDED', message: expect.stringContaining('There are 3 objects of kind Shelf in organization "acme"') as string });
    }
    await create('other', 'd');
    await resources.delete(Shelf, { org: 'acme', name: 'a' });
    await create('acme', 'd');
    expect((await failure(resources.patch(Shelf, { org: 'acme', name: 'e' }, { type: 'apply', object: { spec: {} }, force: false }))).code).toBe('QUOTA_EXCEEDED');
  });

  it('are not overrun by creations at the same time, and cost no count each', async () => {
    const { resources, store } = await createTestResources({ maxObjectsPerKind: 100 });
    let counts = 0;
    const count = store.count.bind(store);
    store.count = (selection) => { counts += 1; return count(selection); };
    const results = await Promise.allSettled(Array.from({ length: 150 }, (_, index) => resources.create(Shelf, 'acme', untyped({ metadata: { name: `s${index}` }, spec: {} }))));
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(100);
    expect(await count({ plural: 'shelves', namespace: 'kradle-org-acme' })).toBeLessThanOrEqual(100);
    counts = 0;
    for (let index = 0; index < 8; index += 1) await resources.create(Shelf, 'other', untyped({ metadata: { name: `s${index}` }, spec: {} }));
    expect(counts).toBe(1);
    counts = 0;
    await Promise.all(Array.from({ length: 8 }, (_, index) => resources.create(Box, 'other', untyped({ metadata: { name: `b${index}` }, spec: { shelf: 's0' } }))));
    expect(counts).toBe(1);
  });

  it('count again for who comes after a deletion, though a count from before it is under way', async () => {
    const { resources, store } = await createTestResources({ maxObjectsPerKind: 1, orgs: ['acme'] });
    const create = (name: string) => resources.create(Shelf, 'acme', untyped({ metadata: { name }, spec: {} }));
    await create('a');
    const count = store.count.bind(store);
    let answer: (total: number) => void = () => undefined;
    const isCounting = new Promise<void>((resolve) => {
      store.count = () => new Promise((found) => { answer = found; resolve(); });
    });
    const early = failure(create('b'));
    await isCounting;
    store.count = count;
    await resources.delete(Shelf, { org: 'acme', name: 'a' });
    const late = create('c');
    answer(1);
    expect((await early).code).toBe('QUOTA_EXCEEDED');
    expect((await late).metadata.name).toBe('c');
  });

  it('bound depth, and the owners of fields do not make an object too deep to be sent back', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 's' }, spec: {} }));
    const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
    const box = await resources.create(Box, 'acme', untyped({ metadata: { name: 'b' }, spec: { shelf: 's', extra: nested(62) } }));
    expect(await resources.update(Box, 'acme', box)).toEqual(box);
    expect((await failure(resources.update(Box, 'acme', untyped({ ...box, spec: { ...box.spec, extra: nested(63) } })))).reason).toBe('BadRequest');
    const patched = await resources.patch(Box, { org: 'acme', name: 'b' }, { type: 'merge', patch: { metadata: box.metadata } });
    expect(patched.object).toEqual(box);
    expect((await failure(resources.patch(Box, { org: 'acme', name: 'b' }, { type: 'json', operations: [{ op: 'copy', from: '/spec/extra', path: '/spec/extra/a/a' }] }))).reason).toBe('BadRequest');
  });

  it('take names of the prototype as names', async () => {
    const { resources } = await createTestResources();
    await resources.create(Shelf, 'acme', untyped({ metadata: { name: 's' }, spec: {} }));
    const document = JSON.parse('{"metadata":{"name":"b","labels":{"constructor":"x"}},"spec":{"shelf":"s","extra":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}}') as never;
    for (const type of ['merge', 'apply'] as const) {
      const ref = { org: 'acme', name: 'b' };
      if (type === 'merge') await resources.create(Box, 'acme', document);
      await resources.patch(Box, ref, type === 'merge' ? { type, patch: document } : { type, object: document, force: true });
      expect((await resources.get(Box, ref)).metadata.labels).toMatchObject({ constructor: 'x' });
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    }
  });
});
