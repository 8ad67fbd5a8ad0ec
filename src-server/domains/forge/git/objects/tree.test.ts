import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { writeFile } from 'node:fs/promises';
import { buffer, text } from 'node:stream/consumers';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import { requireArchivable, streamArchive } from '../transport/archive';
import { blameFile } from '../history/blame';
import { fileBytes, readBlob } from './blob';
import { countCommits, isAncestor, listCommits, mergeBase, readCommit, refsContaining } from '../history/commits';
import type { GitRepository } from '../gitRepositories';
import { diffFile, diffSummary } from '../history/diff';
import { followHistory } from '../history/followHistory';
import { lastCommits } from '../history/lastCommits';
import { pathText } from './pathText';
import { searchCode } from '../history/search';
import { findEntry, listAllPaths, listTree } from './tree';

let fixture: GitFixture;
let repository: GitRepository;

beforeEach(async () => {
  fixture = await createGitFixture();
  repository = await fixture.bare('app');
});
afterEach(() => fixture.dispose());

describe('a tree', () => {
  it('lists folders first, with modes, types and sizes', async () => {
    const sha = await fixture.commit(repository, {
      files: { 'z/x.txt': '1', 'a.txt': '12', run: { mode: '100755', content: 'x' }, link: { mode: '120000', content: 'a.txt' }, sub: { mode: '160000', content: '1'.repeat(40) }, 'ü "n"': '' },
    });
    const page = await listTree(repository, sha);
    expect(page.entries.map(({ name, type, mode, sizeBytes }) => [name, type, mode, sizeBytes])).toEqual([
      ['sub', 'submodule', '160000', undefined],
      ['z', 'directory', '040000', undefined],
      ['a.txt', 'file', '100644', 2],
      ['link', 'symlink', '120000', 5],
      ['run', 'executable', '100755', 1],
      ['ü "n"', 'file', '100644', 0],
    ]);
    expect((await listTree(repository, sha, { path: '/z/' })).entries).toMatchObject([{ name: 'x.txt' }]);
    await expect(listTree(repository, sha, { path: 'none' })).rejects.toMatchObject({ reason: 'NotFound' });
    await expect(listTree(repository, sha, { path: 'a.txt' })).rejects.toMatchObject({ reason: 'Invalid', code: 'NOT_A_DIRECTORY' });
    for (const path of ['..', 'z/../a.txt', 'z//x', './a']) await expect(listTree(repository, sha, { path })).rejects.toMatchObject({ reason: 'Invalid' });
    expect(await findEntry(repository, sha, 'a.txt/x')).toBeUndefined();
    expect((await listAllPaths(repository, sha, { limit: 2 })).truncated).toBe(true);
  });

  it('pages through fifty thousand entries', async () => {
    const run = async (args: string[], input: string): Promise<string> => (await fixture.git.run(args, { gitDir: repository.path, input })).stdout.toString().trim();
    const blob = await run(['hash-object', '-w', '--stdin'], 'x');
    const tree = await run(['mktree'], Array.from({ length: 50_000 }, (_, index) => `100644 blob ${blob}\tf${String(index).padStart(5, '0')}\n`).join(''));
    const sha = await run(['commit-tree', tree], 'Many');
    const first = await listTree(repository, sha, { limit: 100 });
    expect(first).toMatchObject({ total: 50_000, nextOffset: 100 });
    const last = await listTree(repository, sha, { limit: 100, offset: 49_950 });
    expect(last.entries.at(-1)?.name).toBe('f49999');
    expect(last.nextOffset).toBeUndefined();
  });
});

describe('a blob', () => {
  it('is text, binary, too large, a link or a pointer to Git LFS', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 123\n`;
    const sha = await fixture.commit(repository, { files: { 'a.txt': 'hé\n', 'bin': Buffer.from([1, 0, 2]), large: 'x'.repeat(5_000_000), lfs: pointer, link: { mode: '120000', content: 'a.txt' }, 'd/x': '' } });
    expect(await readBlob(repository, sha, { path: 'a.txt' })).toMatchObject({ text: 'hé\n', isBinary: false, sizeBytes: 4, type: 'file' });
    expect(await readBlob(repository, sha, { path: 'bin' })).toMatchObject({ isBinary: true, tooLarge: false });
    expect(await readBlob(repository, sha, { path: 'large' })).toMatchObject({ tooLarge: true, isBinary: false, sizeBytes: 5_000_000 });
    expect(await readBlob(repository, sha, { path: 'lfs' })).toMatchObject({ lfs: { oid: 'a'.repeat(64), sizeBytes: 123 } });
    expect(await readBlob(repository, sha, { path: 'link' })).toMatchObject({ type: 'symlink', text: 'a.txt' });
    await expect(readBlob(repository, sha, { path: 'd' })).rejects.toMatchObject({ code: 'NOT_A_FILE' });
    const small = await fileBytes(repository, sha, { path: 'bin' });
    expect([...(await buffer(await small.open()))]).toEqual([1, 0, 2]);
    expect([...(await buffer(await small.open({ start: 1, end: 1 })))]).toEqual([0]);
    const large = await fileBytes(repository, sha, { path: 'large' });
    expect((await text(await large.open())).length).toBe(5_000_000);
    expect((await text(await large.open({ start: 4_999_990, end: 4_999_999 }))).length).toBe(10);
  });
});

describe('commits', () => {
  it('are paged by a cursor that a push does not move, and filtered', async () => {
    const shas: string[] = [];
    for (let index = 0; index < 5; index += 1) shas.push(await fixture.commit(repository, { files: { [index % 2 === 0 ? 'even.txt' : 'odd.txt']: `${index}` }, message: `Commit ${index}\n\nFixes: #${index}`, ...(index === 3 ? { author: { name: 'Bea', email: 'bea@example.com' } } : {}) }));
    const [head = ''] = shas.slice(-1);
    const first = await listCommits(repository, { head, limit: 2 });
    expect(first.items).toMatchObject([{ sha: shas[4], subject: 'Commit 4', trailers: [{ key: 'Fixes', value: '#4' }] }, { sha: shas[3] }]);
    const moved = await fixture.commit(repository, { files: { x: '1' } });
    const rest = await listCommits(repository, { head: moved, limit: 10, cursor: first.nextCursor ?? '' });
    expect(rest.items.map(({ sha }) => sha)).toEqual([shas[2], shas[1], shas[0]]);
    expect(rest.nextCursor).toBeUndefined();
    const found = async (filter: object): Promise<(string | undefined)[]> => (await listCommits(repository, { head, ...filter })).items.map(({ subject }) => subject);
    expect(await found({ path: 'odd.txt' })).toEqual(['Commit 3', 'Commit 1']);
    expect(await found({ author: 'BEA@' })).toEqual(['Commit 3']);
    expect(await found({ search: 'fixes: #2' })).toEqual(['Commit 2']);
    expect(await found({ exclude: shas[2] })).toEqual(['Commit 4', 'Commit 3']);
    const oldest = await listCommits(repository, { head, order: 'oldest', limit: 3 });
    expect(oldest.items.map(({ sha }) => sha)).toEqual(shas.slice(0, 3));
    expect((await listCommits(repository, { head, order: 'oldest', limit: 3, cursor: oldest.nextCursor ?? '' })).items.map(({ sha }) => sha)).toEqual(shas.slice(3));
    await expect(listCommits(repository, { head, cursor: '--all.1' })).rejects.toMatchObject({ reason: 'BadRequest' });
    expect(await countCommits(repository, head, shas[0])).toBe(4);
    expect(await mergeBase(repository, head, shas[1] ?? '')).toBe(shas[1]);
    expect(await isAncestor(repository, head, shas[1] ?? '')).toBe(false);
    expect(await refsContaining(repository, shas[0] ?? '')).toEqual({ branches: ['main'], tags: [] });
  });

  it('of one file are followed beyond its renaming', async () => {
    const content = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join('');
    await fixture.commit(repository, { files: { 'old.txt': content }, message: 'Made' });
    const head = await fixture.commit(repository, { files: { 'old.txt': null, 'new.txt': content }, message: 'Renamed' });
    expect((await listCommits(repository, { head, path: 'new.txt' })).items).toHaveLength(1);
    expect((await followHistory(repository, { head, path: 'new.txt' })).items.map(({ subject }) => subject)).toEqual(['Renamed', 'Made']);
    // Page by page it is the same, wherever a page ends.
    const first = await followHistory(repository, { head, path: 'new.txt', limit: 1 });
    const second = await followHistory(repository, { head, path: 'new.txt', limit: 1, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ subject }) => subject)).toEqual(['Renamed', 'Made']);
    expect((second.nextCursor === undefined ? undefined : await followHistory(repository, { head, path: 'new.txt', cursor: second.nextCursor }))?.items ?? []).toEqual([]);
  });

  it('are read whole, in old encodings and with broken dates, too', async () => {
    const tree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
    await fixture.git.run(['hash-object', '-t', 'tree', '-w', '--stdin'], { gitDir: repository.path, input: '' });
    const content = Buffer.concat([Buffer.from(`tree ${tree}\nauthor J`), Buffer.from([0xf6]), Buffer.from('rg <j@x> 99999999999999999999 +0530\ncommitter J <j@x> 1700000000 -0700\nencoding ISO-8859-1\n\nSubject\nsecond line\n\nBody\n')]);
    const { stdout } = await fixture.git.run(['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'], { gitDir: repository.path, input: content });
    expect(await readCommit(repository, stdout.toString().trim())).toMatchObject({
      author: { name: 'Jörg', offsetMinutes: 330, date: '1970-01-01T00:00:00.000Z' },
      committer: { offsetMinutes: -420, date: '2023-11-14T22:13:20.000Z' },
      subject: 'Subject second line',
      body: 'Body',
      parents: [],
    });
  });
});

describe('the last commit of each entry', () => {
  it('is found through folders and merges, and kept for the next question', async () => {
    const made = await fixture.commit(repository, { files: { 'a.txt': '1', 'dir/x.txt': '1', 'dir/y.txt': '1' } });
    const side = await fixture.commit(repository, { branch: 'side', from: made, files: { 'dir/x.txt': '2' } });
    const main = await fixture.commit(repository, { files: { 'b.txt': '1' } });
    const head = await fixture.commit(repository, { from: main, merge: side, files: { 'dir/x.txt': '2' } });
    const names = ['a.txt', 'b.txt', 'dir'];
    const found = await lastCommits(repository, head, { names, budgetMs: 10_000 });
    expect(found.complete).toBe(true);
    expect(names.map((name) => found.commits.get(name)?.sha)).toEqual([made, main, side]);
    expect((await lastCommits(repository, head, { path: 'dir', names: ['x.txt', 'y.txt'], budgetMs: 10_000 })).commits.get('y.txt')?.sha).toBe(made);

    const start = vi.spyOn(fixture.git, 'start');
    await lastCommits(repository, head, { names });
    expect(start.mock.calls.filter(([args]) => args[0] === 'log')).toEqual([]);
    // A later commit only needs what came since.
    const later = await fixture.commit(repository, { files: { 'b.txt': '2' } });
    const after = await lastCommits(repository, later, { names, budgetMs: 10_000 });
    expect(names.map((name) => after.commits.get(name)?.sha)).toEqual([made, later, side]);
    expect(start.mock.calls.find(([args]) => args[0] === 'log')?.[0]).toContain(`^${head}`);
  });

  it('answers what it has when its time is over, and the rest later', async () => {
    const sha = await fixture.commit(repository, { files: { 'a.txt': '1' } });
    const early = await lastCommits(repository, sha, { names: ['a.txt'], budgetMs: 0 });
    const late = await lastCommits(repository, sha, { names: ['a.txt'], budgetMs: 10_000 });
    expect(early.complete || early.commits.size === 0).toBe(true);
    expect(late).toMatchObject({ complete: true });
    expect(late.commits.get('a.txt')?.sha).toBe(sha);
  });
});

describe('names of any bytes', () => {
  const names = [Buffer.from('caf\u00e9.txt'), Buffer.from([0x63, 0x61, 0x66, 0xe9]), Buffer.from('-rf'), Buffer.from('a "quoted"\nname\t'), Buffer.from('\ud83d\ude00 \uef80'), Buffer.from('--output=x'), Buffer.from(':(top)*'), Buffer.from('Case'), Buffer.from('case')];

  it('lead to the file in every view', async () => {
    const files = (more: string) => Object.fromEntries(names.map((name, index) => [`odd/${pathText(name)}`, `content ${index}\n${more}`]));
    const first = await fixture.commit(repository, { files: files('') });
    const sha = await fixture.commit(repository, { files: files('more\n') });
    const page = await listTree(repository, sha, { path: 'odd' });
    expect(page.entries).toHaveLength(names.length);
    const { paths } = await listAllPaths(repository, sha);
    const last = await lastCommits(repository, sha, { path: 'odd', names: page.entries.map(({ name }) => name), budgetMs: 5000 });
    const changed = await diffSummary(repository, { base: first, head: sha });
    for (const [index, name] of names.entries()) {
      const path = `odd/${pathText(name)}`;
      expect(page.entries.map((entry) => `odd/${entry.name}`)).toContain(path);
      expect(paths).toContain(path);
      expect(changed.files.map((file) => file.path)).toContain(path);
      expect(last.commits.get(pathText(name))?.sha).toBe(sha);
      expect((await readBlob(repository, sha, { path })).text).toBe(`content ${index}\nmore\n`);
      expect((await followHistory(repository, { head: sha, path })).items.map((commit) => commit.sha)).toEqual([sha, first]);
      expect((await blameFile(repository, sha, { path })).ranges).toMatchObject([{ sha: first, originalPath: path }, { sha, previous: { sha: first, path } }]);
      expect((await searchCode(repository, sha, { pattern: `content ${index}`, path })).matches).toMatchObject([{ path, line: 1 }]);
      expect(await diffFile(repository, { base: first, head: sha, path })).toMatchObject({ path, additions: 1 });
    }
  });
});

describe('a file', () => {
  it('is annotated line by line', async () => {
    const one = await fixture.commit(repository, { files: { 'a.txt': '1\n2\n3\n' }, message: 'One' });
    const two = await fixture.commit(repository, { files: { 'a.txt': '1\ntwo\n3\n' }, author: { name: 'Bea', email: 'bea@example.com' }, message: 'Two' });
    const blame = await blameFile(repository, two, { path: 'a.txt' });
    expect(blame.ranges.map(({ sha, line, lineCount }) => [sha, line, lineCount])).toEqual([[one, 1, 1], [two, 2, 1], [one, 3, 1]]);
    expect(blame.commits[two]).toMatchObject({ subject: 'Two', author: { name: 'Bea', email: 'bea@example.com' } });
    await expect(blameFile(repository, two, { path: 'none' })).rejects.toMatchObject({ reason: 'NotFound' });
    expect(blame.ranges[1]?.previous).toEqual({ sha: one, path: 'a.txt' });
  });

  it('is annotated without the commits that the repository says to look through', async () => {
    const one = await fixture.commit(repository, { files: { 'a.txt': 'f(a,b)\n' }, message: 'One' });
    const two = await fixture.commit(repository, { files: { 'a.txt': 'f(a, b)\n' }, message: 'Reformat' });
    const listed = await fixture.commit(repository, { files: { '.git-blame-ignore-revs': `# Formatting\n${two} # and a word\n${'9'.repeat(40)}\nnonsense\n` } });
    expect(await blameFile(repository, listed, { path: 'a.txt' })).toMatchObject({ ignoresRevisions: true, ranges: [{ sha: one }] });
    expect(await blameFile(repository, listed, { path: 'a.txt', ignoreRevisions: false })).toMatchObject({ ignoresRevisions: false, ranges: [{ sha: two }] });
  });

  it('answers blame before it is complete, and the whole when asked again, also to another process', async () => {
    const sha = await fixture.commit(repository, { files: { 'a.txt': '1\n2\n' } });
    const early = await blameFile(repository, sha, { path: 'a.txt', budgetMs: 0 });
    expect(early.complete ? early.ranges.length : 1).toBe(1);
    await expect.poll(() => blameFile(repository, sha, { path: 'a.txt', budgetMs: 0 })).toMatchObject({ complete: true, ranges: [{ lineCount: 2 }] });
  });

  it('is found by what is in it', async () => {
    const sha = await fixture.commit(repository, { files: { 'src/a b.ts': 'const Hello = 1;\nhello()\n', 'b.txt': 'no\n', bin: Buffer.from('hello\0') } });
    expect(await searchCode(repository, sha, { pattern: 'hello' })).toEqual({ matches: [{ path: 'src/a b.ts', line: 1, column: 7, text: 'const Hello = 1;' }, { path: 'src/a b.ts', line: 2, column: 1, text: 'hello()' }], truncated: false });
    expect((await searchCode(repository, sha, { pattern: 'hel+o\\(', regex: true })).matches).toHaveLength(1);
    expect((await searchCode(repository, sha, { pattern: 'hello', caseSensitive: true, limit: 1 })).truncated).toBe(false);
    expect((await searchCode(repository, sha, { pattern: 'hello', limit: 1 })).truncated).toBe(true);
    expect((await searchCode(repository, sha, { pattern: '-e', path: 'src' })).matches).toEqual([]);
    await expect(searchCode(repository, sha, { pattern: '(', regex: true })).rejects.toMatchObject({ reason: 'Invalid' });
    await expect(searchCode(repository, sha, { pattern: ' ' })).rejects.toMatchObject({ reason: 'Invalid' });
  });
});

it('packs no archive of trees that hold each other many times over, and lists no more of their paths than were asked for', async () => {
  const leaf = await fixture.commit(repository, { files: Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`f${index}`, 'x'])) });
  let tree = (await readCommit(repository, leaf)).tree;
  for (let depth = 0; depth < 8; depth += 1) {
    const { stdout } = await fixture.git.run(['mktree', '-z'], { gitDir: repository.path, input: Array.from({ length: 10 }, (_, index) => `040000 tree ${tree}\td${index}\0`).join('') });
    tree = stdout.toString().trim();
  }
  const { stdout } = await fixture.git.run(['commit-tree', '-m', 'Bomb', tree], { gitDir: repository.path });
  const bomb = stdout.toString().trim();
  await expect(requireArchivable(repository, bomb, { limits: { files: 10_000, bytes: 1e9 } })).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' });
  await expect(requireArchivable(repository, leaf)).resolves.toBeUndefined();
  expect(await listAllPaths(repository, bomb, { limit: 1000 })).toMatchObject({ truncated: true, paths: { length: 1000 } });
});

it('packs a commit into an archive, and says when it cannot', async () => {
  const sha = await fixture.commit(repository, { files: { 'a.txt': 'hello\n' } });
  const tar = join(fixture.folder, 'a.tar.gz');
  await writeFile(tar, streamArchive(repository, sha, { format: 'tar.gz', prefix: 'app-main' }));
  const { stdout } = await promisify(execFile)('tar', ['-xzOf', tar, 'app-main/a.txt']);
  expect(stdout).toBe('hello\n');
  const zip = await buffer(streamArchive(repository, sha, { format: 'zip', prefix: '../x' }));
  expect(zip.subarray(0, 2).toString()).toBe('PK');
  await expect(buffer(streamArchive(repository, '1'.repeat(40), { format: 'zip', prefix: 'x' }))).rejects.toThrow();
});
