import { afterEach, beforeEach, expect, it } from 'vitest';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { eventually } from '../../../../../test/harness/eventually';
import { ada, bob, createForgeFixture, type ForgeFixture } from '../../../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
let refuseMerged: boolean;
const org = 'default';

beforeEach(async () => {
  refuseMerged = false;
  fixture = await createForgeFixture({ roles: true, refuseWrite: ({ kind, status }) => refuseMerged && kind === 'PullRequest' && status?.phase === 'Merged' });
  await fixture.seed('demo');
  await fixture.resources.create(RepositoryPermission, org, { metadata: { name: 'bob' }, spec: { organizationRef: org, repository: 'demo', subject: { kind: 'User', name: 'bob' }, permission: 'write' } });
  await fixture.resources.create(BranchProtection, org, { metadata: { name: 'main' }, spec: { organizationRef: org, repository: 'demo', refs: ['main'], requiredChecks: ['build'] } });
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

const read = async (pr: string) => (await fixture.resources.get(PullRequest, { org, name: pr })).status;
const pass = (pr: string) => fixture.as(ada).pulls.completeCheck({ org, pr, name: 'build', state: 'Succeeded' });
const events = async (pr: string) => (await fixture.as(ada).pulls.timeline({ org, pr })).items.map(({ type }) => type);

it('merges in the name of who set it, as soon as nothing is in the way', async () => {
  await fixture.startControllers();
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  const set = await fixture.as(bob).pulls.setAutoMerge({ org, pr, method: 'squash', title: 'By itself', deleteBranch: true });
  expect(set.status).toMatchObject({ phase: 'Open', autoMerge: { method: 'squash', setBy: { kind: 'user', name: 'bob' } } });
  const started = Date.now();
  await pass(pr);
  await eventually('it is merged', async () => (await read(pr))?.phase === 'Merged' || undefined);
  expect(Date.now() - started).toBeLessThan(5000);
  const status = await read(pr);
  expect(status).toMatchObject({ merge: { method: 'squash', mergedBy: { kind: 'user', name: 'bob' }, auto: true } });
  expect(status?.autoMerge).toBeUndefined();
  const bare = fixture.forge.verbs.repositoryPath(org, 'demo');
  expect((await fixture.git('.', '--git-dir', bare, 'log', '-1', '--format=%s|%cn', 'main')).trim()).toBe('By itself|Bob Builder');
  expect(await fixture.forge.verbs.resolveRef(org, 'demo', 'refs/heads/feature')).toBeUndefined();
  expect(await events(pr)).toEqual(expect.arrayContaining(['auto_merge_set', 'merged']));
});

it('merges at once where nothing is in the way', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  await pass(pr);
  expect((await fixture.as(bob).pulls.setAutoMerge({ org, pr })).status).toMatchObject({ phase: 'Merged', merge: { auto: true } });
});

it('is kept over a restart, and over a server that dies while it merges', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  await fixture.as(bob).pulls.setAutoMerge({ org, pr, method: 'squash' });
  await pass(pr);
  refuseMerged = true;
  await (await fixture.startControllers()).drain().catch(() => undefined);
  await eventually('a merge is under way', async () => (await read(pr))?.merging);
  refuseMerged = false;
  const main = await fixture.forge.verbs.resolveRef(org, 'demo', 'main');
  fixture = await fixture.restart();
  await fixture.startControllers();
  await eventually('it is merged', async () => (await read(pr))?.phase === 'Merged' || undefined);
  expect(await read(pr)).toMatchObject({ merge: { method: 'squash', sha: main, mergedBy: { name: 'bob' }, auto: true } });
});

it('is asked about again when it happens: who lost the right to merge does not merge', async () => {
  await fixture.startControllers();
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  await fixture.as(bob).pulls.setAutoMerge({ org, pr });
  await fixture.resources.mutate(RepositoryPermission, { org, name: 'bob' }, ({ spec }) => {
    spec.permission = 'triage';
  });
  await pass(pr);
  await eventually('it is cancelled', async () => (await read(pr))?.autoMerge === undefined || undefined);
  expect((await read(pr))?.phase).toBe('Open');
  expect((await fixture.as(ada).pulls.timeline({ org, pr })).items.find(({ type }) => type === 'auto_merge_cancelled')).toMatchObject({ reason: 'bob, who had set it, may not merge any more' });
});

it('ends by a new target, by being closed, by whoever may edit it, and by a push of who may not write', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  const set = async () => expect((await fixture.as(bob).pulls.setAutoMerge({ org, pr })).status?.autoMerge).toBeDefined();
  await set();
  await fixture.as(ada).repositories.createBranch({ org, repository: 'demo', name: 'other', from: 'main' });
  const retargeted = await fixture.as(ada).pulls.update({ org, pr, targetBranch: 'other' });
  expect(retargeted.status?.autoMerge).toBeUndefined();
  await fixture.as(ada).pulls.update({ org, pr, targetBranch: 'main' });
  await set();
  await fixture.as(ada).pulls.update({ org, pr, state: 'closed' });
  expect((await read(pr))?.autoMerge).toBeUndefined();
  await fixture.as(ada).pulls.update({ org, pr, state: 'open' });
  await set();
  expect((await fixture.as(ada).pulls.cancelAutoMerge({ org, pr })).status?.autoMerge).toBeUndefined();
  await set();
  // A push of somebody who may write leaves it.
  await fixture.commit('demo', { 'b.txt': 'b2\n' });
  await fixture.git('demo', 'push', '--quiet', fixture.url('demo', ada), 'feature');
  await fixture.forge.idle();
  expect((await read(pr))?.autoMerge).toBeDefined();
});

it('ends when a run pushes', async () => {
  await fixture.resources.create(AgentStack, org, { metadata: { name: 'stack' }, spec: { organizationRef: org, baseAgent: 'coder', adapter: 'coder' } });
  await fixture.resources.create(AgentDispatchRun, org, { metadata: { name: 'run-1' }, spec: { organizationRef: org, repository: 'demo', sourceRefs: {}, agentStack: 'stack', taskKind: 'feature', requestedBy: { kind: 'user', name: 'ada' } } });
  const pr = await fixture.openPull('demo', 'kradle/runs/run-1', { 'b.txt': 'b\n' });
  await fixture.as(bob).pulls.setAutoMerge({ org, pr });
  await fixture.commit('demo', { 'b.txt': 'b2\n' });
  const run = { kind: 'run' as const, name: 'run-1', orgs: [org], run: { org, name: 'run-1' } };
  await fixture.git('demo', 'push', '--quiet', fixture.url('demo', run), 'kradle/runs/run-1');
  await fixture.forge.idle();
  expect((await read(pr))?.autoMerge).toBeUndefined();
});

it('refuses runs, methods that are not allowed, and merged ones', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  await expect(fixture.as({ kind: 'run', name: 'run-1', orgs: [org], run: { org, name: 'run-1' } }).pulls.setAutoMerge({ org, pr })).rejects.toMatchObject({ cause: { httpStatus: 403 } });
  await expect(fixture.as(bob).pulls.setAutoMerge({ org, pr, method: 'fast-forward' })).rejects.toMatchObject({ cause: { code: 'MERGE_METHOD_NOT_ALLOWED' } });
  await expect(fixture.as(bob).pulls.setAutoMerge({ org, pr, expectedHeadSha: '1'.repeat(40) })).rejects.toMatchObject({ cause: { code: 'HEAD_MOVED' } });
  await pass(pr);
  await fixture.as(ada).pulls.merge({ org, pr });
  await expect(fixture.as(bob).pulls.setAutoMerge({ org, pr })).rejects.toMatchObject({ cause: { code: 'PULL_REQUEST_MERGED' } });
});
