import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { RefPolicy } from '#shared/kinds/forge/refPolicy';
import { ada, admin, bob, createForgeFixture, type ForgeFixture, TEN_LINES } from '../../../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
const org = 'default';

beforeEach(async () => {
  fixture = await createForgeFixture();
  await fixture.seed('demo');
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

const line = (number: number, text: string) => TEN_LINES.replace(`line ${number}\n`, `${text}\n`);
const bare = () => fixture.forge.verbs.repositoryPath(org, 'demo');
const inBare = async (...args: string[]) => (await fixture.git('.', '--git-dir', bare(), ...args)).trim();

/** Commits to main, as somebody else. */
async function pushMain(files: Readonly<Record<string, string>>): Promise<string> {
  await fixture.git('demo', 'checkout', '--quiet', 'main');
  await fixture.git('demo', 'pull', '--quiet', 'origin', 'main');
  const sha = await fixture.commit('demo', files, { message: 'Work on main' });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
  await fixture.forge.idle();
  return sha;
}

it('brings the target in by a merge commit of whoever asks', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  const target = await pushMain({ 'c.txt': 'c\n' });
  expect((await fixture.as(ada).pulls.get({ org, pr })).status).toMatchObject({ behind: 1 });
  const head = await inBare('rev-parse', 'feature');
  const { sha, pullRequest } = await fixture.as(bob).pulls.updateBranch({ org, pr, expectedHeadSha: head });
  expect(pullRequest.status).toMatchObject({ headSha: sha, behind: 0, changedFiles: 1, lastPush: { by: { kind: 'user', name: 'ada' } } });
  expect(await inBare('log', '-1', '--format=%P|%an <%ae>|%s', 'feature')).toBe(`${head} ${target}|Bob Builder <bob@example.com>|Merge branch 'main' into feature`);
  const { items } = await fixture.as(ada).pulls.timeline({ org, pr });
  // What the merge brought in is no part of the push.
  expect(items.find(({ type }) => type === 'pushed')?.commits?.map(({ subject }) => subject)).toEqual(["Merge branch 'main' into feature"]);
  await expect(fixture.as(bob).pulls.updateBranch({ org, pr })).rejects.toMatchObject({ cause: { code: 'NOTHING_TO_UPDATE' } });
  await expect(fixture.as(bob).pulls.updateBranch({ org, pr, expectedHeadSha: head })).rejects.toMatchObject({ cause: { code: 'HEAD_MOVED' } });
});

it('brings the target in by a rebase that keeps the authors', async () => {
  await fixture.git('demo', 'checkout', '--quiet', '-B', 'feature', 'origin/main');
  await fixture.commit('demo', { 'b.txt': 'b\n' }, { message: 'One', author: 'Grace <grace@example.com>' });
  await fixture.commit('demo', { 'b.txt': 'b\nb2\n' }, { message: 'Two' });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
  const pr = (await fixture.as(ada).pulls.create({ org, repository: 'demo', title: 'Two commits', sourceBranch: 'feature' })).metadata.name;
  const before = await inBare('rev-parse', 'feature');
  await pushMain({ 'c.txt': 'c\n' });
  const { sha } = await fixture.as(bob).pulls.updateBranch({ org, pr, method: 'rebase' });
  expect(await inBare('log', '--format=%s|%an|%cn', 'main..feature')).toBe('Two|Test User|Bob Builder\nOne|Grace|Bob Builder'.replace('Test User', await inBare('log', '-1', '--format=%an', before)));
  expect(await inBare('rev-parse', 'refs/pull/1/head')).toBe(sha);
  // The head before the rebase is kept out of sight.
  expect(await inBare('for-each-ref', '--format=%(objectname)', 'refs/kradle/pull/1')).toBe(before);
  const timeline = await fixture.as(ada).pulls.timeline({ org, pr });
  expect(timeline.items.map(({ type }) => type)).toContain('branch_updated');
});

it('updates no branch that a rule keeps', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  await pushMain({ 'c.txt': 'c\n' });
  await fixture.resources.create(BranchProtection, org, { metadata: { name: 'features' }, spec: { organizationRef: org, repository: 'demo', refs: ['feature'], requirePullRequest: false } });
  await expect(fixture.as(ada).pulls.updateBranch({ org, pr, method: 'rebase' })).rejects.toThrow(/force-pushed/);
  await fixture.as(ada).pulls.updateBranch({ org, pr });
  await fixture.resources.mutate(BranchProtection, { org, name: 'features' }, ({ spec }) => {
    spec.requirePullRequest = true;
  });
  await pushMain({ 'd.txt': 'd\n' });
  await expect(fixture.as(ada).pulls.updateBranch({ org, pr })).rejects.toThrow(/pull request/);
});

it('makes no commit that a policy would not take from a push, and says which', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  await pushMain({ 'c.txt': 'c\n' });
  await fixture.resources.create(RefPolicy, org, { metadata: { name: 'words' }, spec: { organizationRef: org, refs: ['feature', 'revert-*'], commitMessages: [{ mustMatch: '^feat: ', message: 'write "feat: ..."' }] } });
  const before = await inBare('rev-parse', 'feature');
  const refused = { cause: { code: 'POLICY_DENIED', message: expect.stringMatching(/^[0-9a-f]{10}: .*RefPolicy default\/words/) as string } };
  // Messages of merge commits are left alone.
  await expect(fixture.as(ada).pulls.updateBranch({ org, pr, method: 'rebase' })).rejects.toMatchObject(refused);
  expect(await inBare('rev-parse', 'feature')).toBe(before);
  await fixture.as(ada).pulls.merge({ org, pr });
  await expect(fixture.as(ada).pulls.revert({ org, pr })).rejects.toMatchObject(refused);
  expect(await inBare('for-each-ref', 'refs/heads/revert-*')).toBe('');
});

it('shows what conflicts and how, and merges what somebody made of it', async () => {
  const odd = 'ö d "d"/-f\t.txt';
  await pushMain({ [odd]: 'odd\n', 'gone.txt': 'x\n', 'bin': 'a\0b' });
  const pr = await fixture.openPull('demo', 'feature', { 'a.txt': line(5, 'ours'), [odd]: 'odd ours\n', 'gone.txt': 'y\n', 'new.txt': 'n1\n', 'bin': 'a\0c', 'clean.txt': 'kept\n' });
  await fixture.git('demo', 'checkout', '--quiet', 'main');
  await fixture.git('demo', 'rm', '--quiet', 'gone.txt');
  const base = await pushMain({ 'a.txt': line(5, 'theirs'), [odd]: 'odd theirs\n', 'new.txt': 'n2\n', 'bin': 'a\0d', 'target.txt': 't\n' });
  const head = await inBare('rev-parse', 'feature');

  const view = await fixture.as(bob).pulls.conflicts({ org, pr });
  expect(view).toMatchObject({ headSha: head, baseSha: base, resolvable: true, truncated: false });
  const byPath = new Map(view.files.map((file) => [file.path, file]));
  expect([...byPath].map(([path, { kind, ways }]) => [path, kind, ways.join()]).sort()).toEqual([
    ['a.txt', 'content', 'edit,ours,theirs'], ['bin', 'binary', 'ours,theirs'], ['gone.txt', 'modify-delete', 'edit,ours,delete'], ['new.txt', 'add-add', 'edit,ours,theirs'], [odd, 'content', 'edit,ours,theirs'],
  ]);
  expect(byPath.get('a.txt')).toMatchObject({ base: { text: TEN_LINES }, ours: { text: line(5, 'ours') }, theirs: { text: line(5, 'theirs') } });
  expect(byPath.get('a.txt')?.merged).toContain('<<<<<<< feature\nours\n=======\ntheirs\n>>>>>>> main\n');

  const resolve = (files: Parameters<ReturnType<ForgeFixture['as']>['pulls']['resolveConflicts']>[0]['files'], expected = { expectedHeadSha: head, expectedBaseSha: base }) =>
    fixture.as(bob).pulls.resolveConflicts({ org, pr, files, ...expected });
  const files = [{ path: 'a.txt', content: line(5, 'both') }, { path: odd, content: 'odd both\n' }, { path: 'gone.txt', deleted: true as const }, { path: 'new.txt', take: 'theirs' as const }, { path: 'bin', take: 'ours' as const }];
  await expect(resolve(files.slice(1))).rejects.toMatchObject({ cause: { code: 'CONFLICTS_UNRESOLVED', details: { causes: [{ message: '"a.txt" conflicts and is not resolved' }] } } });
  await expect(resolve([...files.slice(1), { path: 'a.txt', content: byPath.get('a.txt')?.merged ?? '' }])).rejects.toThrow();
  await expect(resolve([...files.slice(0, 4), { path: 'bin', content: 'x' }])).rejects.toThrow();
  await expect(resolve([...files, { path: 'clean.txt', content: 'x' }])).rejects.toThrow();
  await expect(resolve(files, { expectedHeadSha: head, expectedBaseSha: head })).rejects.toMatchObject({ cause: { code: 'BASE_MOVED' } });
  expect(await inBare('rev-parse', 'feature')).toBe(head);

  const { sha, pullRequest } = await resolve(files);
  expect(pullRequest.status).toMatchObject({ headSha: sha, mergeable: 'Mergeable', blockers: [] });
  expect(await inBare('log', '-1', '--format=%P|%an', 'feature')).toBe(`${head} ${base}|Bob Builder`);
  const show = (path: string) => fixture.git('.', '--git-dir', bare(), 'show', `feature:${path}`);
  expect([await show('a.txt'), await show(odd), await show('new.txt'), await show('bin'), await show('clean.txt'), await show('target.txt')]).toEqual([line(5, 'both'), 'odd both\n', 'n2\n', 'a\0c', 'kept\n', 't\n']);
  expect(await inBare('ls-tree', '--name-only', 'feature', 'gone.txt')).toBe('');
  await inBare('fsck', '--strict');
});

it('says which conflicts take a clone, and resolves links and submodules by a side', async () => {
  const other = await inBare('rev-parse', 'main');
  const gitlink = (sha: string) => fixture.git('demo', 'update-index', '--add', '--cacheinfo', `160000,${sha},sub`);
  await symlink('a.txt', join(fixture.folder, 'demo', 'link'));
  await pushMain({ 'd/x': '1\n', 'ren.txt': TEN_LINES.repeat(2) });
  await fixture.git('demo', 'checkout', '--quiet', '-B', 'feature', 'origin/main');
  await gitlink(other);
  await fixture.git('demo', 'mv', 'ren.txt', 'ren1.txt');
  await fixture.git('demo', 'rm', '-rq', 'd');
  await writeFile(join(fixture.folder, 'demo', 'd'), 'file\n');
  await fixture.git('demo', 'rm', '-q', 'link');
  await symlink('ours', join(fixture.folder, 'demo', 'link'));
  await fixture.git('demo', 'add', 'd', 'link');
  await fixture.git('demo', 'commit', '--quiet', '-m', 'Ours');
  await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
  const pr = (await fixture.as(ada).pulls.create({ org, repository: 'demo', title: 'Odd', sourceBranch: 'feature' })).metadata.name;
  await fixture.git('demo', 'checkout', '--quiet', '--force', 'main');
  await gitlink(await inBare('rev-parse', 'feature'));
  await fixture.git('demo', 'mv', 'ren.txt', 'ren2.txt');
  await fixture.git('demo', 'rm', '-q', 'link');
  await symlink('theirs', join(fixture.folder, 'demo', 'link'));
  await writeFile(join(fixture.folder, 'demo', 'd/x'), '2\n');
  await fixture.git('demo', 'add', 'd', 'link');
  await fixture.git('demo', 'commit', '--quiet', '-m', 'Theirs');
  await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
  await fixture.forge.idle();
  const { files, resolvable } = await fixture.as(ada).pulls.conflicts({ org, pr });
  expect(resolvable).toBe(false);
  const kinds = new Map(files.map((file) => [file.path, file]));
  expect(kinds.get('link')).toMatchObject({ kind: 'symlink', resolvable: true, ways: ['ours', 'theirs'] });
  expect(kinds.get('sub')).toMatchObject({ kind: 'submodule', resolvable: true, ways: ['ours', 'theirs'] });
  expect(kinds.get('ren.txt')).toMatchObject({ kind: 'rename', resolvable: false, ways: [] });
  expect([...kinds.values()].filter(({ kind }) => kind === 'type')).not.toEqual([]);
});

it('takes a merged pull request back, whichever method it was', async () => {
  for (const method of ['merge', 'squash', 'rebase', 'fast-forward'] as const) {
    await fixture.resources.as(admin).mutate((await import('#shared/kinds/forge/repository')).Repository, { org, name: 'demo' }, ({ spec }) => {
      spec.mergeMethods = ['merge', 'squash', 'rebase', 'fast-forward'];
    });
    await fixture.git('demo', 'fetch', '--quiet', 'origin');
    const pr = await fixture.openPull('demo', `by-${method}`, { [`${method}.txt`]: 'new\n', 'a.txt': `${method}\n${TEN_LINES}` });
    await fixture.as(ada).pulls.merge({ org, pr, method });
    await pushMain({ [`after-${method}.txt`]: 'later\n' });
    const revert = await fixture.as(bob).pulls.revert({ org, pr });
    expect(revert.spec).toMatchObject({ title: `Revert "Change by by-${method}"`, sourceBranch: `revert-${revert.spec.body?.match(/\d+/)?.[0] ?? ''}-by-${method}`, reverts: pr, targetBranch: 'main' });
    expect(revert.status).toMatchObject({ changedFiles: 2, commits: 1, mergeable: 'Mergeable' });
    await expect(fixture.as(bob).pulls.revert({ org, pr })).rejects.toMatchObject({ cause: { code: 'PULL_REQUEST_EXISTS' } });
    await fixture.as(ada).pulls.merge({ org, pr: revert.metadata.name });
    expect(await inBare('show', 'main:a.txt')).toBe(TEN_LINES.trim());
    expect(await inBare('ls-tree', '--name-only', 'main', `${method}.txt`, `after-${method}.txt`)).toBe(`after-${method}.txt`);
    await expect(fixture.as(bob).pulls.revert({ org, pr })).rejects.toMatchObject({ cause: { code: 'NOTHING_TO_REVERT' } });
    expect((await fixture.as(ada).pulls.timeline({ org, pr })).items.find(({ type }) => type === 'reverted')).toMatchObject({ pullRequest: revert.metadata.name, actor: { name: 'bob' } });
  }
});

it('says what a revert conflicts with, and goes on where a crash left its branch', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'a.txt': line(5, 'five') });
  await expect(fixture.as(bob).pulls.revert({ org, pr })).rejects.toMatchObject({ cause: { code: 'PULL_REQUEST_NOT_MERGED' } });
  await fixture.as(ada).pulls.merge({ org, pr });
  const first = await fixture.as(bob).pulls.revert({ org, pr });
  // As if the server had died before it opened the pull request.
  await fixture.resources.delete(PullRequest, { org, name: first.metadata.name });
  await fixture.resources.mutate(PullRequest, { org, name: first.metadata.name }, ({ metadata }) => {
    metadata.finalizers = [];
  });
  expect((await fixture.as(bob).pulls.revert({ org, pr })).spec.sourceBranch).toBe(first.spec.sourceBranch);
  await pushMain({ 'a.txt': line(5, 'six') });
  await fixture.as(ada).pulls.update({ org, pr: (await fixture.as(ada).pulls.list({ org })).items[0]?.metadata.name ?? '', state: 'closed' });
  await expect(fixture.as(bob).pulls.revert({ org, pr })).rejects.toMatchObject({ cause: { code: 'MERGE_CONFLICT', details: { causes: [{ field: 'a.txt' }] } } });
});

it('makes a deleted branch again from what is kept, and lets people fetch what it was', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  const head = await inBare('rev-parse', 'feature');
  await expect(fixture.as(bob).pulls.restoreBranch({ org, pr })).rejects.toMatchObject({ cause: { code: 'BRANCH_EXISTS' } });
  await fixture.git('demo', 'push', '--quiet', 'origin', ':feature');
  await fixture.forge.idle();
  expect((await fixture.as(ada).pulls.get({ org, pr })).status).toMatchObject({ sourceExists: false, blockers: [{ code: 'SourceMissing' }] });
  await fixture.as(ada).pulls.update({ org, pr, state: 'closed' });
  await expect(fixture.as(ada).pulls.update({ org, pr, state: 'open' })).rejects.toThrow(/no branch "feature"/);
  await fixture.git('.', 'clone', '--quiet', fixture.url('demo'), 'other');
  await fixture.git('other', 'fetch', '--quiet', 'origin', 'pull/1/head:mine');
  expect((await fixture.git('other', 'rev-parse', 'mine')).trim()).toBe(head);
  expect((await fixture.tryGit('other', 'push', 'origin', 'mine:refs/pull/1/head')).code).not.toBe(0);
  expect((await fixture.tryGit('other', 'push', 'origin', 'mine:refs/kradle/pull/1/x')).code).not.toBe(0);
  expect(await fixture.as(bob).pulls.restoreBranch({ org, pr })).toMatchObject({ branch: 'feature', sha: head, pullRequest: { status: { sourceExists: true } } });
  await fixture.as(ada).pulls.update({ org, pr, state: 'open' });
  expect((await fixture.as(ada).pulls.get({ org, pr })).status).toMatchObject({ phase: 'Open', headSha: head, blockers: [] });
  await fixture.as(ada).pulls.merge({ org, pr, deleteBranch: true });
  expect((await fixture.as(ada).pulls.get({ org, pr })).status?.sourceExists).toBe(false);
  expect((await fixture.as(bob).pulls.restoreBranch({ org, pr })).pullRequest.status?.sourceExists).toBe(true);
});

it('shows only what changed since a head that was looked at, whatever came from the target in between', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n', 'a.txt': line(2, 'two') });
  const seen = await inBare('rev-parse', 'feature');
  await pushMain({ 'main-only.txt': 'm\n' });
  await fixture.as(bob).pulls.updateBranch({ org, pr, method: 'rebase' });
  expect((await fixture.as(ada).pulls.diff({ org, pr, from: seen })).files).toEqual([]);
  await fixture.git('demo', 'fetch', '--quiet', 'origin');
  await fixture.git('demo', 'checkout', '--quiet', '-B', 'feature', 'origin/feature');
  await fixture.commit('demo', { 'b.txt': 'b\nmore\n' });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
  await fixture.forge.idle();
  const since = await fixture.as(ada).pulls.diff({ org, pr, from: seen });
  expect(since.files.map(({ path, additions, deletions }) => [path, additions, deletions])).toEqual([['b.txt', 1, 0]]);
  await expect(fixture.as(ada).pulls.diff({ org, pr, from: '1'.repeat(40) })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
});

it('leaves white space out on request', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'a.txt': TEN_LINES.replace('line 3', '  line  3').replace('line 7', 'line seven') });
  const lines = async (whitespace: 'show' | 'ignore-change' | 'ignore-all') => (await fixture.as(ada).pulls.diff({ org, pr, whitespace })).files[0]?.additions;
  expect([await lines('show'), await lines('ignore-change'), await lines('ignore-all')]).toEqual([2, 2, 1]);
  expect(await readFile(join(fixture.folder, 'demo', 'a.txt'), 'utf8')).toContain('  line  3');
});
