import { expect, it } from 'vitest';
import type { DiffFile } from '#shared/api/git';
import { laterChange } from './useCommentRefusal';

const file = (more: Partial<DiffFile>): DiffFile => ({
  path: 'a.ts', status: 'modified', additions: 1, deletions: 1, binary: false, truncated: false,
  hunks: [{ oldStart: 4, oldLines: 3, newStart: 4, newLines: 3, heading: '', lines: [
    { type: 'context', text: 'four', oldLine: 4, newLine: 4 }, { type: 'delete', text: 'five', oldLine: 5 }, { type: 'add', text: 'FIVE', newLine: 5 }, { type: 'context', text: 'six', oldLine: 6, newLine: 6 },
  ] }],
  ...more,
});

it('says why lines of an older commit take no comment, and nothing where they are as they were', () => {
  const files = [file({}), file({ path: 'gone.ts', status: 'deleted' }), file({ path: 'new.ts', oldPath: 'old.ts', status: 'renamed', hunks: [] })];
  expect(laterChange({ files }, { path: 'a.ts', side: 'new', start: 4 })).toBeUndefined();
  expect(laterChange({ files }, { path: 'a.ts', side: 'new', start: 5 })).toContain('changes this line');
  expect(laterChange({ files }, { path: 'a.ts', side: 'new', start: 4, end: 6 })).toContain('some of these lines');
  expect(laterChange({ files }, { path: 'a.ts' })).toBeUndefined();
  expect(laterChange({ files }, { path: 'gone.ts', side: 'new', start: 1 })).toContain('removes this file');
  expect(laterChange({ files }, { path: 'old.ts', side: 'new', start: 5 })).toBeUndefined();
  expect(laterChange({ files }, { path: 'untouched.ts', side: 'new', start: 5 })).toBeUndefined();
});
