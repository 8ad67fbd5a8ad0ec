import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import { jsonEqual } from '#shared/kind/equality';
import { mergeFields } from './applyFields';
import { allFields, appliedFields, compareFields, type OwnedPart } from './compareFields';
import { difference, EMPTY_SET, equalSets, intersection, isEmptySet, pathsOf, union, type FieldSet } from './fieldSet';
import { entryOf, ownersAfterUpdate, ownersOfFields, readOwners, sameOwners, type OwnedFields } from './managedFields';
import { ownedPart } from './ownedPart';
import { ownersOfApplied, serverSideApply } from './serverSideApply';

const now = '2026-01-01T00:00:00.000Z';
const by = (manager: string) => ({ manager, operation: 'Apply' as const });

/** An object without admission: what is applied is what is stored. */
function objectOf(part: OwnedPart, owners: readonly OwnedFields[]): KradleObject {
  const { metadata, spec, status } = structuredClone(part) as { metadata?: object; spec?: Record<string, unknown>; status?: Record<string, unknown> };
  return {
    apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Box',
    metadata: { name: 'b', namespace: 'n', uid: 'u', resourceVersion: '1', generation: 1, creationTimestamp: now, ...metadata, managedFields: [...owners] },
    spec: spec ?? {}, ...(status === undefined ? {} : { status }),
  };
}

function create(manager: string, document: OwnedPart): KradleObject {
  const object = objectOf(document, []);
  return objectOf(document, ownersOfApplied(document, object, { by: by(manager), now }));
}

function apply(live: KradleObject, manager: string, opts: { document: OwnedPart; force?: boolean; now?: string }): KradleObject {
  const { part, ownersAfter } = serverSideApply({ live, applied: opts.document, by: by(manager), force: opts.force ?? false, now: opts.now ?? now });
  return objectOf(part, ownersAfter(objectOf(part, [])));
}

/** A write of the whole object by a client that does not apply. */
function write(live: KradleObject, manager: string, next: OwnedPart): KradleObject {
  const owners = ownersAfterUpdate(ownersOfFields(live.metadata), compareFields(ownedPart(live), next), { by: { manager, operation: 'Update' }, now });
  return objectOf(next, owners);
}

const setOf = (object: KradleObject, manager: string): FieldSet =>
  ownersOfFields(object.metadata).filter((entry) => entry.manager === manager).reduce<FieldSet>((all, entry) => union(all, entry.fieldsV1), EMPTY_SET);
const ownedByAnyone = (object: KradleObject): FieldSet => ownersOfFields(object.metadata).reduce<FieldSet>((all, entry) => union(all, entry.fieldsV1), EMPTY_SET);

function conflictsOf(run: () => unknown): { message: string; causes: [field: string | undefined, message: string][] } {
  try {
    run();
  } catch (error) {
    if (isStatusError(error, 'Conflict')) return { message: error.message, causes: (error.details.causes ?? []).map(({ field, message }) => [field, message]) };
    throw error;
  }
  throw new Error('no conflict');
}

describe('an apply', () => {
  it('owns what it says, and nothing else', () => {
    const box = create('ada', { metadata: { labels: { app: 'x' }, finalizers: ['a/b'] }, spec: { shelf: 's', lock: { code: '1' }, friends: ['a'], extra: {} } });
    expect(box.metadata.managedFields).toEqual([{
      manager: 'ada', operation: 'Apply', apiVersion: 'kradle.a5c.ai/v1alpha1', time: '2026-01-01T00:00:00Z', fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:labels': { 'f:app': {} }, 'f:finalizers': { 'v:"a/b"': {} } },
        'f:spec': { 'f:shelf': {}, 'f:lock': { 'f:code': {} }, 'f:friends': {}, 'f:extra': {} },
      },
    }]);
  });

  it('conflicts with whoever owns a field of another value, and says who and where in the words that kubectl shows', () => {
    const box = create('ada', { spec: { shelf: 's', lock: { code: '1', owner: 'a' } } });
    const one = conflictsOf(() => apply(box, 'bob', { document: { spec: { shelf: 't' } } }));
    expect(one).toEqual({ message: 'Apply failed with 1 conflict: conflict with "ada": .spec.shelf', causes: [['.spec.shelf', 'conflict with "ada"']] });
    const written = write(box, 'editor', { spec: { shelf: 's', lock: { code: '2', owner: 'a' } } });
    const two = conflictsOf(() => apply(written, 'bob', { document: { spec: { shelf: 't', lock: { code: '3' } } } }));
    expect(two.causes).toEqual([['.spec.shelf', 'conflict with "ada"'], ['.spec.lock.code', 'conflict with "editor" using kradle.a5c.ai/v1alpha1']]);
    expect(two.message).toBe([
      'Apply failed with 2 conflicts: conflicts with "ada":', '- .spec.shelf', 'conflicts with "editor" using kradle.a5c.ai/v1alpha1:', '- .spec.lock.code',
    ].join('\n'));
  });

  it('takes over by force, and shares what is equal', () => {
    const box = create('ada', { spec: { shelf: 's', note: 'n' } });
    const forced = apply(box, 'bob', { document: { spec: { shelf: 't', note: 'n' } }, force: true });
    expect(forced.spec).toEqual({ shelf: 't', note: 'n' });
    expect(pathsOf(setOf(forced, 'ada'))).toEqual(['.spec.note']);
    expect(pathsOf(setOf(forced, 'bob'))).toEqual(['.spec.shelf', '.spec.note']);
  });

  it('takes away what it no longer says, unless another owns it', () => {
    const box = apply(create('ada', { spec: { a: 1, b: { c: 1, d: 1 }, e: { f: 1 } } }), 'bob', { document: { spec: { b: { c: 1 } } } });
    const less = apply(box, 'ada', { document: { spec: { a: 1 } } });
    expect(less.spec).toEqual({ a: 1, b: { c: 1 } });
    expect(apply(less, 'bob', { document: { spec: {} } }).spec).toEqual({ a: 1 });
  });

  it('works on conditions by type, finalizers by value and owners by uid', () => {
    const ready = { type: 'Ready', status: 'True', reason: 'r' };
    const owner = (uid: string) => ({ apiVersion: 'v', kind: 'K', name: uid, uid });
    let box = create('ada', { metadata: { finalizers: ['a/a'], ownerReferences: [owner('1')] }, spec: {}, status: { conditions: [ready] } });
    box = apply(box, 'bob', { document: { metadata: { finalizers: ['b/b'], ownerReferences: [owner('2')] }, status: { conditions: [{ type: 'Synced', status: 'False', reason: 'x' }] } } });
    expect(box.metadata.finalizers).toEqual(['a/a', 'b/b']);
    expect(box.metadata.ownerReferences).toEqual([owner('1'), owner('2')]);
    expect(box.status?.conditions).toEqual([ready, { type: 'Synced', status: 'False', reason: 'x' }]);
    expect(conflictsOf(() => apply(box, 'bob', { document: { status: { conditions: [{ ...ready, status: 'False' }] } } })).causes).toEqual([
      ['.status.conditions[type="Ready"].status', 'conflict with "ada"'],
    ]);
    const less = apply(box, 'bob', { document: { spec: {} } });
    expect([less.metadata.finalizers, less.metadata.ownerReferences, less.status?.conditions]).toEqual([['a/a'], [owner('1')], [ready]]);
  });

  it('sees who wrote an object before anybody applied', () => {
    const box = objectOf({ spec: { shelf: 's', note: 'n' } }, []);
    expect(conflictsOf(() => apply(box, 'bob', { document: { spec: { shelf: 't' } } })).causes).toEqual([
      ['.spec.shelf', 'conflict with "before-first-apply" using kradle.a5c.ai/v1alpha1'],
    ]);
    const applied = apply(box, 'bob', { document: { spec: { note: 'n' } } });
    expect(pathsOf(setOf(applied, 'before-first-apply'))).toEqual(['.spec', '.spec.shelf', '.spec.note']);
  });

  it('keeps a time that changes with what a manager does, not with what others do to it', () => {
    const box = create('ada', { spec: { a: 1, b: 1 } });
    const later = '2026-02-02T00:00:00.000Z';
    const timeOf = (object: KradleObject) => ownersOfFields(object.metadata).find(({ manager }) => manager === 'ada')?.time;
    expect(timeOf(apply(box, 'ada', { document: { spec: { a: 1, b: 1 } }, now: later }))).toBe('2026-01-01T00:00:00Z');
    expect(timeOf(apply(box, 'bob', { document: { spec: { a: 2 } }, force: true, now: later }))).toBe('2026-01-01T00:00:00Z');
    expect(timeOf(apply(box, 'ada', { document: { spec: { a: 2, b: 1 } }, now: later }))).toBe('2026-02-02T00:00:00Z');
    expect(timeOf(apply(box, 'ada', { document: { spec: { a: 1 } }, now: later }))).toBe('2026-02-02T00:00:00Z');
  });

  it('of a value of another type conflicts with what it would take away', () => {
    const box = create('ada', { spec: { extra: { a: { b: 1 } } } });
    expect(conflictsOf(() => apply(box, 'bob', { document: { spec: { extra: { a: 'text' } } } })).causes).toEqual([['.spec.extra.a.b', 'conflict with "ada"']]);
    const forced = apply(box, 'bob', { document: { spec: { extra: { a: 'text' } } }, force: true });
    expect(forced.spec).toEqual({ extra: { a: 'text' } });
    expect(pathsOf(setOf(forced, 'ada'))).toEqual([]);
  });
});

describe('managers', () => {
  it('of updates beyond ten become one, the oldest first', () => {
    let owners: readonly OwnedFields[] = [entryOf({ manager: 'applier', operation: 'Apply' }, { fieldsV1: { 'f:spec': { 'f:x': {} } }, now })];
    for (let index = 0; index < 30; index += 1) {
      const field = { 'f:spec': { [`f:m${index}`]: {} } };
      owners = ownersAfterUpdate(owners, { changed: field, removed: EMPTY_SET }, { by: { manager: `m${index}`, operation: 'Update' }, now: new Date(Date.parse(now) + index * 1000).toISOString() });
      expect(owners.filter(({ operation }) => operation === 'Update').length).toBeLessThanOrEqual(10);
    }
    const ancient = owners.find(({ manager }) => manager === 'ancient-changes');
    expect(pathsOf(ancient?.fieldsV1 ?? EMPTY_SET)).toEqual(Array.from({ length: 21 }, (_, index) => `.spec.m${index}`));
    expect(owners.map(({ manager }) => manager)).toContain('m29');
    expect(owners[0]?.manager).toBe('applier');
  });

  it('that a client sends are taken as they are, reset, or ignored', () => {
    const entry = { manager: 'm', operation: 'Update', apiVersion: 'krate.a5c.ai/v1alpha1', time: '2026-01-01T00:00:00.123Z', fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': { 'f:a': {} } } };
    expect(readOwners([entry])).toEqual([{ ...entry, apiVersion: 'kradle.a5c.ai/v1alpha1', time: '2026-01-01T00:00:00Z' }]);
    expect(readOwners([])).toEqual([]);
    expect(readOwners([{}])).toEqual([]);
    for (const bad of [undefined, null, 'x', [null], [{ ...entry, operation: 'Steal' }], [{ ...entry, fieldsV1: { a: {} } }], [{ ...entry, apiVersion: 'v1' }], [{ ...entry, manager: 'm'.repeat(200) }]]) {
      expect(readOwners(bad)).toBeUndefined();
    }
  });
});

describe('for any documents', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'constructor');
  const leaf = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('x', 'y', ''), fc.boolean(), fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }));
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({ tree: fc.oneof({ maxDepth: 3 }, leaf, fc.dictionary(key, tie('tree'), { maxKeys: 3, noNullPrototype: true })) }));
  const conditions = fc.uniqueArray(fc.record({ type: fc.constantFrom('A', 'B', 'C'), status: fc.constantFrom('True', 'False') }), { selector: ({ type }) => type, maxLength: 3 });
  const document: fc.Arbitrary<OwnedPart> = fc.record({
    metadata: fc.record({ labels: fc.dictionary(key, fc.constantFrom('1', '2'), { maxKeys: 2, noNullPrototype: true }), finalizers: fc.uniqueArray(fc.constantFrom('a/a', 'b/b'), { maxLength: 2 }) }, { requiredKeys: [] }),
    spec: fc.dictionary(key, tree, { maxKeys: 3, noNullPrototype: true }),
    status: fc.record({ conditions }, { requiredKeys: [] }),
  }, { requiredKeys: ['spec'] }).map(({ metadata = {}, spec, status }) => ownedPart({ metadata, ...(spec === undefined ? {} : { spec }), ...(status === undefined ? {} : { status }) }));
  const step = fc.record({ manager: fc.constantFrom('ada', 'bob', 'eve'), document, force: fc.constant(true) });

  /** Somebody always owns something: otherwise the object counts as one that nobody applied yet. */
  const history = (steps: readonly { manager: string; document: OwnedPart }[]): KradleObject =>
    steps.reduce((live, { manager, document: applied }) => apply(live, manager, { document: applied, force: true }), create('root', { spec: { root: 1 } }));

  it('an apply again changes nothing', () => {
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
      const live = history(steps);
      const last = steps.at(-1);
      if (last === undefined) return;
      const again = apply(live, last.manager, { document: last.document });
      expect(jsonEqual(ownedPart(again), ownedPart(live))).toBe(true);
      expect(sameOwners(ownersOfFields(again.metadata), ownersOfFields(live.metadata))).toBe(true);
    }));
  });

  it('a forced apply has every field that it says, and owns it', () => {
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
      const live = history(steps);
      const last = steps.at(-1);
      if (last === undefined) return;
      const fields = appliedFields(last.document);
      expect(jsonEqual(mergeFields(ownedPart(live), last.document), ownedPart(live))).toBe(true);
      expect(pathsOf(difference(fields, setOf(live, last.manager)))).toEqual([]);
      expect(equalSets(fields, setOf(live, last.manager)) || isEmptySet(fields)).toBe(true);
    }));
  });

  it('no value is owned by nobody, and nothing is owned that is not there', () => {
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
      const live = history(steps);
      const part = ownedPart(live);
      const owned = ownedByAnyone(live);
      // An object that holds something is owned through what it holds; `spec` is there whether anyone wants it or not.
      expect(pathsOf(difference(appliedFields(part), union(owned, { 'f:spec': {}, 'f:status': {}, 'f:metadata': {} })))).toEqual([]);
      expect(pathsOf(difference(owned, allFields(part)))).toEqual([]);
    }));
  });

  it('managers that say different things may apply in any order', () => {
    /** Documents that share objects and never a field. */
    const only = (mine: string): fc.Arbitrary<OwnedPart> => {
      const { node } = fc.letrec<{ node: object }>((tie) => ({
        node: fc.record({ [mine]: leaf, a: fc.option(tie('node'), { nil: undefined, maxDepth: 3 }), b: fc.option(tie('node'), { nil: undefined, maxDepth: 3 }) }),
      }));
      return fc.record({
        metadata: fc.record({ labels: fc.constant({ [mine]: '1' }), finalizers: fc.constant([`${mine}/x`]) }, { requiredKeys: [] }),
        spec: node,
        status: fc.record({ conditions: fc.constant([{ type: mine, status: 'True' }]) }),
      }, { requiredKeys: ['spec'] }).map((part) => ownedPart({ metadata: {}, ...(JSON.parse(JSON.stringify(part)) as object) }));
    };
    fc.assert(fc.property(only('x'), only('y'), only('z'), (base, left, right) => {
      const live = create('root', base);
      const one = apply(apply(live, 'ada', { document: left }), 'bob', { document: right });
      const other = apply(apply(live, 'bob', { document: right }), 'ada', { document: left });
      const sorted = (object: KradleObject) => JSON.parse(JSON.stringify(ownedPart(object)), (_key, value: unknown) =>
        (Array.isArray(value) ? [...(value as unknown[])].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : value)) as unknown;
      expect(sorted(one)).toEqual(sorted(other));
      expect(sameOwners(ownersOfFields(one.metadata), ownersOfFields(other.metadata))).toBe(true);
    }));
  });

  it('an update owns what it changes and no one else does', () => {
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 3 }), document, (steps, next) => {
      const live = history(steps);
      const target = ownedPart(objectOf(next, []));
      const { changed, removed } = compareFields(ownedPart(live), target);
      const written = write(live, 'editor', target);
      expect(pathsOf(setOf(written, 'editor'))).toEqual(pathsOf(changed));
      for (const manager of ['ada', 'bob', 'eve']) expect(pathsOf(intersection(setOf(written, manager), union(changed, removed)))).toEqual([]);
      expect(pathsOf(difference(setOf(live, 'ada'), union(setOf(written, 'ada'), union(changed, removed))))).toEqual([]);
    }));
  });
});
