import { describe, expect, it } from 'vitest';
import type { KradleObject } from '#shared/kind/defineKind';
import { applyEvent, mergeList, type ListedPage, type ObjectChanges } from './applyEvent';

const none: ObjectChanges = new Map();

describe('a list that selects', () => {
  const page: ListedPage = { items: [object('ask', '5', 'Pending')], metadata: { resourceVersion: '6' }, total: 1 };

  it('loses an object that the answer of a write showed changed and the stream says is out, at the same revision', () => {
    const answered = applyEvent(none, { type: 'MODIFIED', resourceVersion: '7', object: object('ask', '7', 'Approved') });
    const gone = applyEvent(answered, { type: 'DELETED', resourceVersion: '7', object: object('ask', '7', 'Approved') });
    expect(mergeList([page], gone)).toEqual({ items: [], total: 0 });
    expect(applyEvent(gone, { type: 'DELETED', resourceVersion: '7', object: object('ask', '7', 'Approved') })).toBe(gone);
  });

  it('ignores what is not newer', () => {
    const changes = applyEvent(none, { type: 'MODIFIED', resourceVersion: '9', object: object('ask', '9', 'Pending') });
    expect(applyEvent(changes, { type: 'MODIFIED', resourceVersion: '9', object: object('ask', '9', 'Pending') })).toBe(changes);
    expect(applyEvent(changes, { type: 'DELETED', resourceVersion: '8', object: object('ask', '8', 'Pending') })).toBe(changes);
  });
});

function object(name: string, resourceVersion: string, phase: string): KradleObject {
  return {
    apiVersion: 'kradle.a5c.ai/v1alpha1',
    kind: 'AgentApproval',
    metadata: { name, namespace: 'kradle-org-default', uid: name, resourceVersion, generation: 1, creationTimestamp: '2026-11-21T06:00:00Z' },
    spec: {},
    status: { phase },
  };
}
