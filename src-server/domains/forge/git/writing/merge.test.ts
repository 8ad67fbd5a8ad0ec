import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import type { GitRepository } from '../gitRepositories';
import { readCommit } from '../history/commits';
import { mergeIntoBranch, type MergeOptions, withCoAuthors } from './merge';
import { checkMergeability } from './mergeability';

const MERGER = { name: 'Mia Merger', email: 'mia@example.com' };
const ADA = { name: 'Ada Author', email: 'ada@example.com' };
const BEA = { name: 'Bea', email: 'bea@example.com' };
const NOW = new Date('2026-01-02T03:04:05Z');

let fixture: GitFixture;
let repository: GitRepository;
let root: string;

beforeEach(async () => {
  fixture = await createGitFixture();
  repository = await fixture.bare('app');
  root = await fixture.commit(repository, { files: { 'a.txt': '1\n2\n3\n4\n5\n6\n7\n8\n9\n', 'b.txt': 'b\n' } });
});
afterEach(() => fixture.dispose());

const merge = (method: MergeOptions['method'], base: string, head: string) =>
  mergeIntoBranch(repository, { method, targetRef: 'refs/heads/main', base, head, author: method === 'squash' ? BEA : ADA, merger: MERGER, message: 'Title\n\nText.', now: NOW });

/** Both sides changed the same file, far apart. */
async function diverged(): Promise<{ base: string; head: string; first: string }> {
  const base = await fixture.commit(repository, { files: { 'a.txt': 'one\n2\n3\n4\n5\n6\n7\n8\n9\n' } });
  const first = await fixture.commit(repository, { branch: 'feature', from: root, files: { 'a.txt': '1\n2\n3\n4\n5\n6\n7\n8\nnine\n' }, message: 'First\n\nWhy.' });
  const head = await fixture.commit(repository, { branch: 'feature', files: { 'new.txt': 'n\n' }, author: BEA, message: 'Second\n\nCo-authored-by: Cy <cy@example.com>' });
  return { base, head, first };
}

const MERGED = 'one\n2\n3\n4\n5\n6\n7\n8\nnine\n';

describe('mergeability', () => {
  it('tells the states apart and leaves nothing behind', async () => {
    const { base, head } = await diverged();
    const before = await readdir(join(repository.path, 'objects'));
    const clean = await checkMergeability(repository, { base, head });
    expect(clean).toMatchObject({ state: 'clean', tree: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(await repository.objects.info(clean.state === 'clean' ? clean.tree : '')).toBeUndefined();
    expect(await readdir(join(repository.path, 'objects'))).toEqual(before);
    expect(await checkMergeability(repository, { base: root, head })).toMatchObject({ state: 'fast-forward' });
    expect(await checkMergeability(repository, { base: head, head: root })).toEqual({ state: 'up-to-date' });
    const alone = (await fixture.git.run(['commit-tree', `${root}^{tree}`, '-m', 'alone'], { gitDir: repository.path })).stdout.toString().trim();
    expect(await checkMergeability(repository, { base, head: alone })).toEqual({ state: 'unrelated' });
  });

  it('names every conflicting file and says why', async () => {
    const base = await fixture.commit(repository, { files: { 'a.txt': 'main\n', 'b.txt': null, 'sp é\n.txt': 'x\n' } });
    const head = await fixture.commit(repository, { branch: 'feature', from: root, files: { 'a.txt': 'feature\n', 'b.txt': 'changed\n', 'sp é\n.txt': 'y\n' } });
    const result = await checkMergeability(repository, { base, head });
    expect(result).toEqual({
      state: 'conflicting',
      conflicts: [
        { path: 'a.txt', message: 'CONFLICT (content): Merge conflict in a.txt' },
        { path: 'b.txt', message: expect.stringContaining('CONFLICT (modify/delete): b.txt deleted in') },
        { path: 'sp é\n.txt', message: expect.stringContaining('CONFLICT (add/add)') },
      ],
    });
    for (const method of ['merge', 'squash', 'rebase'] as const) {
      await expect(merge(method, base, head)).rejects.toMatchObject({ reason: 'Conflict', code: 'MERGE_CONFLICT', details: { causes: expect.arrayContaining([expect.objectContaining({ field: 'a.txt' })]) } });
    }
    expect(await repository.objects.resolve('refs/heads/main')).toBe(base);
  });
});

describe('a merge', () => {
  it('makes a merge commit of two parents', async () => {
    const { base, head } = await diverged();
    const { sha } = await merge('merge', base, head);
    expect(await readCommit(repository, sha)).toMatchObject({ parents: [base, head], subject: 'Title', body: 'Text.', author: { ...MERGER, date: NOW.toISOString() }, committer: MERGER });
    expect(await fixture.show(repository, 'main:a.txt')).toBe(MERGED);
    expect((await fixture.git.run(['fsck', '--strict'], { gitDir: repository.path })).stderr).not.toContain('error');
  });

  it('squashes into one commit by the author, with the others in trailers', async () => {
    const { base, head } = await diverged();
    const { sha } = await merge('squash', base, head);
    expect(await readCommit(repository, sha)).toMatchObject({
      parents: [base],
      author: BEA,
      committer: MERGER,
      body: 'Text.\n\nCo-authored-by: Ada Author <ada@example.com>\nCo-authored-by: Cy <cy@example.com>',
      trailers: [{ key: 'Co-authored-by', value: 'Ada Author <ada@example.com>' }, { key: 'Co-authored-by', value: 'Cy <cy@example.com>' }],
    });
    expect(await fixture.show(repository, 'main:a.txt')).toBe(MERGED);
  });

  it('rebases every commit with its author, date and message', async () => {
    const { base, head, first } = await diverged();
    const { sha, fastForward, skipped } = await merge('rebase', base, head);
    expect({ fastForward, skipped }).toEqual({ fastForward: false, skipped: [] });
    const last = await readCommit(repository, sha);
    expect(last).toMatchObject({ author: { ...BEA, offsetMinutes: 60, date: (await readCommit(repository, head)).author.date }, committer: { ...MERGER, date: NOW.toISOString() }, subject: 'Second' });
    const before = await readCommit(repository, last.parents[0] ?? '');
    expect(before).toMatchObject({ parents: [base], subject: 'First', body: 'Why.', author: (await readCommit(repository, first)).author });
    expect(await fixture.show(repository, 'main:a.txt')).toBe(MERGED);
    expect(await fixture.show(repository, 'main:new.txt')).toBe('n\n');
  });

  it('leaves out commits of a rebase that the target has, and keeps those that were empty on purpose', async () => {
    const base = await fixture.commit(repository, { files: { 'b.txt': 'changed\n', 'c.txt': 'c\n' } });
    const same = await fixture.commit(repository, { branch: 'feature', from: root, files: { 'b.txt': 'changed\n' }, message: 'Same' });
    await fixture.commit(repository, { branch: 'feature', files: {}, message: 'Empty on purpose' });
    const head = await fixture.commit(repository, { branch: 'feature', files: { 'd.txt': 'd\n' }, message: 'New' });
    const { sha, skipped } = await merge('rebase', base, head);
    expect(skipped).toEqual([same]);
    const log = await fixture.git.run(['log', '--format=%s', `${base}..${sha}`], { gitDir: repository.path });
    expect(log.stdout.toString()).toBe('New\nEmpty on purpose\n');
    const again = await fixture.commit(repository, { branch: 'again', from: root, files: { 'b.txt': 'changed\n' } });
    await expect(merge('rebase', sha, again)).rejects.toMatchObject({ code: 'NOTHING_TO_MERGE' });
  });

  it('fast-forwards a rebase when the target did not move, and refuses one of merge commits', async () => {
    const head = await fixture.commit(repository, { branch: 'feature', from: root, files: { 'n.txt': 'n\n' } });
    expect(await merge('rebase', root, head)).toEqual({ sha: head, fastForward: true, skipped: [], rewritten: [] });
    const side = await fixture.commit(repository, { branch: 'side', from: root, files: { 's.txt': 's\n' } });
    const merged = await fixture.commit(repository, { branch: 'side', from: side, merge: head, files: {} });
    await fixture.commit(repository, { branch: 'side', files: { 't.txt': 't\n' } });
    await expect(merge('rebase', root, merged)).rejects.toMatchObject({ reason: 'Invalid', code: 'REBASE_HAS_MERGES' });
  });

  it('loses nothing to a push at the same time', async () => {
    const { base, head } = await diverged();
    const pushed = await fixture.commit(repository, { files: { 'p.txt': 'p\n' } });
    for (const method of ['merge', 'squash', 'rebase'] as const) await expect(merge(method, base, head)).rejects.toMatchObject({ reason: 'Conflict', code: 'REF_CHANGED' });
    expect(await repository.objects.resolve('refs/heads/main')).toBe(pushed);
    await expect(merge('merge', pushed, root)).rejects.toMatchObject({ code: 'NOTHING_TO_MERGE' });
  });
});

it('adds co-authors once, to the trailers that are there', () => {
  expect(withCoAuthors('Title', [])).toBe('Title');
  expect(withCoAuthors('Title', [BEA])).toBe('Title\n\nCo-authored-by: Bea <bea@example.com>');
  expect(withCoAuthors('Title\n\nSigned-off-by: X <x@y>', [BEA])).toBe('Title\n\nSigned-off-by: X <x@y>\nCo-authored-by: Bea <bea@example.com>');
  expect(withCoAuthors('Title\n\nco-authored-by: Bea <BEA@example.com>', [BEA])).toBe('Title\n\nco-authored-by: Bea <BEA@example.com>');
});
