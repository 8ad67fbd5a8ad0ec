import { describe, expect, it } from 'vitest';
import { conditionOf, isConditionTrue, setCondition } from './conditions';

const early = '2026-01-01T00:00:00Z';
const late = '2026-01-02T00:00:00Z';

describe('conditions', () => {
  it('move lastTransitionTime only when the status flips', () => {
    const first = setCondition(undefined, { type: 'Ready', status: 'False', reason: 'Starting' }, early);
    expect(first).toEqual([{ type: 'Ready', status: 'False', reason: 'Starting', lastTransitionTime: early }]);
    const sameStatus = setCondition(first, { type: 'Ready', status: 'False', reason: 'Waiting', message: 'for a disk' }, late);
    expect(conditionOf(sameStatus, 'Ready')).toMatchObject({ reason: 'Waiting', lastTransitionTime: early });
    const flipped = setCondition(sameStatus, { type: 'Ready', status: 'True', reason: 'Done' }, late);
    expect(conditionOf(flipped, 'Ready')).toEqual({ type: 'Ready', status: 'True', reason: 'Done', lastTransitionTime: late });
  });

  it('are the same array when nothing changes, and keep their order', () => {
    const two = setCondition(setCondition([], { type: 'A', status: 'True', reason: 'x' }, early), { type: 'B', status: 'True', reason: 'x' }, early);
    expect(setCondition(two, { type: 'A', status: 'True', reason: 'x' }, late)).toBe(two);
    expect(setCondition(two, { type: 'A', status: 'Unknown', reason: 'x' }, late).map((condition) => condition.type)).toEqual(['A', 'B']);
    expect(isConditionTrue(two, 'B')).toBe(true);
    expect(isConditionTrue(undefined, 'B')).toBe(false);
  });
});
