import { describe, expect, it } from 'vitest';
import type { DiffFile } from '#shared/api/git';
import { fileTreeRows, filterFiles } from './fileTree';

const files = ['zeta.md', 'src/main/java/App.java', 'src/main/java/Util.java', 'src/test/AppTest.java', 'docs/a/b/guide.md'].map(changed);

describe('fileTreeRows', () => {
  it('shows folders first and joins chains of single folders', () => {
    expect(fileTreeRows(files).map((row) => `${'  '.repeat(row.depth)}${row.label}${row.type === 'folder' ? ` (${row.files})` : ''}`)).toEqual([
      'docs/a/b (1)',
      '  guide.md',
      'src (3)',
      '  main/java (2)',
      '    App.java',
      '    Util.java',
      '  test (1)',
      '    AppTest.java',
      'zeta.md',
    ]);
  });

  it('leaves out what is under a closed folder', () => {
    const labels = fileTreeRows(files, new Set(['src/main/java'])).map((row) => row.label);
    expect(labels).toContain('main/java');
    expect(labels).not.toContain('App.java');
    expect(labels).toContain('AppTest.java');
  });
});

describe('filterFiles', () => {
  it('wants every word, in any case and order', () => {
    expect(filterFiles(files, 'java MAIN').map((file) => file.path)).toEqual(['src/main/java/App.java', 'src/main/java/Util.java']);
    expect(filterFiles(files, '  ')).toBe(files);
  });
});

function changed(path: string): DiffFile {
  return { path, status: 'modified', binary: false, additions: 1, deletions: 0, hunks: [], truncated: false };
}
