import { describe, expect, it } from 'vitest';
import type { DiffFile } from '#shared/api/git';
import { changeText, patchText } from './patchText';
import { createStyle } from './terminal';

const style = createStyle(false);
const file: DiffFile = { path: 'a.txt', status: 'modified', binary: false, additions: 1, deletions: 1, truncated: false, hunks: [] };

describe('patchText', () => {
  it('writes a unified patch', () => {
    const hunks: DiffFile['hunks'] = [{
      oldStart: 1, oldLines: 2, newStart: 1, newLines: 2, heading: 'main()',
      lines: [{ type: 'context', text: 'same' }, { type: 'delete', text: 'old', noNewline: true }, { type: 'add', text: 'new' }],
    }];
    expect(patchText({ files: [{ ...file, hunks }] }, style)).toBe(
      ['diff --git a/a.txt b/a.txt', '--- a/a.txt', '+++ b/a.txt', '@@ -1,2 +1,2 @@ main()', ' same', '-old', '\\ No newline at end of file', '+new', ''].join('\n'),
    );
  });

  it.each<[string, Partial<DiffFile>, string]>([
    ['an added file', { status: 'added', newMode: '100755' }, 'new file mode 100755'],
    ['a deleted file', { status: 'deleted', oldMode: '100644' }, 'deleted file mode 100644'],
    ['a renamed file', { status: 'renamed', oldPath: 'b.txt' }, 'rename from b.txt\nrename to a.txt'],
    ['a binary file', { binary: true }, 'Binary files a/a.txt and b/a.txt differ'],
    ['a file that is too large', { truncated: true }, '# a.txt: too large to show whole'],
  ])('says what happened to %s', (_name, change, text) => {
    expect(patchText({ files: [{ ...file, ...change }] }, style)).toContain(text);
  });
});

describe('changeText', () => {
  const before = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine';

  it('shows what differs with three lines around it', () => {
    expect(changeText({ path: 'n.txt', oldText: before, newText: before.replace('five', 'FIVE') }, style, 50)).toBe(
      ['n.txt +1 -1', '  two', '  three', '  four', '- five', '+ FIVE', '  six', '  seven', '  eight'].join('\n'),
    );
  });

  it('shows a new file as added and an emptied one as removed', () => {
    expect(changeText({ path: 'n', oldText: undefined, newText: 'a\nb' }, style, 50)).toBe('n +2 -0\n+ a\n+ b');
    expect(changeText({ path: 'n', oldText: 'a', newText: '' }, style, 50)).toBe('n +0 -1\n- a');
  });

  it('says how much it left out', () => {
    expect(changeText({ path: 'n', oldText: '', newText: Array.from({ length: 30 }, (_, index) => String(index)).join('\n') }, style, 5)).toMatch(/… 25 more lines$/);
  });

  it('shows no escape sequence of the text', () => {
    expect(changeText({ path: 'n', oldText: '', newText: '\u001b[2Jgone' }, style, 5)).toBe('n +1 -0\n+ gone');
  });
});
