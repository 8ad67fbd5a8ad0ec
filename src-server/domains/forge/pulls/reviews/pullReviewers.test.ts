import { afterEach, beforeEach, expect, it } from 'vitest';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { ada, admin, bob, createForgeFixture, type ForgeFixture, TEN_LINES } from '../../../../../test/harness/forgeFixture';
import type { Actor } from '../../../../resources/actor';

let fixture: ForgeFixture;
const org = 'default';
const cleo: Actor = { kind: 'user', name: 'cleo', orgs: ['default'] };

beforeEach(async () => {
  fixture = await createForgeFixture({ accounts: [cleo] });
  await fixture.seed('demo');
  await fixture.resources.create(User, org, { metadata: { name: 'cleo' }, spec: { organizationRef: org, displayName: 'Cleo', email: 'cleo@example.com' } });
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

const status = async (pr: string) => (await fixture.as(ada).pulls.get({ org, pr })).status;
const blockers = async (pr: string) => (await status(pr))?.blockers?.map(({ code }) => code);
const standings = async (pr: string) => Object.fromEntries(((await status(pr))?.reviewers ?? []).map(({ reviewer, state }) => [reviewer, state]));
const protect = (spec: object) => fixture.resources.create(BranchProtection, org, { metadata: { name: 'main' }, spec: { organizationRef: org, repository: 'demo', refs: ['main'], requirePullRequest: false, ...spec } });

async function push(branch: string, files: Readonly<Record<string, string>>, { by = ada, force = false }: { by?: Actor; force?: boolean } = {}): Promise<void> {
  await fixture.git('demo', 'checkout', '--quiet', branch);
  await fixture.commit('demo', files);
  await fixture.git('demo', 'push', '--quiet', ...(force ? ['--force'] : []), fixture.url('demo', by), branch);
  await fixture.git('demo', 'fetch', '--quiet', 'origin');
  await fixture.forge.idle();
}

it('asks the owners of changed files once it is no draft, and says where they stand', async () => {
  await fixture.resources.create(Team, org, { metadata: { name: 'platform' }, spec: { organizationRef: org, displayName: 'Platform', members: ['cleo'] } });
  await push('main', { '.github/CODEOWNERS': '* @nobody\n*.txt @bob\n/infra/ @default/platform ada@example.com\nbad[ @bob\n' });
  await fixture.git('demo', 'checkout', '--quiet', '-B', 'feature', 'origin/main');
  await push('feature', { 'x.txt': 'x\n', 'infra/y': 'y\n' });
  const pr = (await fixture.as(ada).pulls.create({ org, repository: 'demo', title: 'Owned', sourceBranch: 'feature', draft: true })).metadata.name;
  expect(await standings(pr)).toEqual({});
  await fixture.as(ada).pulls.update({ org, pr, draft: false });
  expect(await standings(pr)).toEqual({ bob: 'Requested', 'team/platform': 'Requested' });
  const owners = await fixture.as(ada).pulls.codeOwners({ org, pr });
  expect(owners).toMatchObject({ path: '.github/CODEOWNERS', required: false, ownedFiles: 2, faults: [{ line: 4 }] });
  expect(owners.owners).toEqual([
    { owner: '@bob', reviewer: 'bob', files: 1, satisfied: false }, { owner: '@default/platform', reviewer: 'team/platform', files: 1, satisfied: false }, { owner: 'ada@example.com', reviewer: 'ada', files: 1, satisfied: false },
  ]);

  await protect({ requireCodeOwnerReview: true });
  expect(await blockers(pr)).toEqual(['CodeOwnersMissing']);
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' });
  expect((await status(pr))?.blockers?.[0]?.message).toContain('@default/platform or ada@example.com');
  await fixture.as(cleo).pulls.addReview({ org, pr, state: 'approved' });
  expect(await blockers(pr)).toEqual([]);
  expect(await standings(pr)).toEqual({ bob: 'Approved', 'team/platform': 'Approved', cleo: 'Approved' });

  // One that is taken off is not asked again by itself.
  await fixture.as(ada).pulls.removeReviewRequest({ org, pr, reviewer: 'team/platform' });
  await push('feature', { 'infra/z': 'z\n' });
  expect(Object.keys(await standings(pr)).sort()).toEqual(['bob', 'cleo']);
});

it('takes the CODEOWNERS file of the target, so that nobody gives themselves a say by a change of it', async () => {
  await push('main', { 'CODEOWNERS': '* @bob\n' });
  await fixture.git('demo', 'checkout', '--quiet', '-B', 'feature', 'origin/main');
  await push('feature', { 'CODEOWNERS': '* @cleo\n' });
  const pr = (await fixture.as(ada).pulls.create({ org, repository: 'demo', title: 'Mine', sourceBranch: 'feature' })).metadata.name;
  expect(await standings(pr)).toEqual({ bob: 'Requested' });
});

it('asks people, teams and agents, again on request, and refuses who cannot be asked', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  for (const reviewer of ['ada', 'nobody', 'team/none', 'agent/none']) await expect(fixture.as(ada).pulls.requestReview({ org, pr, reviewers: [reviewer] })).rejects.toMatchObject({ cause: { httpStatus: 422 } });
  await fixture.as(ada).pulls.requestReview({ org, pr, reviewers: ['bob', 'cleo'] });
  expect(await standings(pr)).toEqual({ bob: 'Requested', cleo: 'Requested' });
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'changes_requested', body: 'No' });
  expect(await standings(pr)).toEqual({ bob: 'ChangesRequested', cleo: 'Requested' });
  await fixture.as(ada).pulls.requestReview({ org, pr, reviewers: ['bob'] });
  expect(await standings(pr)).toEqual({ bob: 'Requested', cleo: 'Requested' });
  expect(await blockers(pr)).toEqual(['ChangesRequested']);
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' });
  expect(await standings(pr)).toEqual({ bob: 'Approved', cleo: 'Requested' });
  await fixture.as(ada).pulls.removeReviewRequest({ org, pr, reviewer: 'cleo' });
  expect((await fixture.as(ada).pulls.timeline({ org, pr })).items.flatMap(({ type, reviewers }) => (reviewers === undefined ? [] : [`${type} ${reviewers.join()}`]))).toEqual(['review_requested bob,cleo', 'review_requested bob', 'review_request_removed cleo']);
});

it('dismisses a review with a reason, by its author or a maintainer', async () => {
  await fixture[Symbol.asyncDispose]();
  fixture = await createForgeFixture({ roles: true, accounts: [cleo] });
  await fixture.seed('demo');
  await fixture.resources.create(User, org, { metadata: { name: 'cleo' }, spec: { organizationRef: org, displayName: 'Cleo', email: 'cleo@example.com', role: 'maintainer' } });
  const { RepositoryPermission } = await import('#shared/kinds/forge/repositoryPermission');
  await fixture.resources.create(RepositoryPermission, org, { metadata: { name: 'bob' }, spec: { organizationRef: org, repository: 'demo', subject: { kind: 'User', name: 'bob' }, permission: 'write' } });
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  const review = (await fixture.as(cleo).pulls.addReview({ org, pr, state: 'changes_requested', body: 'No' })).metadata.name;
  await expect(fixture.as(bob).pulls.dismissReview({ org, pr, review, reason: 'Because' })).rejects.toMatchObject({ cause: { httpStatus: 403 } });
  const own = (await fixture.as(bob).pulls.addReview({ org, pr, state: 'changes_requested', body: 'Me too' })).metadata.name;
  await fixture.as(bob).pulls.dismissReview({ org, pr, review: own, reason: 'I was wrong' });
  expect((await status(pr))?.blockers?.[0]?.message).toMatch(/^cleo asked for changes/);
  const dismissed = await fixture.as(cleo).pulls.dismissReview({ org, pr, review, reason: 'Done meanwhile' });
  expect(dismissed.status).toMatchObject({ phase: 'Dismissed', dismissedReason: 'Done meanwhile', dismissedBy: { name: 'cleo' } });
  expect(await blockers(pr)).toEqual([]);
  expect((await fixture.as(ada).pulls.timeline({ org, pr })).items.filter(({ type }) => type === 'dismissed').map(({ actor, reason }) => [actor?.name, reason])).toEqual([['bob', 'I was wrong'], ['cleo', 'Done meanwhile']]);
});

it('takes approvals back when the change is another one, and keeps them over a rebase and a merge of the target', async () => {
  await protect({ requiredApprovals: 1, dismissStaleReviews: true, allowForcePush: true });
  const pr = await fixture.openPull('demo', 'feature', { 'a.txt': TEN_LINES.replace('line 2', 'two') });
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' });
  await push('main', { 'other.txt': '1\n' });
  await fixture.as(ada).pulls.updateBranch({ org, pr });
  expect(await blockers(pr)).toEqual([]);
  await push('main', { 'other.txt': '2\n' });
  await fixture.as(ada).pulls.updateBranch({ org, pr, method: 'merge' });
  await fixture.git('demo', 'checkout', '--quiet', '-B', 'feature', 'origin/main');
  await push('feature', { 'a.txt': TEN_LINES.replace('line 2', 'two') }, { force: true });
  expect(await blockers(pr)).toEqual([]);
  expect(await standings(pr)).toEqual({ bob: 'Approved' });
  // A merge of the target that smuggles something in is another change.
  await push('feature', { 'a.txt': TEN_LINES.replace('line 2', 'TWO') });
  expect(await blockers(pr)).toEqual(['ApprovalsMissing']);
  expect((await fixture.as(ada).pulls.timeline({ org, pr })).items.filter(({ type }) => type === 'dismissed')).toHaveLength(1);
});

it('notices that only the bytes of a binary file are others', async () => {
  await protect({ requiredApprovals: 1, dismissStaleReviews: true });
  const pr = await fixture.openPull('demo', 'feature', { 'bin': 'a\0b' });
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' });
  expect(await blockers(pr)).toEqual([]);
  await push('feature', { 'bin': 'a\0c' });
  expect(await blockers(pr)).toEqual(['ApprovalsMissing']);
});

it('wants the last push approved by somebody who did not push it', async () => {
  await protect({ requiredApprovals: 1, requireLastPushApproval: true });
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' });
  expect(await blockers(pr)).toEqual([]);
  await push('feature', { 'b.txt': 'b2\n' }, { by: bob });
  expect(await status(pr)).toMatchObject({ lastPush: { by: { kind: 'user', name: 'bob' } } });
  // Bob's approval does not count any more, and nobody has approved what he pushed.
  expect(await blockers(pr)).toEqual(['ApprovalsMissing', 'LastPushApprovalMissing']);
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' });
  expect(await blockers(pr)).toEqual(['ApprovalsMissing', 'LastPushApprovalMissing']);
  await fixture.as(cleo).pulls.addReview({ org, pr, state: 'approved' });
  expect(await blockers(pr)).toEqual([]);
  // A push of the author's leaves cleo's approval, which is of what was there before.
  await push('feature', { 'b.txt': 'b3\n' });
  expect(await blockers(pr)).toEqual(['LastPushApprovalMissing']);
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' });
  expect(await blockers(pr)).toEqual([]);
});

it('wants two approvals where nobody knows who pushed last', async () => {
  await protect({ requireLastPushApproval: true });
  await fixture.git('demo', 'checkout', '--quiet', '-B', 'feature', 'origin/main');
  await push('feature', { 'b.txt': 'b\n' });
  fixture = await fixture.restart();
  const pr = (await fixture.as(ada).pulls.create({ org, repository: 'demo', title: 'Later', sourceBranch: 'feature' })).metadata.name;
  await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' });
  expect((await status(pr))?.blockers?.[0]?.message).toMatch(/Nobody knows who pushed last, so two people/);
  await fixture.as(cleo).pulls.addReview({ org, pr, state: 'approved' });
  expect(await blockers(pr)).toEqual([]);
});

it('wants the newest commit of the target in the source where a rule says so', async () => {
  await protect({ requireUpToDate: true });
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  expect(await blockers(pr)).toEqual([]);
  await push('main', { 'c.txt': 'c\n' });
  expect((await status(pr))?.blockers).toMatchObject([{ code: 'BehindTarget', message: 'feature lacks 1 commit of main, and has to have them before the merge (BranchProtection main). Update the branch.' }]);
  await fixture.as(ada).pulls.updateBranch({ org, pr });
  expect(await blockers(pr)).toEqual([]);
});

it('keeps a review that is not submitted to its author, and submits it once', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b1\nb2\n' });
  expect(await fixture.as(bob).pulls.pendingReview({ org, pr })).toEqual({ review: null });
  const first = await fixture.as(bob).pulls.savePendingReview({ org, pr, body: 'So far', comments: [{ path: 'b.txt', line: 1, body: 'Hm' }] });
  await fixture.as(bob).pulls.savePendingReview({ org, pr, body: 'So far', state: 'approved', comments: [{ path: 'b.txt', line: 1, body: 'Hm' }, { path: 'b.txt', line: 2, body: 'Oh' }], version: first.review?.version ?? '' });
  await expect(fixture.as(bob).pulls.savePendingReview({ org, pr, body: 'Stale window', version: first.review?.version ?? '' })).rejects.toMatchObject({ cause: { code: 'PENDING_REVIEW_CHANGED' } });
  expect(await fixture.as(ada).pulls.pendingReview({ org, pr })).toEqual({ review: null });
  expect((await fixture.as(ada).pulls.reviews({ org, pr })).items).toEqual([]);
  const review = await fixture.as(bob).pulls.addReview({ org, pr, state: 'changes_requested', pending: true, comments: [{ path: 'b.txt', body: 'And this' }] });
  expect(review.spec).toMatchObject({ body: 'So far', comments: [{ body: 'Hm' }, { body: 'Oh' }, { body: 'And this' }] });
  expect(await fixture.as(bob).pulls.pendingReview({ org, pr })).toEqual({ review: null });
  expect(await fixture.as(bob).pulls.discardPendingReview({ org, pr })).toEqual({ discarded: false });
});

it('remembers which files somebody has looked at, as the blobs that they had', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n', 'c.txt': 'c\n' });
  const { items } = await fixture.as(bob).pulls.setViewed({ org, pr, path: 'b.txt' });
  const { files } = await fixture.as(bob).pulls.diff({ org, pr });
  expect(items).toEqual([{ path: 'b.txt', sha: files.find(({ path }) => path === 'b.txt')?.newSha }]);
  expect(await fixture.as(ada).pulls.viewed({ org, pr })).toEqual({ items: [] });
  await fixture.as(bob).pulls.setViewed({ org, pr, path: 'c.txt' });
  await fixture.as(bob).pulls.setViewed({ org, pr, path: 'b.txt', viewed: false });
  expect((await fixture.as(bob).pulls.viewed({ org, pr })).items.map(({ path }) => path)).toEqual(['c.txt']);
  await expect(fixture.as(bob).pulls.setViewed({ org, pr, path: 'nowhere' })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
});

it('counts neither agents nor who started them, as a rule may allow', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  await protect({ requiredApprovals: 1 });
  await fixture.as({ kind: 'service-account', name: 'bot', orgs: [org] }).pulls.addReview({ org, pr, state: 'approved' });
  expect(await blockers(pr)).toEqual(['ApprovalsMissing']);
  await fixture.resources.mutate(BranchProtection, { org, name: 'main' }, ({ spec }) => {
    spec.countAgentApprovals = true;
  });
  expect(await blockers(pr)).toEqual([]);
  await fixture.as(admin).pulls.merge({ org, pr });
});
