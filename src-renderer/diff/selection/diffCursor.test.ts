import { describe, expect, it } from 'vitest';
import type { DiffFile } from '#shared/api/git';
import { fileBeside, lineOfRow, nextStop, placeOfRow, rowOfPlace, selectedText, selectTo } from './diffCursor';
import { fileRows, type DiffMode, type DiffRow } from '../model/diffRows';
import type { DiffThread } from '../model/diffThread';
import { textDiff } from '../model/textDiff';

const BEFORE = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);
const AFTER = BEFORE.map((line, index) => (index === 4 || index === 5 ? `${line} changed` : line)).toSpliced(20, 1, 'new 21', 'new 21b');
const files = [textDiff('a.ts', `${BEFORE.join('\n')}\n`, `${AFTER.join('\n')}\n`), textDiff('b.ts', null, 'only\n')];
const thread: DiffThread = { id: 't', path: 'a.ts', side: 'new', line: 5, outdated: false, resolved: false, comments: [] };

describe.each(['unified', 'split'] as const)('steps through a %s diff', (mode) => {
  const rows = rowsOf(files, mode);
  const stops = (stop: 'file' | 'change' | 'thread') => {
    const places: unknown[] = [];
    for (let at = nextStop(rows, -1, { stop, by: 1 }); at !== undefined; at = nextStop(rows, at, { stop, by: 1 })) places.push(rows[at]);
    return places as DiffRow[];
  };

  it('stops at each file, at the beginning of each run of changes, and at conversations', () => {
    expect(stops('file').map((row) => row.file.path)).toEqual(['a.ts', 'b.ts']);
    // A conversation in the middle of a run parts it.
    expect(stops('change').map((row) => placeOfRow(row)?.path)).toEqual(mode === 'unified' ? ['a.ts', 'a.ts', 'a.ts', 'b.ts'] : ['a.ts', 'a.ts', 'a.ts', 'b.ts']);
    expect(stops('thread')).toHaveLength(1);
  });

  it('goes back the way it came, and stays at the ends', () => {
    const second = nextStop(rows, -1, { stop: 'file', by: 1 }) ?? -1;
    expect(nextStop(rows, second, { stop: 'file', by: -1 })).toBeUndefined();
    expect(nextStop(rows, rows.length, { stop: 'file', by: -1 })).toBe(rows.findLastIndex((row) => row.type === 'file'));
  });

  it('finds every place that it names', () => {
    rows.forEach((row, index) => {
      const place = placeOfRow(row);
      if (place !== undefined) expect(rowOfPlace(rows, place)).toBe(index);
    });
  });

  it('copies the lines of one side without signs', () => {
    expect(selectedText(rows, { path: 'a.ts', side: 'new', start: 4, end: 6 })).toBe('line 4\nline 5 changed\nline 6 changed');
    expect(selectedText(rows, { path: 'a.ts', side: 'old', start: 5, end: 7 })).toBe('line 5\nline 6\nline 7');
    expect(selectedText(rows, { path: 'a.ts' })).toBe('');
  });
});

describe('selectTo', () => {
  const at = (line: number, side: 'old' | 'new' = 'new') => ({ path: 'a.ts', side, line });
  const pivot = { path: 'a.ts', side: 'new' as const, start: 10, end: 10 };

  it('reaches from where it began, down and up', () => {
    expect(selectTo(pivot, at(14))).toMatchObject({ start: 10, end: 14 });
    expect(selectTo(pivot, at(7))).toMatchObject({ start: 7, end: 10 });
  });

  it('begins anew on the other side and in another file', () => {
    expect(selectTo(pivot, at(14, 'old'))).toEqual({ path: 'a.ts', side: 'old', start: 14, end: 14 });
    expect(selectTo(pivot, { path: 'b.ts', side: 'new', line: 3 })).toEqual({ path: 'b.ts', side: 'new', start: 3, end: 3 });
    expect(selectTo({ path: 'a.ts' }, at(3))).toMatchObject({ start: 3, end: 3 });
  });
});

describe('rows of lines', () => {
  it('know the number of a deleted line on the old side only', () => {
    const deleted = rowsOf(files, 'unified').find((row) => row.type === 'line' && row.cell.type === 'delete');
    expect([deleted === undefined ? undefined : lineOfRow(deleted, 'old'), deleted === undefined ? 0 : lineOfRow(deleted, 'new')]).toEqual([5, undefined]);
  });

  it('have files before and after theirs', () => {
    expect([fileBeside(files, 'a.ts', 1)?.path, fileBeside(files, 'a.ts', -1), fileBeside(files, 'gone', 1)]).toEqual(['b.ts', undefined, undefined]);
  });
});

function rowsOf(all: readonly DiffFile[], mode: DiffMode): DiffRow[] {
  return all.flatMap((file) =>
    fileRows(file, { mode, collapsed: false, ignoreWhitespace: false, deferred: false, contents: undefined, openings: new Map(), expandable: false, images: false, threads: file.path === 'a.ts' ? [thread] : [], composer: undefined }),
  );
}
