import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KradleObject } from '#shared/kind/defineKind';
import { applyEvent, mergeList, newerObject, objectKey, type ListedPage, type ObjectChanges, type ObjectEvent } from './applyEvent';

const NONE: ObjectChanges = new Map();

describe('applyEvent', () => {
  it('ignores what is not newer: the echo of a write, a replay after a reconnect', () => {
    const first = applyEvent(NONE, event('MODIFIED', object('a', 20)));
    expect(applyEvent(first, event('MODIFIED', object('a', 20)))).toBe(first);
    expect(applyEvent(first, event('DELETED', object('a', 9)))).toBe(first);
  });

  it('compares versions as numbers of any size', () => {
    const first = applyEvent(NONE, event('MODIFIED', object('a', '9007199254740993')));
    expect(applyEvent(first, event('MODIFIED', object('a', '9007199254740994')))).not.toBe(first);
    expect(applyEvent(first, event('MODIFIED', object('a', '10')))).toBe(first);
  });
});

describe('mergeList', () => {
  it('adds, changes and removes in place, and counts', () => {
    const page = listed(10, ['a', 'b', 'c']);
    const changes = [event('ADDED', object('ab', 11)), event('MODIFIED', object('b', 12, 'new')), event('DELETED', object('c', 13))].reduce(applyEvent, NONE);
    const { items, total } = mergeList([page], changes);
    expect(items.map(({ metadata, spec }) => [metadata.name, spec.value])).toEqual([['a', ''], ['ab', ''], ['b', 'new']]);
    expect(total).toBe(3);
  });

  it('ignores changes that the fetched list already has', () => {
    const changes = [event('DELETED', object('a', 5)), event('ADDED', object('z', 8))].reduce(applyEvent, NONE);
    expect(mergeList([listed(10, ['a'])], changes)).toEqual({ items: [object('a', 1)], total: 1 });
  });

  it('leaves a new object for the page that it belongs on, but counts it', () => {
    const page = { ...listed(10, ['a', 'b']), metadata: { resourceVersion: '10', continue: 'more' }, total: 5 };
    const changes = [event('ADDED', object('aa', 11)), event('ADDED', object('zz', 12))].reduce(applyEvent, NONE);
    const { items, total } = mergeList([page], changes);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'aa', 'b']);
    expect(total).toBe(7);
  });

  it('keeps the order that was asked for when a changed value moves an object', () => {
    const page = { items: [object('a', 1, '3'), object('b', 1, '2'), object('c', 1, '1')], metadata: { resourceVersion: '10' }, total: 3 };
    const changes = applyEvent(NONE, event('MODIFIED', object('c', 11, '9')));
    expect(mergeList([page], changes, '-spec.value').items.map(({ metadata }) => metadata.name)).toEqual(['c', 'a', 'b']);
  });

  it('shows an object once that moved between two sorted pages, as the newer page has it', () => {
    const first = { items: [object('a', 1, '1'), object('b', 1, '2')], metadata: { resourceVersion: '10', continue: 'x' }, total: 3 };
    const second = { items: [object('a', 12, '5')], metadata: { resourceVersion: '13' } };
    const { items } = mergeList([first, second], NONE, 'spec.value');
    expect(items.filter(({ metadata }) => metadata.name === 'a').map(({ spec }) => spec.value)).toEqual(['5']);
  });

  it('agrees with the server whatever happens, also when events come twice', () => {
    const step = fc.record({ type: fc.constantFrom('put', 'delete'), name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), listAfter: fc.boolean(), again: fc.boolean() });
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const server = new Map<string, KradleObject>();
      let page = listed(0, []);
      let changes: ObjectChanges = NONE;
      const log: ObjectEvent[] = [];
      steps.forEach(({ type, name, listAfter, again }, index) => {
        const version = index + 1;
        const known = server.get(name);
        if (type === 'delete' && known === undefined) return;
        const next = object(name, version, String(version));
        const happened = event(type === 'delete' ? 'DELETED' : known === undefined ? 'ADDED' : 'MODIFIED', next);
        if (type === 'delete') server.delete(name);
        else server.set(name, next);
        log.push(happened);
        changes = applyEvent(changes, happened);
        if (listAfter) page = { items: [...server.values()].sort(byName), metadata: { resourceVersion: String(version) }, total: server.size };
        if (again) changes = log.reduce(applyEvent, changes);
      });
      const merged = mergeList([page], changes);
      expect(merged.items).toEqual([...server.values()].sort(byName));
      expect(merged.total).toBe(server.size);
    }));
  });
});

it('takes a change into fifty thousand objects without work for each of them', () => {
  const many = Array.from({ length: 50_000 }, (_, index) => object(`n${String(index).padStart(6, '0')}`, 1));
  const page = { items: many, metadata: { resourceVersion: '10' }, total: many.length };
  const changes = [event('ADDED', object('n000500x', 11)), event('MODIFIED', object('n040000', 12, 'new'))].reduce(applyEvent, NONE);
  const start = performance.now();
  const { items } = mergeList([page], changes);
  expect(performance.now() - start).toBeLessThan(500);
  expect(items[501]?.metadata.name).toBe('n000500x');
});

describe('newerObject', () => {
  it('keeps the newer of two states', () => {
    expect(newerObject(object('a', 5), object('a', 4))).toEqual(object('a', 5));
    expect(newerObject(object('a', 5), object('a', 6))).toEqual(object('a', 6));
  });

  it('takes an object that was made again under the same name, whatever its version', () => {
    const again = { ...object('a', 3), metadata: { ...object('a', 3).metadata, uid: 'other' } };
    expect(newerObject(object('a', 5), again)).toBe(again);
  });
});

it('names an object by namespace and name', () => {
  expect(objectKey(object('a', 1))).toBe('kradle-org-x/a');
});

function object(name: string, version: number | string, value = ''): KradleObject {
  return {
    apiVersion: 'kradle.a5c.ai/v1alpha1',
    kind: 'Thing',
    metadata: { name, namespace: 'kradle-org-x', uid: `uid-${name}`, resourceVersion: String(version), generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { value },
  };
}

function event(type: ObjectEvent['type'], of: KradleObject): ObjectEvent {
  return { type, resourceVersion: of.metadata.resourceVersion, object: of };
}

function listed(version: number, names: readonly string[]): ListedPage {
  return { items: names.map((name) => object(name, 1)), metadata: { resourceVersion: String(version) }, total: names.length };
}

function byName(a: KradleObject, b: KradleObject): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
