import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../test/harness/gitFixture';
import { diffSummary } from '../git/history/diff';
import type { GitRepository } from '../git/gitRepositories';
import { readDiffPage } from './diffPage';

let fixture: GitFixture;
let repository: GitRepository;

beforeEach(async () => {
  fixture = await createGitFixture();
  repository = await fixture.bare('app');
});
afterEach(() => fixture.dispose());

it('counts a small change as a whole, and reads it once', async () => {
  const base = await fixture.commit(repository, { files: files(150, 'one\n') });
  const head = await fixture.commit(repository, { files: files(150, 'two\nthree\n') });
  const first = await readDiffPage(repository, { base, head });
  expect(first).toMatchObject({ totalFiles: 150, additions: 300, deletions: 150, truncated: true });
  expect(first.uncounted).toBeUndefined();
  const start = vi.spyOn(fixture.git, 'start');
  expect(await readDiffPage(repository, { base, head })).toEqual(first);
  expect(start).not.toHaveBeenCalled();
  const second = await readDiffPage(repository, { base, head, after: first.files.at(-1)?.path });
  expect(start).toHaveBeenCalledTimes(1);
  expect(second).toMatchObject({ totalFiles: 150, additions: 300, deletions: 150, truncated: false });
  expect([...first.files, ...second.files].map(({ path }) => path)).toEqual(Object.keys(files(150, '')));
  start.mockRestore();
});

it('counts a change of thousands of files page by page, and says so', async () => {
  const base = await fixture.commit(repository, { files: { ...files(2100, 'one\n'), 'moved/from.txt': LONG } });
  const head = await fixture.commit(repository, { files: { ...files(2100, 'two\nthree\n'), 'moved/from.txt': null, 'a/to.txt': `${LONG}more\n` } });
  const start = vi.spyOn(fixture.git, 'start');
  const first = await readDiffPage(repository, { base, head });
  // The list that was too long, the list alone, and the files of the page.
  expect(start).toHaveBeenCalledTimes(3);
  expect(first).toMatchObject({ totalFiles: 2101, uncounted: true, truncated: true });
  expect(first.files[0]).toMatchObject({ status: 'renamed', oldPath: 'moved/from.txt', path: 'a/to.txt', additions: 1, deletions: 0 });
  expect(first.additions).toBe(first.files.reduce((sum, file) => sum + file.additions, 0));
  const pages = [first];
  for (let last = first; last.truncated; pages.push(last)) last = await readDiffPage(repository, { base, head, after: last.files.at(-1)?.path });
  expect(start).toHaveBeenCalledTimes(2 + pages.length);
  start.mockRestore();
  const whole = await diffSummary(repository, { base, head });
  expect(pages.flatMap((page) => page.files).map(({ path, additions }) => [path, additions])).toEqual(whole.files.map(({ path, additions }) => [path, additions]));
  expect(await readDiffPage(repository, { base, head, path: 'moved/from.txt' })).toMatchObject({ totalFiles: 2101, files: [{ path: 'a/to.txt', additions: 1 }] });
  await expect(readDiffPage(repository, { base, head, path: 'none' })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
});

const LONG = Array.from({ length: 30 }, (_, line) => `line ${line}\n`).join('');

function files(count: number, content: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`f/${String(index).padStart(4, '0')}.txt`, `${index}\n${content}`]));
}
