import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import { changedFiles, diffCommits, diffFile, diffSummary } from './diff';
import type { DiffFile } from './diffParser';
import type { GitRepository } from '../gitRepositories';

let fixture: GitFixture;
let repository: GitRepository;

beforeEach(async () => {
  fixture = await createGitFixture();
  repository = await fixture.bare('app');
});
afterEach(() => fixture.dispose());

it('tells added, deleted, modified, renamed, retyped, binary and submodule files apart, whatever their names', async () => {
  const long = Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n');
  const base = await fixture.commit(repository, {
    files: { 'modified.txt': 'a\nb\nc\n', 'deleted.txt': 'x\n', 'old "name"\té.txt': `${long}\n`, 'bin.dat': Buffer.from([0, 1, 2]), retyped: 'target', 'run.sh': 'echo\n' },
  });
  const head = await fixture.commit(repository, {
    files: {
      'modified.txt': 'a\nB\nc\n',
      'deleted.txt': null,
      'added.txt': 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n',
      'old "name"\té.txt': null,
      'new\\name\n.txt': `${long}\nmore\n`,
      'bin.dat': Buffer.from([0, 1, 3]),
      retyped: { mode: '120000', content: 'elsewhere' },
      'run.sh': { mode: '100755', content: 'echo\n' },
      sub: { mode: '160000', content: base },
    },
  });
  const diff = await diffCommits(repository, { base, head });
  expect(await changedFiles(repository, { base, head })).toEqual(diff.files.map(({ path, oldPath }) => (oldPath === undefined ? { path } : { path, oldPath })));
  const byPath = new Map(diff.files.map((file) => [file.path, file]));
  expect([...byPath.values()].map(({ path, status, additions, deletions }) => [path, status, additions, deletions]).sort()).toEqual(
    [
      ['added.txt', 'added', 4, 0],
      ['bin.dat', 'modified', 0, 0],
      ['deleted.txt', 'deleted', 0, 1],
      ['modified.txt', 'modified', 1, 1],
      ['new\\name\n.txt', 'renamed', 1, 0],
      ['retyped', 'type-changed', 1, 1],
      ['run.sh', 'modified', 0, 0],
      ['sub', 'added', 1, 0],
    ].sort(),
  );
  expect(byPath.get('new\\name\n.txt')).toMatchObject({ oldPath: 'old "name"\té.txt', similarity: expect.any(Number) });
  expect(byPath.get('bin.dat')).toMatchObject({ isBinary: true, hunks: [], truncated: false });
  expect(byPath.get('run.sh')).toMatchObject({ oldMode: '100644', newMode: '100755', hunks: [] });
  expect(byPath.get('retyped')?.hunks).toHaveLength(2);
  expect(byPath.get('added.txt')?.hunks[0]?.lines.map(({ text }) => text)).toEqual(['diff --git a/x b/x', '--- a/x', '+++ b/x', '@@ -1 +1 @@']);
  expect(byPath.get('modified.txt')?.hunks[0]?.lines).toEqual([
    { kind: 'context', text: 'a', oldLine: 1, newLine: 1 },
    { kind: 'delete', text: 'b', oldLine: 2 },
    { kind: 'add', text: 'B', newLine: 2 },
    { kind: 'context', text: 'c', oldLine: 3, newLine: 3 },
  ]);
  expect(diff.truncated).toBe(false);
  const summary = await diffSummary(repository, { base, head });
  expect(summary).toMatchObject({ additions: diff.additions, deletions: diff.deletions });
  expect(summary.files).toEqual(diff.files.map(({ hunks: _hunks, truncated: _truncated, ...file }) => file));
});

it('reproduces the file when its hunks are applied', async () => {
  const line = fc.constantFrom('', 'a', 'b', '-x', '+y', ' z', '\\ No newline at end of file', 'diff --git a/f b/f', '@@ -1 +1 @@', 'crlf\r', 'ü\ttab', '--- a/f', '\u0001');
  const content = fc.tuple(fc.array(line, { maxLength: 40 }), fc.boolean()).map(([lines, ends]) => lines.join('\n') + (ends && lines.length > 0 ? '\n' : ''));
  // Many files in one pair of commits: what is tested is the parser, and commits cost processes.
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(content, content), { minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 5 }), async (pairs, contextLines) => {
      const files = (side: 0 | 1) => Object.fromEntries(pairs.map((pair, index) => [`f${index}`, pair[side]]));
      const base = await fixture.commit(repository, { files: files(0), branch: 'property' });
      const head = await fixture.commit(repository, { files: files(1), branch: 'property' });
      const diff = await diffCommits(repository, { base, head, contextLines });
      pairs.forEach(([before, after], index) => {
        const file = diff.files.find(({ path }) => path === `f${index}`);
        expect(file === undefined).toBe(before === after);
        expect(apply(before, file)).toBe(after);
      });
    }),
    { numRuns: 12, examples: [[[['-x\nü\ttab', '-x\n']], 0]] },
  );
});

it('says honestly what it left out', async () => {
  const base = await fixture.commit(repository, { files: { 'keep.txt': 'x' } });
  const files = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`f${index}.txt`, `${'line\n'.repeat(100)}`]));
  const head = await fixture.commit(repository, { files: { ...files, 'long.txt': 'y'.repeat(10_000) } });
  const perFile = await diffCommits(repository, { base, head, limits: { maxFileLines: 10 } });
  expect(perFile.files.map(({ hunks, truncated, additions }) => [hunks[0]?.lines.length, truncated, additions])).toEqual([...Array.from({ length: 10 }, () => [10, true, 100]), [1, false, 1]]);
  expect(perFile.files.at(-1)?.hunks[0]?.lines[0]).toMatchObject({ cut: true });

  const total = await diffCommits(repository, { base, head, limits: { maxLines: 250 } });
  expect(total).toMatchObject({ truncated: true, additions: 1001 });
  expect(total.files.map(({ hunks, truncated }) => [hunks[0]?.lines.length ?? 0, truncated])).toEqual([[100, false], [100, false], [50, true], ...Array.from({ length: 8 }, () => [0, true])]);

  const count = await diffCommits(repository, { base, head, limits: { maxFiles: 2 } });
  expect(count.files.filter(({ truncated }) => !truncated)).toHaveLength(2);
  expect(count.files).toHaveLength(11);

  const one = await diffFile(repository, { base, head, path: 'f9.txt' });
  expect(one).toMatchObject({ path: 'f9.txt', truncated: false, additions: 100 });
  await expect(diffFile(repository, { base, head, path: 'keep.txt' })).rejects.toMatchObject({ reason: 'NotFound' });
});

it('compares with the merge base, with nothing, and without white space', async () => {
  const root = await fixture.commit(repository, { files: { a: '1\n', b: '1\n' } });
  const head = await fixture.commit(repository, { files: { a: '2\n' }, branch: 'feature', from: root });
  const main = await fixture.commit(repository, { files: { b: '2\n' } });
  expect((await diffCommits(repository, { base: main, head })).files.map(({ path }) => path)).toEqual(['a', 'b']);
  expect(await diffCommits(repository, { base: main, head, fromMergeBase: true })).toMatchObject({ base: root, files: [{ path: 'a' }] });
  expect((await diffCommits(repository, { base: undefined, head: root })).additions).toBe(2);

  const spaced = await fixture.commit(repository, { files: { a: '  1\n', b: '3\n' }, from: root, branch: 'spaced' });
  const diff = await diffCommits(repository, { base: root, head: spaced, whitespace: 'ignore-all' });
  expect(diff.files.map(({ path, hunks }) => [path, hunks.length])).toEqual([['a', 0], ['b', 1]]);

  const alone = await fixture.git.run(['commit-tree', `${root}^{tree}`, '-m', 'alone'], { gitDir: repository.path });
  await expect(diffCommits(repository, { base: alone.stdout.toString().trim(), head, fromMergeBase: true })).rejects.toMatchObject({ code: 'UNRELATED_HISTORIES' });
});

it('ends git when it is aborted', async () => {
  const base = await fixture.commit(repository, { files: { a: '1\n' } });
  const head = await fixture.commit(repository, { files: { a: '2\n' } });
  await expect(diffCommits(repository, { base, head, signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
});

/** What `patch` would do. */
function apply(before: string, file: DiffFile | undefined): string {
  if (file === undefined) return before;
  const old = before.split('\n');
  const result: string[] = [];
  let next = 1;
  let endsWithNewline = before === '' || before.endsWith('\n');
  for (const hunk of file.hunks) {
    // A hunk of added lines only stands behind the line it names.
    const start = hunk.oldLines === 0 ? hunk.oldStart + 1 : hunk.oldStart;
    while (next < start) result.push(old[next++ - 1] ?? '');
    for (const line of hunk.lines) {
      if (line.kind !== 'add') {
        expect(line.text).toBe(old[next - 1]);
        expect(line.oldLine).toBe(next);
        next += 1;
        // What now comes last had a line feed, because another line came after it.
        if (line.kind === 'delete' && line.noNewline === true) endsWithNewline = true;
      }
      if (line.kind !== 'delete') {
        result.push(line.text);
        expect(line.newLine).toBe(result.length);
        endsWithNewline = line.noNewline !== true;
      }
    }
  }
  const oldCount = before === '' ? 0 : old.length - (before.endsWith('\n') ? 1 : 0);
  if (next <= oldCount) endsWithNewline = before.endsWith('\n');
  while (next <= oldCount) result.push(old[next++ - 1] ?? '');
  return result.length === 0 ? '' : result.join('\n') + (endsWithNewline ? '\n' : '');
}
