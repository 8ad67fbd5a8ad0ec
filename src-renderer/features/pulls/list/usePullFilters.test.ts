import { describe, expect, it } from 'vitest';
import { parseFieldSelector } from '#shared/kind/selectors';
import { pullSelector } from './usePullFilters';

describe('pullSelector', () => {
  it('says every filter, whatever is in its words', () => {
    const { fieldSelector, q } = pullSelector('open', { q: 'round', author: 'ada', reviewer: 'team/a', label: 'a=b, c', draft: 'false' });
    expect(q).toBe('round');
    expect(parseFieldSelector(fieldSelector).map(({ field, value }) => `${field} ${value}`)).toEqual([
      'status.phase Open', 'spec.author.name ada', 'status.reviewers[].reviewer team/a', 'spec.labels[] a=b, c', 'spec.draft false',
    ]);
  });

  it('looks for a number as one', () => {
    expect(pullSelector('merged', { q: ' #12 ' })).toEqual({ fieldSelector: 'status.phase=Merged,spec.number=12', q: undefined });
  });
});
