import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DiffFile } from '#shared/api/git';
import { fileRows, type DiffRow, type FileRowsState } from './diffRows';
import type { DiffThread } from './diffThread';
import { textDiff } from './textDiff';

const before = lines(1, 60);
const after = before.replace('line 10\n', 'line ten\nline ten and a half\n').replace('line 40\n', '');
const file = textDiff('calc.js', before, after);
const plain: FileRowsState = {
  mode: 'unified', collapsed: false, ignoreWhitespace: false, deferred: false, contents: undefined, openings: new Map(), expandable: true, images: false, threads: [], composer: undefined,
};

describe('fileRows', () => {
  it('shows a unified diff with numbers of both sides', () => {
    expect(sketch(fileRows(file, plain))).toEqual([
      'file', 'gap 1-6',
      '7 7  line 7', '8 8  line 8', '9 9  line 9', '10 . -line 10', '. 10 +line ten', '. 11 +line ten and a half', '11 12  line 11', '12 13  line 12', '13 14  line 13',
      'gap 15-37',
      '37 38  line 37', '38 39  line 38', '39 40  line 39', '40 . -line 40', '41 41  line 41', '42 42  line 42', '43 43  line 43',
      'gap 44-?', 'end',
    ]);
  });

  it('shows replaced lines side by side', () => {
    const pairs = fileRows(file, { ...plain, mode: 'split' }).filter((row) => row.type === 'pair');
    expect(pairs.map((row) => `${row.left?.text ?? ''} | ${row.right?.text ?? ''}`).slice(3, 6)).toEqual([
      'line 10 | line ten', ' | line ten and a half', 'line 11 | line 11',
    ]);
    expect(pairs[3]?.right?.words).toEqual([{ start: 5, end: 8 }]);
  });

  it('opens gaps from either end with the text of the new side', () => {
    const contents = after.split('\n').slice(0, -1);
    const openings = new Map([[0, { top: 0, bottom: 2 }], [1, { top: 30, bottom: 0 }], [2, { top: 1, bottom: 0 }]]);
    const rows = sketch(fileRows(file, { ...plain, contents, openings }));
    expect(rows.slice(0, 5)).toEqual(['file', 'gap 1-4', '5 5  line 5', '6 6  line 6', '7 7  line 7']);
    expect(rows).toContain('14 15  line 14');
    expect(rows).toContain('36 37  line 36');
    expect(rows.filter((row) => row.startsWith('gap'))).toEqual(['gap 1-4', 'gap 45-60']);
    expect(rows).toContain('44 44  line 44');
  });

  it('every changed line is shown once, in both modes', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ' a', ''), { maxLength: 30 }).map((parts) => parts.join('\n'));
    fc.assert(
      fc.property(text, text, fc.boolean(), (old, now, ignoreWhitespace) => {
        const diff = textDiff('t', old, now);
        for (const side of ['old', 'new'] as const) {
          const unified = fileRows(diff, { ...plain, ignoreWhitespace }).flatMap((row) =>
            row.type === 'line' && (side === 'old' ? row.oldLine : row.newLine) !== undefined ? [side === 'old' ? row.oldLine : row.newLine] : [],
          );
          const split = fileRows(diff, { ...plain, ignoreWhitespace, mode: 'split' }).flatMap((row) => {
            const line = row.type === 'pair' ? (side === 'old' ? row.left : row.right)?.line : undefined;
            return line === undefined ? [] : [line];
          });
          const expected = diff.hunks.flatMap((hunk) => hunk.lines.flatMap((line) => (side === 'old' ? line.oldLine : line.newLine) ?? []));
          expect(unified).toEqual(expected);
          expect(split).toEqual(expected);
        }
      }),
    );
  });

  it('hides changes of white space only, and says when nothing is left', () => {
    const indented = textDiff('a.py', 'if x:\n  go()\n', 'if x:\n    go()\n');
    const rows = fileRows(indented, { ...plain, ignoreWhitespace: true });
    expect(sketch(rows)).toEqual(['file', '1 1  if x:', '2 2      go()', 'gap 3-?', 'note whitespace', 'end']);
  });

  it('puts threads under their lines, and those without a shown line under the header', () => {
    const threads = [thread({ id: 'r/1', line: 10 }), thread({ id: 'r/2', side: 'old', line: 40 }), thread({ id: 'r/3', line: 30 }), thread({ id: 'r/4', line: 10, outdated: true }), thread({ id: 'r/5' })];
    const rows = sketch(fileRows(file, { ...plain, threads }));
    expect(rows.slice(0, 4)).toEqual(['file', 'thread r/3 misplaced', 'thread r/4 misplaced', 'thread r/5']);
    expect(rows[rows.indexOf('. 10 +line ten') + 1]).toBe('thread r/1');
    expect(rows[rows.indexOf('40 . -line 40') + 1]).toBe('thread r/2');
  });

  it('puts the composer under the last line of its range', () => {
    const rows = sketch(fileRows(file, { ...plain, composer: { path: 'calc.js', side: 'new', start: 8, end: 11 } }));
    expect(rows[rows.indexOf('. 11 +line ten and a half') + 1]).toBe('composer');
  });

  it('says why a file shows no lines', () => {
    const bare: DiffFile = { ...file, hunks: [], additions: 0, deletions: 0 };
    const note = (change: Partial<DiffFile>, state: Partial<FileRowsState> = {}) =>
      fileRows({ ...bare, ...change }, { ...plain, ...state }).find((row) => row.type === 'note')?.note;
    expect(note({ binary: true })).toBe('binary');
    expect(note({ oldMode: '100644', newMode: '100755' })).toBe('mode');
    expect(note({ status: 'renamed', oldPath: 'x' })).toBe('renamed');
    expect(note({ newMode: '160000' })).toBe('submodule');
    expect(note({ truncated: true })).toBe('truncated');
    expect(note({ hunks: file.hunks }, { deferred: true })).toBe('large');
    expect(note({ status: 'added', hunks: textDiff('big.bin', null, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n').hunks })).toBe('lfs');
    expect(note({ hunks: file.hunks })).toBeUndefined();
  });

  it('shows only the header of a collapsed file', () => {
    expect(sketch(fileRows(file, { ...plain, collapsed: true }))).toEqual(['file']);
  });
});

describe('textDiff', () => {
  it('calls a text without a former one added', () => {
    expect(textDiff('n', null, 'a\nb')).toMatchObject({ status: 'added', additions: 2, deletions: 0 });
    expect(textDiff('n', null, 'a\nb').hunks[0]?.lines.at(-1)?.noNewline).toBe(true);
  });
});

function sketch(rows: readonly DiffRow[]): string[] {
  return rows.map((row) => {
    switch (row.type) {
      case 'line':
        return `${row.oldLine ?? '.'} ${row.newLine ?? '.'} ${row.cell.type === 'add' ? '+' : row.cell.type === 'delete' ? '-' : ' '}${row.cell.text}`;
      case 'gap':
        return `gap ${row.hidden[0]}-${row.hidden[1] ?? '?'}`;
      case 'thread':
        return `thread ${row.thread.id}${row.misplaced ? ' misplaced' : ''}`;
      case 'note':
        return `note ${row.note}`;
      default:
        return row.type;
    }
  });
}

function thread(over: Partial<DiffThread>): DiffThread {
  return { id: 't', path: 'calc.js', side: 'new', outdated: false, resolved: false, comments: [], ...over };
}

function lines(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('');
}
