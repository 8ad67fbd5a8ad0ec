import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import type { Actor } from '../../resources/actor';
import { ada, createForgeFixture, type ForgeFixture } from '../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
const org = 'default';
const run: Actor = { kind: 'run', name: 'fix-1', orgs: [org], run: { org, name: 'fix-1' } };
const branch = 'kradle/runs/fix-1';

beforeEach(async () => {
  fixture = await createForgeFixture();
  await fixture.seed('demo');
  await fixture.resources.create(AgentStack, org, { metadata: { name: 'claude' }, spec: { organizationRef: org, baseAgent: 'claude', adapter: 'claude' } });
  await fixture.resources.create(AgentDispatchRun, org, {
    metadata: { name: 'fix-1' }, spec: { organizationRef: org, repository: 'demo', sourceRefs: {}, agentStack: 'claude', taskKind: 'manual' },
  });
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

/** A commit that only a clone has, as a run's work is only in its workspace. */
async function work(): Promise<{ sha: string; fromRepositoryPath: string }> {
  const sha = await fixture.commit('demo', { 'fix.txt': 'fixed\n' });
  return { sha, fromRepositoryPath: join(fixture.folder, 'demo', '.git') };
}

it('takes a run\'s commit over as its branch, and repeats that without harm', async () => {
  const { sha, fromRepositoryPath } = await work();
  const accept = () => fixture.forge.verbs.acceptBranch({ org, repository: 'demo', branch, fromRepositoryPath, sha, actor: run });
  await accept();
  await accept();
  expect(await fixture.forge.verbs.resolveRef(org, 'demo', branch)).toBe(sha);
});

it('lets a run make no other branch, and none against a rule', async () => {
  const { sha, fromRepositoryPath } = await work();
  const accept = (name: string) => fixture.forge.verbs.acceptBranch({ org, repository: 'demo', branch: name, fromRepositoryPath, sha, actor: run });
  await expect(accept('kradle/runs/other')).rejects.toMatchObject({ reason: 'Forbidden', code: 'POLICY_DENIED' });
  await expect(accept('main')).rejects.toMatchObject({ reason: 'Forbidden' });
  await fixture.resources.create(BranchProtection, org, { metadata: { name: 'all' }, spec: { organizationRef: org, refs: ['kradle/**'] } });
  await expect(accept(branch)).rejects.toMatchObject({ reason: 'Forbidden', message: expect.stringContaining('BranchProtection default/all') as string });
});

it('lets a run fetch the repository it works on and push only its own branch', async () => {
  await work();
  const url = fixture.url('demo', run);
  await fixture.git('demo', 'push', '--quiet', url, `HEAD:${branch}`);
  expect((await fixture.tryGit('demo', 'push', url, 'HEAD:main')).stderr).toContain(`a run may push only to its own branch ${branch}`);
  await fixture.as(ada).repositories.create({ org, name: 'other', initialize: true });
  expect((await fixture.tryGit('.', 'ls-remote', fixture.url('other', run))).code).not.toBe(0);
});

it('opens one pull request for a run, written by the run as an agent', async () => {
  const { sha, fromRepositoryPath } = await work();
  await fixture.forge.verbs.acceptBranch({ org, repository: 'demo', branch, fromRepositoryPath, sha, actor: run });
  const open = () => fixture.forge.verbs.createPullRequest(ada, { org, repository: 'demo', title: 'Fix it', sourceBranch: branch, dispatchRun: 'fix-1' });
  const first = await open();
  expect((await open()).metadata.uid).toBe(first.metadata.uid);
  expect(first.spec).toMatchObject({ author: { kind: 'agent', name: 'fix-1' }, dispatchRun: 'fix-1', number: 1 });
  // Who asked for the work is not its author: their approval counts.
  await fixture.as(ada).pulls.addReview({ org, pr: first.metadata.name, state: 'approved' });
  expect((await fixture.as(ada).pulls.get({ org, pr: first.metadata.name })).status?.approvals).toBe(1);
});

it('answers no commit for what is not there', async () => {
  expect(await fixture.forge.verbs.resolveRef(org, 'demo', 'nothing')).toBeUndefined();
});

it('makes a repository with files', async () => {
  await fixture.forge.verbs.seedRepository(ada, { org, repository: 'sample', description: 'A sample', message: 'Begin', files: [{ path: 'src/a.js', content: 'a' }, { path: 'src/b/c.js', content: 'c' }, { path: 'x', content: 'x' }] });
  expect((await fixture.as(ada).repositories.files({ org, repository: 'sample' })).paths).toEqual(['src/a.js', 'src/b/c.js', 'x']);
  await expect(fixture.forge.verbs.seedRepository(ada, { org, repository: 'sample', description: '', message: 'x', files: [] })).rejects.toMatchObject({ reason: 'AlreadyExists' });
});
