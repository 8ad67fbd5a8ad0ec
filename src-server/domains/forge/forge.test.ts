import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SpecInputOf } from '#shared/kind/defineKind';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { ada, admin, bob, createForgeFixture, type ForgeFixture, TEN_LINES } from '../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
const org = 'default';

beforeEach(async () => {
  fixture = await createForgeFixture();
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

async function protect(spec: object): Promise<void> {
  await fixture.resources.create(BranchProtection, org, { metadata: { name: 'main-protection' }, spec: { organizationRef: org, refs: ['main'], ...spec } });
}

describe('a pull request', () => {
  it('goes from a push to a merge that the next pull brings down', async () => {
    const clone = await fixture.seed('demo');
    const pr = await fixture.openPull(clone, 'feature', { 'b.txt': 'new\n' });
    expect(pr).toBe('demo-1');
    const opened = await fixture.as(bob).pulls.get({ org, pr });
    expect(opened.status).toMatchObject({ phase: 'Open', mergeable: 'Mergeable', commits: 1, changedFiles: 1, additions: 1, deletions: 0, blockers: [], approvals: 0 });
    expect(opened.spec.author).toEqual({ kind: 'user', name: 'ada' });
    expect((await fixture.git(clone, 'ls-remote', 'origin', 'refs/pull/1/head')).split('\t')[0]).toBe(opened.status?.headSha);

    const merged = await fixture.as(bob).pulls.merge({ org, pr, deleteBranch: true });
    expect(merged).toMatchObject({ merged: true, method: 'merge' });
    expect(merged.pullRequest.status).toMatchObject({ phase: 'Merged', merge: { sha: merged.sha, mergedBy: { kind: 'user', name: 'bob' } }, blockers: [] });

    await fixture.git(clone, 'checkout', '--quiet', 'main');
    await fixture.git(clone, 'pull', '--quiet');
    expect(await fixture.git(clone, 'log', '-1', '--format=%an <%ae>|%s|%P')).toBe(`Bob Builder <bob@example.com>|Merge pull request #1 from feature|${opened.status?.baseSha ?? ''} ${opened.status?.headSha ?? ''}\n`);
    expect(await fixture.git(clone, 'ls-remote', 'origin', 'refs/heads/feature')).toBe('');
    const repository = await fixture.as(ada).repositories.get({ org, repository: 'demo' });
    expect(repository.status).toMatchObject({ defaultBranchHead: merged.sha, branchCount: 1, empty: false, nextNumber: 2 });
  });

  it.each(['squash', 'rebase'] as const)('keeps the authors when it is merged by %s', async (method) => {
    const clone = await fixture.seed('demo');
    await fixture.git(clone, 'checkout', '--quiet', '-B', 'feature');
    await fixture.commit(clone, { 'b.txt': 'b\n' }, { message: 'Add b', author: 'Grace Hopper <grace@example.com>' });
    await fixture.commit(clone, { 'c.txt': 'c\n' }, { message: 'Add c', author: 'Grace Hopper <grace@example.com>' });
    await fixture.git(clone, 'push', '--quiet', 'origin', 'feature');
    await fixture.git(clone, 'checkout', '--quiet', 'main');
    await fixture.commit(clone, { 'd.txt': 'd\n' }, { message: 'Meanwhile' });
    await fixture.git(clone, 'push', '--quiet', 'origin', 'main');
    const { metadata } = await fixture.as(ada).pulls.create({ org, repository: 'demo', title: 'Two files', sourceBranch: 'feature' });
    const { sha } = await fixture.as(bob).pulls.merge({ org, pr: metadata.name, method });
    await fixture.git(clone, 'pull', '--quiet');
    const log = (await fixture.git(clone, 'log', '--format=%an/%cn/%s', '-3')).trim().split('\n');
    expect(log).toEqual(
      method === 'squash'
        ? ['Grace Hopper/Bob Builder/Two files (#1)', 'Una User/Una User/Meanwhile', 'Una User/Una User/First']
        : ['Grace Hopper/Bob Builder/Add c', 'Grace Hopper/Bob Builder/Add b', 'Una User/Una User/Meanwhile'],
    );
    expect((await fixture.git(clone, 'rev-parse', 'main')).trim()).toBe(sha);
  });

  it('says which files conflict, and refuses to merge until it is resolved', async () => {
    const clone = await fixture.seed('demo');
    const pr = await fixture.openPull(clone, 'feature', { 'a.txt': TEN_LINES.replace('line 5', 'theirs') });
    await fixture.git(clone, 'checkout', '--quiet', 'main');
    await fixture.commit(clone, { 'a.txt': TEN_LINES.replace('line 5', 'ours') });
    await fixture.git(clone, 'push', '--quiet', 'origin', 'main');
    await fixture.forge.idle();
    const { status } = await fixture.as(ada).pulls.get({ org, pr });
    expect(status).toMatchObject({ mergeable: 'Conflicting', conflictingFiles: ['a.txt'], blockers: [{ code: 'Conflict' }] });
    await expect(fixture.as(ada).pulls.merge({ org, pr })).rejects.toMatchObject({ cause: { reason: 'Conflict', code: 'MERGE_BLOCKED', details: { causes: [{ code: 'Conflict' }] } } });

    await fixture.git(clone, 'checkout', '--quiet', 'feature');
    await fixture.tryGit(clone, 'merge', '--quiet', '-X', 'theirs', 'main');
    await fixture.git(clone, 'push', '--quiet', 'origin', 'feature');
    await fixture.forge.idle();
    expect((await fixture.as(ada).pulls.get({ org, pr })).status).toMatchObject({ mergeable: 'Mergeable', blockers: [] });
  });

  it('is merged once by two who merge at the same time; the other is told', async () => {
    const clone = await fixture.seed('demo');
    const pr = await fixture.openPull(clone, 'feature', { 'b.txt': 'new\n' });
    const results = await Promise.allSettled([fixture.as(ada).pulls.merge({ org, pr }), fixture.as(bob).pulls.merge({ org, pr })]);
    const lost = results.find((result) => result.status === 'rejected');
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(lost?.reason).toMatchObject({ cause: { httpStatus: 409, code: 'PULL_REQUEST_MERGED' } });
    await fixture.git(clone, 'fetch', '--quiet');
    expect((await fixture.git(clone, 'rev-list', '--count', 'origin/main')).trim()).toBe('3');
  });

  it('refuses a merge of a head that the reader has not seen', async () => {
    const clone = await fixture.seed('demo');
    const pr = await fixture.openPull(clone, 'feature', { 'b.txt': 'new\n' });
    const seen = (await fixture.as(ada).pulls.get({ org, pr })).status?.headSha ?? '';
    await fixture.commit(clone, { 'b.txt': 'newer\n' });
    await fixture.git(clone, 'push', '--quiet', 'origin', 'feature');
    await expect(fixture.as(ada).pulls.merge({ org, pr, expectedHeadSha: seen })).rejects.toMatchObject({ cause: { httpStatus: 409, code: 'HEAD_MOVED' } });
  });

  it('becomes Merged when somebody merges by hand and pushes', async () => {
    const clone = await fixture.seed('demo');
    const pr = await fixture.openPull(clone, 'feature', { 'b.txt': 'new\n' });
    await fixture.git(clone, 'checkout', '--quiet', 'main');
    await fixture.git(clone, 'merge', '--quiet', '--no-ff', '-m', 'By hand', 'feature');
    await fixture.git(clone, 'push', '--quiet', 'origin', 'main');
    await fixture.forge.idle();
    expect((await fixture.as(bob).pulls.get({ org, pr })).status).toMatchObject({ phase: 'Merged', merge: { method: 'merge', mergedBy: { kind: 'user', name: 'ada' } } });
  });

  it('is not merged by a source that was set back to what the target has', async () => {
    const clone = await fixture.seed('demo');
    const pr = await fixture.openPull(clone, 'feature', { 'b.txt': 'new\n' });
    await fixture.git(clone, 'push', '--quiet', '--force', 'origin', 'main:feature');
    await fixture.forge.idle();
    expect((await fixture.as(bob).pulls.get({ org, pr })).status).toMatchObject({ phase: 'Open', blockers: [{ code: 'NothingToMerge' }] });
  });

  it('is blocked while its source branch is gone, and shows its change all the same', async () => {
    const clone = await fixture.seed('demo');
    const pr = await fixture.openPull(clone, 'feature', { 'b.txt': 'new\n' });
    await fixture.git(clone, 'push', '--quiet', 'origin', ':feature');
    await fixture.forge.idle();
    expect((await fixture.as(ada).pulls.get({ org, pr })).status?.blockers).toMatchObject([{ code: 'SourceMissing' }]);
    expect((await fixture.as(ada).pulls.diff({ org, pr })).files.map((file) => file.path)).toEqual(['b.txt']);
  });

  it('is refused for branches that cannot be merged, and when it is open already', async () => {
    const clone = await fixture.seed('demo');
    const pr = await fixture.openPull(clone, 'feature', { 'b.txt': 'new\n' });
    const create = (sourceBranch: string) => fixture.as(ada).pulls.create({ org, repository: 'demo', title: 'x', sourceBranch });
    await expect(create('feature')).rejects.toMatchObject({ cause: { httpStatus: 409, code: 'PULL_REQUEST_EXISTS', message: expect.stringContaining(pr) as string } });
    await expect(create('missing')).rejects.toMatchObject({ cause: { httpStatus: 422, details: { causes: [{ field: 'spec.sourceBranch' }] } } });
    await expect(create('main')).rejects.toMatchObject({ cause: { httpStatus: 422 } });
    await fixture.git(clone, 'push', '--quiet', 'origin', 'main:same');
    await expect(create('same')).rejects.toMatchObject({ cause: { details: { causes: [{ code: 'NothingToMerge' }] } } });
  });

  it('gets numbers without gap or repeat from many who open at once', async () => {
    const clone = await fixture.seed('demo');
    await fixture.git(clone, 'checkout', '--quiet', '-B', 'work');
    await fixture.commit(clone, { 'b.txt': 'b\n' });
    const branches = Array.from({ length: 8 }, (_, index) => `b${index}`);
    await fixture.git(clone, 'push', '--quiet', 'origin', ...branches.map((branch) => `work:${branch}`));
    const created = await Promise.all(branches.map((sourceBranch) => fixture.as(ada).pulls.create({ org, repository: 'demo', title: sourceBranch, sourceBranch })));
    expect(created.map(({ spec }) => spec.number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('gets its number, author and target from the generic verbs, too', async () => {
    const clone = await fixture.seed('demo');
    await fixture.openPull(clone, 'feature', { 'b.txt': 'b\n' });
    await fixture.git(clone, 'push', '--quiet', 'origin', 'feature:other');
    const spec = { organizationRef: org, repository: 'demo', title: 'By apply', sourceBranch: 'other' } as SpecInputOf<typeof PullRequest>;
    const { object } = await fixture.resources.as(bob).apply(PullRequest, org, { metadata: {}, spec });
    expect(object).toMatchObject({ metadata: { name: 'demo-2' }, spec: { number: 2, targetBranch: 'main', author: { kind: 'user', name: 'bob' } } });
    const misnamed = fixture.resources.as(bob).create(PullRequest, org, { metadata: { name: 'my-change' }, spec: { ...spec, sourceBranch: 'feature' } });
    await expect(misnamed).rejects.toMatchObject({ details: { causes: [{ field: 'metadata.name', message: expect.stringContaining('"demo-3"') as string }] } });
  });

  it('closes, reopens and keeps what happened in its timeline', async () => {
    const clone = await fixture.seed('demo');
    const pr = await fixture.openPull(clone, 'feature', { 'b.txt': 'new\n' });
    await fixture.as(bob).pulls.update({ org, pr, state: 'closed' });
    await expect(fixture.as(ada).pulls.merge({ org, pr })).rejects.toMatchObject({ cause: { code: 'PULL_REQUEST_CLOSED' } });
    await fixture.as(ada).pulls.update({ org, pr, state: 'open', title: 'Better' });
    await fixture.commit(clone, { 'c.txt': 'more\n' }, { message: 'More' });
    await fixture.git(clone, 'push', '--quiet', 'origin', 'feature');
    await fixture.forge.idle();
    await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved', body: 'Fine' });
    await fixture.as(bob).pulls.merge({ org, pr });
    const { items } = await fixture.as(ada).pulls.timeline({ org, pr });
    expect(items.map(({ type, actor }) => `${type} ${actor?.name ?? '?'}`)).toEqual(['opened ada', 'closed bob', 'retitled ada', 'reopened ada', 'pushed ada', 'approved bob', 'merged bob']);
    expect(items.find(({ type }) => type === 'pushed')).toMatchObject({ forced: false, commits: [{ subject: 'More' }] });
    const { counts } = await fixture.as(ada).pulls.list({ org, repository: 'demo', state: 'merged' });
    expect(counts).toEqual({ open: 0, merged: 1, closed: 0 });
  });
});

describe('a protected branch', () => {
  it('refuses direct pushes with the name of the rule, and takes merges', async () => {
    const clone = await fixture.seed('demo');
    await protect({});
    await fixture.commit(clone, { 'b.txt': 'x\n' });
    const refused = await fixture.tryGit(clone, 'push', 'origin', 'main');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('protected branch: main needs a pull request (BranchProtection default/main-protection)');
    const pr = await fixture.openPull(clone, 'feature', { 'c.txt': 'y\n' });
    await fixture.as(bob).pulls.merge({ org, pr });
  });

  it('needs approvals of others, and takes them back when the code changes', async () => {
    const clone = await fixture.seed('demo');
    await protect({ requiredApprovals: 1, dismissStaleReviews: true });
    const pr = await fixture.openPull(clone, 'feature', { 'b.txt': 'new\n' });
    await fixture.as(ada).pulls.addReview({ org, pr, state: 'approved' });
    expect((await fixture.as(ada).pulls.get({ org, pr })).status).toMatchObject({ approvals: 0, requiredApprovals: 1, blockers: [{ code: 'ApprovalsMissing' }] });
    await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' });
    expect((await fixture.as(ada).pulls.get({ org, pr })).status).toMatchObject({ approvals: 1, blockers: [] });

    await fixture.commit(clone, { 'b.txt': 'newer\n' });
    await fixture.git(clone, 'push', '--quiet', 'origin', 'feature');
    await fixture.forge.idle();
    expect((await fixture.as(ada).pulls.get({ org, pr })).status).toMatchObject({ approvals: 0, blockers: [{ code: 'ApprovalsMissing' }] });
    const { items } = await fixture.as(ada).pulls.reviews({ org, pr });
    expect(items.map(({ status }) => status?.phase)).toEqual(['Dismissed', 'Dismissed']);
    await expect(fixture.as(ada).pulls.merge({ org, pr })).rejects.toMatchObject({ cause: { code: 'MERGE_BLOCKED' } });
  });

  it('lets administrators merge past rules that do not bind them', async () => {
    const clone = await fixture.seed('demo');
    await protect({ requiredApprovals: 2, enforceAdmins: false });
    const pr = await fixture.openPull(clone, 'feature', { 'b.txt': 'new\n' });
    await expect(fixture.as(bob).pulls.merge({ org, pr })).rejects.toMatchObject({ cause: { code: 'MERGE_BLOCKED' } });
    await fixture.as(admin).pulls.merge({ org, pr });
  });

  it('asks for a linear history by refusing merge commits', async () => {
    const clone = await fixture.seed('demo');
    await protect({ requireLinearHistory: true });
    const pr = await fixture.openPull(clone, 'feature', { 'b.txt': 'new\n' });
    await expect(fixture.as(bob).pulls.merge({ org, pr, method: 'merge' })).rejects.toMatchObject({ cause: { httpStatus: 422, code: 'MERGE_METHOD_NOT_ALLOWED' } });
    await fixture.as(bob).pulls.merge({ org, pr, method: 'squash' });
  });
});
