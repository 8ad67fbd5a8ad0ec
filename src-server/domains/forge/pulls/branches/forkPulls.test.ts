import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { User } from '#shared/kinds/identity/user';
import type { Actor } from '../../../../resources/actor';
import { createOrganization } from '../../../identity/organizations';
import { ada, admin, bob, createForgeFixture, type ForgeFixture, TEN_LINES } from '../../../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
const org = 'default';
const carol: Actor = { kind: 'user', name: 'carol', orgs: ['default'] };

/** `demo` is ada's and private; bob may read it and has a private fork of it, `bobs`, that nobody else sees; carol reads `demo`. */
beforeEach(async () => {
  fixture = await createForgeFixture({ roles: true, accounts: [carol] });
  await fixture.resources.create(User, org, { metadata: { name: 'carol' }, spec: { organizationRef: org, displayName: 'Carol', email: 'carol@example.com', role: 'developer' } });
  for (const name of ['ada', 'bob']) await fixture.resources.mutate(User, { org, name }, (draft) => { draft.spec.role = 'developer'; });
  await fixture.seed('demo');
  for (const name of ['bob', 'carol']) await give(name, 'demo', 'read');
  await fixture.as(bob).lifecycle.fork({ org, repository: 'demo', name: 'bobs' });
  await fixture.git('.', 'clone', '--quiet', fixture.url('bobs', bob), 'bobs');
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

const give = (name: string, repository: string, permission: 'read' | 'write') =>
  fixture.resources.create(RepositoryPermission, org, { metadata: { name: `${name}-${repository}` }, spec: { organizationRef: org, repository, subject: { kind: 'User', name }, permission } });
const bare = (name: string) => fixture.forge.verbs.repositoryPath(org, name);
const inBare = async (name: string, ...args: string[]) => (await fixture.git('.', '--git-dir', bare(name), ...args)).trim();
const statusOf = async (pr: string) => (await fixture.resources.get(PullRequest, { org, name: pr })).status;
const line = (number: number, text: string) => TEN_LINES.replace(`line ${number}\n`, `${text}\n`);

async function push(clone: string, branch: string, files: Readonly<Record<string, string>>): Promise<string> {
  const known = await fixture.tryGit(clone, 'rev-parse', '--verify', `refs/remotes/origin/${branch}`);
  await fixture.git(clone, 'checkout', '--quiet', '-B', branch, known.code === 0 ? `origin/${branch}` : 'origin/main');
  const sha = await fixture.commit(clone, files, { message: `Work on ${branch}` });
  await fixture.git(clone, 'push', '--quiet', 'origin', branch);
  await fixture.forge.idle();
  return sha;
}

async function propose(branch = 'feature', files: Readonly<Record<string, string>> = { 'b.txt': 'b\n' }): Promise<{ pr: string; head: string }> {
  const head = await push('bobs', branch, files);
  const { metadata } = await fixture.as(bob).pulls.create({ org, repository: 'demo', title: `Change by ${branch}`, sourceRepository: 'bobs', sourceBranch: branch });
  return { pr: metadata.name, head };
}

it('goes from a fork to a merge in the parent, by people who see no more than theirs', async () => {
  const secret = await push('bobs', 'other', { 'secret.txt': 'not yet\n' });
  const { pr, head } = await propose();
  const opened = await fixture.as(ada).pulls.get({ org, pr });
  expect(opened).toMatchObject({
    spec: { repository: 'demo', sourceRepository: 'bobs', sourceBranch: 'feature', maintainerCanModify: true, author: { name: 'bob' } },
    status: { phase: 'Open', headSha: head, mergeable: 'Mergeable', commits: 1, sourceExists: true, sourceRepository: { exists: true }, blockers: [], lastPush: { by: { name: 'bob' } } },
  });
  expect((await fixture.as(carol).pulls.diff({ org, pr })).files.map(({ path }) => path)).toEqual(['b.txt']);
  expect((await fixture.as(carol).pulls.commits({ org, pr })).items.map(({ sha }) => sha)).toEqual([head]);
  await fixture.git('demo', 'fetch', '--quiet', 'origin', 'pull/1/head');
  expect((await fixture.git('demo', 'rev-parse', 'FETCH_HEAD')).trim()).toBe(head);

  // Of the fork itself nothing is seen.
  await expect(fixture.as(carol).repositories.get({ org, repository: 'bobs' })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
  expect((await fixture.tryGit('demo', 'fetch', 'origin', secret)).code).not.toBe(0);
  expect(await inBare('demo', 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\nrefs/pull/1/head');

  const { sha } = await fixture.as(ada).pulls.merge({ org, pr, deleteBranch: true });
  expect(await inBare('demo', 'log', '-1', '--format=%s', sha)).toBe('Merge pull request #1 from bobs:feature');
  expect(await inBare('demo', 'rev-parse', 'main^2')).toBe(head);
  // Who may not push to the fork deletes nothing there.
  expect(await inBare('bobs', 'rev-parse', 'feature')).toBe(head);
  expect(await statusOf(pr)).toMatchObject({ phase: 'Merged' });
});

it.each(['squash', 'rebase', 'fast-forward'] as const)('merges by %s', async (method) => {
  await fixture.resources.mutate(Repository, { org, name: 'demo' }, (draft) => { draft.spec.mergeMethods = ['squash', 'rebase', 'fast-forward']; });
  const { pr } = await propose();
  await fixture.as(ada).pulls.merge({ org, pr, method });
  expect(await inBare('demo', 'ls-tree', '--name-only', 'main')).toBe('a.txt\nb.txt');
});

it('follows the fork: more commits, a force push, a branch that goes and comes back', async () => {
  const { pr, head } = await propose();
  const more = await push('bobs', 'feature', { 'c.txt': 'c\n' });
  expect(await statusOf(pr)).toMatchObject({ headSha: more, commits: 2, lastPush: { sha: more, by: { name: 'bob' } } });
  await fixture.git('bobs', 'reset', '--quiet', '--hard', 'origin/main');
  const other = await fixture.commit('bobs', { 'd.txt': 'd\n' });
  await fixture.git('bobs', 'push', '--quiet', '--force', 'origin', 'feature');
  await fixture.forge.idle();
  expect(await statusOf(pr)).toMatchObject({ headSha: other, commits: 1 });
  expect(await inBare('demo', 'rev-parse', 'refs/pull/1/head')).toBe(other);
  expect(await inBare('demo', 'for-each-ref', '--format=%(objectname)', 'refs/kradle/pull/1')).toBe(more);
  const { items } = await fixture.as(carol).pulls.timeline({ org, pr });
  expect(items.map(({ type, forced }) => [type, forced ?? false])).toEqual([['opened', false], ['pushed', false], ['pushed', true]]);
  expect(items.at(-1)?.actor).toEqual({ kind: 'user', name: 'bob' });

  await fixture.git('bobs', 'push', '--quiet', 'origin', ':feature');
  await fixture.forge.idle();
  expect(await statusOf(pr)).toMatchObject({ headSha: other, sourceExists: false, blockers: [{ code: 'SourceMissing' }] });
  await expect(fixture.as(ada).pulls.restoreBranch({ org, pr })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
  expect(await fixture.as(bob).pulls.restoreBranch({ org, pr })).toMatchObject({ branch: 'feature', sha: other, pullRequest: { status: { sourceExists: true, blockers: [] } } });
  expect(await inBare('bobs', 'rev-parse', 'feature')).toBe(other);
  expect(head).not.toBe(other);
});

it('is opened by who may push to the fork and read the repository, and says what is wrong otherwise', async () => {
  const refused = (actor: Actor, input: Partial<Parameters<ReturnType<ForgeFixture['as']>['pulls']['create']>[0]>) =>
    fixture.as(actor).pulls.create({ org, repository: 'demo', title: 'x', sourceRepository: 'bobs', sourceBranch: 'feature', ...input }).then(() => undefined, (error: { cause: unknown }) => error.cause);
  await push('bobs', 'feature', { 'b.txt': 'b\n' });
  await push('bobs', 'same', {}).catch(() => undefined);
  await fixture.seed('alien');
  const field = (name: string) => ({ httpStatus: 422, details: { causes: [{ field: name }] } });
  // To somebody who does not see the fork it is as one that is not there.
  expect(await refused(carol, {})).toMatchObject({ httpStatus: 404 });
  expect(await refused(carol, { sourceRepository: 'nothing' })).toMatchObject({ httpStatus: 404 });
  expect(await refused(admin, { sourceRepository: 'nothing' })).toMatchObject(field('spec.sourceRepository'));
  expect(await refused(admin, { sourceRepository: 'alien', sourceBranch: 'main' })).toMatchObject(field('spec.sourceRepository'));
  expect(await refused(bob, { sourceBranch: 'nothing' })).toMatchObject(field('spec.sourceBranch'));
  expect(await refused(bob, { sourceBranch: 'main' })).toMatchObject(field('spec.sourceBranch'));
  expect(await refused(bob, { targetBranch: 'nothing' })).toMatchObject(field('spec.targetBranch'));
  // A branch of the repository itself takes the right to push there, as ever.
  expect(await refused(bob, { sourceRepository: undefined, sourceBranch: 'main' })).toMatchObject({ httpStatus: 403 });
  await give('carol', 'bobs', 'read');
  expect(await refused(carol, {})).toMatchObject({ httpStatus: 403, message: expect.stringContaining('push') as string });
  expect(await refused(bob, {})).toBeUndefined();
  expect(await refused(bob, {})).toMatchObject({ httpStatus: 409, code: 'PULL_REQUEST_EXISTS', message: expect.stringContaining('bobs:feature') as string });
});

it('lets its author do to it what they may do to the fork, and nothing to the repository', async () => {
  const { pr } = await propose();
  await fixture.as(bob).pulls.update({ org, pr, title: 'Better words', draft: true });
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'commented', body: 'Ready now.' });
  await fixture.as(bob).pulls.update({ org, pr, draft: false });
  await expect(fixture.as(carol).pulls.update({ org, pr, title: 'Mine' })).rejects.toMatchObject({ cause: { httpStatus: 403 } });
  await expect(fixture.as(bob).pulls.update({ org, pr, labels: ['urgent'] })).rejects.toMatchObject({ cause: { httpStatus: 403 } });
  await expect(fixture.resources.as(bob).mutate(PullRequest, { org, name: pr }, ({ spec }) => { spec.labels = ['urgent']; })).rejects.toMatchObject({ httpStatus: 403 });
  await expect(fixture.resources.as(bob).mutate(PullRequest, { org, name: pr }, ({ metadata }) => { metadata.finalizers = [...(metadata.finalizers ?? []), 'example.com/mine']; })).rejects.toMatchObject({ httpStatus: 403 });
  await fixture.resources.as(bob).mutate(PullRequest, { org, name: pr }, ({ spec }) => { spec.body = 'By hand'; });
  await expect(fixture.as(bob).pulls.merge({ org, pr })).rejects.toMatchObject({ cause: { httpStatus: 403 } });
  await expect(fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' })).rejects.toMatchObject({ cause: { httpStatus: 403 } });
  await fixture.as(bob).pulls.update({ org, pr, state: 'closed' });
  expect((await fixture.as(bob).pulls.update({ org, pr, state: 'open' })).status).toMatchObject({ phase: 'Open' });
  await expect(fixture.resources.mutate(PullRequest, { org, name: pr }, ({ spec }) => { delete spec.sourceRepository; })).rejects.toMatchObject({ httpStatus: 422 });
});

it('is updated and resolved in the fork, by its author and by whom the author lets', async () => {
  const { pr, head } = await propose('feature', { 'a.txt': line(5, 'ours') });
  await fixture.commit('demo', { 'c.txt': 'c\n' });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
  await fixture.forge.idle();
  expect((await fixture.as(bob).pulls.updateBranch({ org, pr })).pullRequest.status).toMatchObject({ behind: 0, changedFiles: 1 });
  const updated = await inBare('bobs', 'rev-parse', 'feature');
  expect(await inBare('bobs', 'rev-parse', 'feature^1')).toBe(head);
  expect(await inBare('demo', 'rev-parse', 'refs/pull/1/head')).toBe(updated);

  const base = await fixture.commit('demo', { 'a.txt': line(5, 'theirs') });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
  await fixture.forge.idle();
  const resolution = { org, pr, expectedHeadSha: updated, expectedBaseSha: base, files: [{ path: 'a.txt', content: line(5, 'both') }] };
  await fixture.as(bob).pulls.update({ org, pr, maintainerCanModify: false });
  await expect(fixture.as(ada).pulls.resolveConflicts(resolution)).rejects.toMatchObject({ cause: { httpStatus: 404 } });
  // Only who may push to the fork opens it.
  await expect(fixture.as(ada).pulls.update({ org, pr, maintainerCanModify: true })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
  await expect(fixture.resources.as(ada).mutate(PullRequest, { org, name: pr }, ({ spec }) => { delete spec.maintainerCanModify; })).rejects.toMatchObject({ httpStatus: 404 });
  await fixture.as(bob).pulls.update({ org, pr, maintainerCanModify: true });
  const { sha } = await fixture.as(ada).pulls.resolveConflicts(resolution);
  expect(await inBare('bobs', 'rev-parse', 'feature')).toBe(sha);
  expect(await inBare('bobs', 'log', '-1', '--format=%an', 'feature')).toBe('Ada Lovelace');
  expect(await statusOf(pr)).toMatchObject({ headSha: sha, mergeable: 'Mergeable', lastPush: { by: { name: 'ada' } } });

  // What was closed since stays so.
  const show = (name: string, visibility: 'private' | 'internal') => fixture.resources.mutate(Repository, { org, name }, ({ spec }) => { spec.visibility = visibility; });
  for (const name of ['demo', 'bobs']) await show(name, 'internal');
  await show('demo', 'private');
  await fixture.commit('demo', { 'inner.txt': 'x\n' });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
  await expect(fixture.as(ada).pulls.updateBranch({ org, pr })).rejects.toMatchObject({ cause: { code: 'FORK_MORE_VISIBLE' } });
  await show('bobs', 'private');

  // The rules of the fork hold for its branches, whoever comes.
  await fixture.commit('demo', { 'e.txt': 'e\n' });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
  await fixture.resources.create(BranchProtection, org, { metadata: { name: 'bobs-rule' }, spec: { organizationRef: org, repository: 'bobs', refs: ['feature'], requirePullRequest: true } });
  await expect(fixture.as(ada).pulls.updateBranch({ org, pr })).rejects.toMatchObject({ cause: { code: 'POLICY_DENIED' } });
});

it('is judged by the rules of the repository that it is for', async () => {
  await fixture.resources.create(BranchProtection, org, { metadata: { name: 'main-rule' }, spec: { organizationRef: org, repository: 'demo', refs: ['main'], requiredApprovals: 1, requireLastPushApproval: true, requiredChecks: ['build'] } });
  const { pr } = await propose();
  expect((await statusOf(pr))?.blockers?.map(({ code }) => code).sort()).toEqual(['ApprovalsMissing', 'ChecksMissing', 'LastPushApprovalMissing']);
  await fixture.as(admin).pulls.completeCheck({ org, pr, name: 'build', state: 'Succeeded' });
  await fixture.as(ada).pulls.addReview({ org, pr, state: 'approved' });
  expect(await statusOf(pr)).toMatchObject({ blockers: [] });
});

it('does not merge by itself what somebody pushed to the fork who may not write here', async () => {
  await fixture.resources.create(BranchProtection, org, { metadata: { name: 'main-rule' }, spec: { organizationRef: org, repository: 'demo', refs: ['main'], requiredChecks: ['build'] } });
  const { pr } = await propose();
  await fixture.as(ada).pulls.setAutoMerge({ org, pr });
  await push('bobs', 'feature', { 'evil.txt': 'x\n' });
  expect(await statusOf(pr)).toMatchObject({ phase: 'Open', autoMergeEnded: { reason: expect.stringContaining('bobs:feature') as string } });
});

it('keeps what a fork had that is gone, and knows it again when it comes back', async () => {
  const manager = await fixture.startControllers();
  const { pr, head } = await propose();
  await fixture.as(bob).repositories.delete({ org, repository: 'bobs' });
  await expect.poll(async () => (await statusOf(pr))?.sourceRepository?.exists).toBe(false);
  expect(await statusOf(pr)).toMatchObject({ headSha: head, sourceExists: false, mergeable: 'Mergeable', blockers: [] });
  await expect(fixture.as(bob).pulls.restoreBranch({ org, pr })).rejects.toMatchObject({ cause: { code: 'SOURCE_REPOSITORY_MISSING' } });
  await expect(fixture.as(bob).pulls.updateBranch({ org, pr })).rejects.toMatchObject({ cause: { code: 'SOURCE_REPOSITORY_MISSING' } });
  await expect.poll(async () => fixture.resources.find(Repository, { org, name: 'bobs' })).toBeUndefined();
  const [deletion] = (await fixture.as(admin).lifecycle.deleted({ org })).items;
  await fixture.as(admin).lifecycle.restore({ org, id: deletion?.id ?? '' });
  await manager.drain();
  await expect.poll(async () => (await statusOf(pr))?.sourceRepository?.exists).toBe(true);
  const more = await push('bobs', 'feature', { 'c.txt': 'c\n' });
  expect(await statusOf(pr)).toMatchObject({ headSha: more, sourceExists: true });
  await fixture.as(ada).pulls.merge({ org, pr });
});

it('takes no other repository for the fork that has its name now', async () => {
  const manager = await fixture.startControllers();
  const { pr, head } = await propose();
  await fixture.as(bob).repositories.delete({ org, repository: 'bobs' });
  await expect.poll(async () => fixture.resources.find(Repository, { org, name: 'bobs' })).toBeUndefined();
  await fixture.as(bob).lifecycle.fork({ org, repository: 'demo', name: 'bobs' });
  await fixture.git('.', 'clone', '--quiet', fixture.url('bobs', bob), 'again');
  const unseen = await push('again', 'feature', { 'unseen.txt': 'x\n' });
  await manager.drain();
  expect((await fixture.as(ada).pulls.get({ org, pr })).status).toMatchObject({ headSha: head, sourceRepository: { exists: false } });
  expect((await fixture.tryGit('demo', 'fetch', 'origin', unseen)).code).not.toBe(0);
});

it('merges what a fork had that is gone for good', async () => {
  await fixture.startControllers();
  const { pr, head } = await propose();
  await fixture.as(bob).repositories.delete({ org, repository: 'bobs' });
  await expect.poll(async () => (await fixture.as(admin).lifecycle.deleted({ org })).items.length).toBe(1);
  const [deletion] = (await fixture.as(admin).lifecycle.deleted({ org })).items;
  await fixture.as(admin).lifecycle.purge({ org, id: deletion?.id ?? '' });
  await fixture.as(ada).pulls.merge({ org, pr });
  expect(await inBare('demo', 'rev-parse', 'main^2')).toBe(head);
});

it('follows either side to another name', async () => {
  const { pr } = await propose();
  await fixture.as(bob).lifecycle.rename({ org, repository: 'bobs', name: 'hers' });
  expect((await fixture.resources.get(PullRequest, { org, name: pr })).spec.sourceRepository).toBe('hers');
  await fixture.git('bobs', 'remote', 'set-url', 'origin', fixture.url('hers', bob));
  const more = await push('bobs', 'feature', { 'c.txt': 'c\n' });
  expect(await statusOf(pr)).toMatchObject({ headSha: more });
  await fixture.as(ada).lifecycle.rename({ org, repository: 'demo', name: 'shop' });
  const last = await push('bobs', 'feature', { 'd.txt': 'd\n' });
  expect(await statusOf('shop-1')).toMatchObject({ headSha: last });
  await fixture.as(ada).pulls.merge({ org, pr: 'shop-1' });
});

it('shows nothing of a fork that left the organization', async () => {
  await createOrganization(fixture.resources, { slug: 'other', displayName: 'Other' });
  await fixture.resources.create(User, 'other', { metadata: { name: 'bob' }, spec: { organizationRef: 'other', displayName: 'Bob', email: 'bob@example.com', role: 'developer' } });
  const { pr, head } = await propose();
  const both: Actor = { ...bob, orgs: ['default', 'other'] };
  await fixture.as(both).lifecycle.transfer({ org, repository: 'bobs', organization: 'other' });
  expect((await fixture.as(ada).pulls.get({ org, pr })).status).toMatchObject({ headSha: head, sourceExists: false, sourceRepository: { exists: false }, blockers: [] });
  await fixture.as(ada).pulls.merge({ org, pr });
});

it('brings large files along', async () => {
  const { digest } = await fixture.forge.files.put({ repository: bare('bobs'), use: 'lfs' }, Readable.from(['large']));
  const other = await fixture.forge.files.put({ repository: bare('bobs'), use: 'lfs' }, Readable.from(['of another branch']));
  await propose('feature', { 'big.bin': `version https://git-lfs.github.com/spec/v1\noid ${digest}\nsize 5\n` });
  expect(await fixture.forge.files.stat({ repository: bare('demo'), use: 'lfs' }, digest)).toMatchObject({ sizeBytes: 5 });
  expect(await fixture.forge.files.stat({ repository: bare('demo'), use: 'lfs' }, other.digest)).toBeUndefined();
});

it('goes between forks, too', async () => {
  await fixture.as(carol).lifecycle.fork({ org, repository: 'demo', name: 'carols' });
  await give('bob', 'carols', 'read');
  await push('bobs', 'feature', { 'b.txt': 'b\n' });
  const { metadata } = await fixture.as(bob).pulls.create({ org, repository: 'carols', title: 'Between forks', sourceRepository: 'bobs', sourceBranch: 'feature' });
  await fixture.as(carol).pulls.merge({ org, pr: metadata.name });
  expect(await inBare('carols', 'ls-tree', '--name-only', 'main')).toBe('a.txt\nb.txt');
});

it('compares with a fork before anything is brought, for who may read both', async () => {
  const head = await push('bobs', 'feature', { 'b.txt': 'b\n' });
  const input = { org, repository: 'demo', base: 'main', head: 'feature', headRepository: 'bobs' };
  expect(await fixture.as(bob).repositories.compare(input)).toMatchObject({ ahead: 1, behind: 0, mergeable: 'Mergeable', commits: { items: [{ sha: head }] }, diff: { files: [{ path: 'b.txt' }] } });
  expect(await fixture.as(bob).pulls.previewOwners(input)).toEqual({ owners: [], faults: 0 });
  expect((await fixture.tryGit('.', '--git-dir', bare('demo'), 'cat-file', '-e', head)).code).not.toBe(0);
  await expect(fixture.as(carol).repositories.compare(input)).rejects.toMatchObject({ cause: { httpStatus: 404 } });
});

it('says at the push to a fork where to open one, as long as none is open', async () => {
  await fixture.git('bobs', 'checkout', '--quiet', '-B', 'feature', 'origin/main');
  await fixture.commit('bobs', { 'b.txt': 'b\n' });
  expect((await fixture.tryGit('bobs', 'push', 'origin', 'feature')).stderr).toContain('/o/default/repositories/bobs/pulls/new?head=feature');
  await fixture.as(bob).pulls.create({ org, repository: 'demo', title: 'x', sourceRepository: 'bobs', sourceBranch: 'feature' });
  await fixture.git('bobs', 'push', '--quiet', 'origin', ':feature');
  expect((await fixture.tryGit('bobs', 'push', 'origin', 'feature')).stderr).not.toContain('pulls/new');
});
