import { describe, expect, it } from 'vitest';
import { findReferences } from './linkReferences';

describe('findReferences', () => {
  it('finds people and numbers as words of their own', () => {
    expect(findReferences('Thanks @ada, this fixes #12 (and #7).').map(({ text }) => text)).toEqual(['@ada', '#12', '#7']);
    expect(findReferences('@ada-b.c. and @Una')).toMatchObject([{ at: 0, reference: { type: 'person', name: 'ada-b.c' } }, { reference: { name: 'Una' } }]);
  });

  it('leaves e-mail addresses, packages, paths, colours and anchors alone', () => {
    expect(findReferences('ada@example.com @scope/package a/#3 page#4 #fff &#39; #12a')).toEqual([]);
  });
});
