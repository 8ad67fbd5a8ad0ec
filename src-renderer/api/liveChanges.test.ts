import { describe, expect, it } from 'vitest';
import type { KradleObject } from '#shared/kind/defineKind';
import { LiveChanges, type ListIdentity } from './liveChanges';

const all: ListIdentity = { kind: 'things', org: 'x' };
const some: ListIdentity = { ...all, fieldSelector: 'status.phase=Ready' };
const nothing = () => false;

describe('a list', () => {
  it('keeps what the stream said while it was fetched again, and drops what the answer has', () => {
    const lists = new LiveChanges();
    lists.listed('all', { identity: all, resourceVersion: '10' });
    lists.receive('all', { type: 'ADDED', resourceVersion: '11', object: object('a', 11) });
    lists.receive('all', { type: 'ADDED', resourceVersion: '13', object: object('b', 13) });
    lists.listed('all', { identity: all, resourceVersion: '12' });
    expect([...lists.changes('all').keys()]).toEqual(['kradle-org-x/b']);
    expect(lists.cursor('all')).toBe('13');
  });

  it('tells those who look at it, only when something changed', () => {
    const lists = new LiveChanges();
    lists.listed('all', { identity: all, resourceVersion: '10' });
    let told = 0;
    const stop = lists.subscribe('all', () => (told += 1));
    const event = { type: 'MODIFIED', resourceVersion: '11', object: object('a', 11) } as const;
    lists.receive('all', event);
    lists.receive('all', event);
    expect(told).toBe(1);
    stop();
    lists.forget('all');
    expect(lists.cursor('all')).toBeUndefined();
  });
});

describe("one's own write", () => {
  it('is in the plain list at once, and not in one that selects', () => {
    const lists = new LiveChanges();
    lists.listed('all', { identity: all, resourceVersion: '10' });
    lists.listed('some', { identity: some, resourceVersion: '10' });
    lists.recordWrite(all, { type: 'ADDED', resourceVersion: '11', object: object('a', 11) }, nothing);
    expect(lists.changes('all').size).toBe(1);
    expect(lists.changes('some').size).toBe(0);
  });

  it('changes and removes only what a list holds', () => {
    const lists = new LiveChanges();
    lists.listed('all', { identity: all, resourceVersion: '10' });
    lists.listed('some', { identity: some, resourceVersion: '10' });
    lists.recordWrite(all, { type: 'DELETED', resourceVersion: '11', object: object('a', 11) }, (key) => key === 'some');
    expect(lists.changes('all').size).toBe(0);
    expect(lists.changes('some').get('kradle-org-x/a')?.object).toBeUndefined();
    expect(lists.changes('some').size).toBe(1);
  });

  it('does not reach other kinds and organizations', () => {
    const lists = new LiveChanges();
    lists.listed('other', { identity: { kind: 'others', org: 'x' }, resourceVersion: '10' });
    lists.listed('elsewhere', { identity: { kind: 'things', org: 'y' }, resourceVersion: '10' });
    lists.recordWrite(all, { type: 'ADDED', resourceVersion: '11', object: object('a', 11) }, () => true);
    expect(lists.changes('other').size + lists.changes('elsewhere').size).toBe(0);
  });
});

function object(name: string, version: number): KradleObject {
  return {
    apiVersion: 'kradle.a5c.ai/v1alpha1',
    kind: 'Thing',
    metadata: { name, namespace: 'kradle-org-x', uid: name, resourceVersion: String(version), generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {},
  };
}
