import { afterEach, beforeEach, expect, it } from 'vitest';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { ada, admin, bob, createForgeFixture, type ForgeFixture } from '../../../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
const org = 'default';

beforeEach(async () => {
  fixture = await createForgeFixture({ roles: true });
  await fixture.seed('demo');
  await fixture.resources.create(AgentStack, org, { metadata: { name: 'stack' }, spec: { organizationRef: org, baseAgent: 'coder', adapter: 'coder' } });
  await fixture.resources.create(AgentDispatchRun, org, {
    metadata: { name: 'run-1' }, spec: { organizationRef: org, repository: 'demo', sourceRefs: {}, agentStack: 'stack', taskKind: 'feature', title: 'Make it so', requestedBy: { kind: 'user', name: 'ada' } },
  });
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

/** A commit of the run, brought into the forge as its write-back is. */
async function writeBack(files: Readonly<Record<string, string>>): Promise<string> {
  await fixture.git('demo', 'checkout', '--quiet', '-B', 'kradle/runs/run-1');
  const sha = await fixture.commit('demo', files, { message: 'By an agent' });
  await fixture.forge.verbs.acceptBranch({ org, repository: 'demo', branch: 'kradle/runs/run-1', fromRepositoryPath: `${fixture.folder}/demo/.git`, sha, actor: { kind: 'run', name: 'run-1', orgs: [org], run: { org, name: 'run-1' } }, approvedBy: { kind: 'user', name: 'bob' } });
  return sha;
}

const runsOf = async (actor: typeof ada, ...sha: string[]) => (await fixture.as(actor).repositories.provenance({ org, repository: 'demo', sha })).items.map((item) => [item.sha, item.run]);

it('leads from a commit to the run that made it, also after it was squashed or rebased, and not to what people pushed', async () => {
  const made = await writeBack({ 'b.txt': 'b\n' });
  const pr = (await fixture.forge.verbs.createPullRequest(admin, { org, repository: 'demo', title: 'Work', sourceBranch: 'kradle/runs/run-1', dispatchRun: 'run-1' })).metadata.name;
  const first = await fixture.forge.verbs.resolveRef(org, 'demo', 'main');
  expect(await runsOf(ada, made, first ?? '')).toEqual([[made, 'run-1']]);
  const mine = await fixture.commit('demo', { 'c.txt': 'c\n' }, { message: 'By a person' });
  await fixture.git('demo', 'push', '--quiet', fixture.url('demo', ada), 'kradle/runs/run-1');
  await fixture.forge.idle();
  expect(await runsOf(ada, mine)).toEqual([]);
  const { sha: squashed } = await fixture.as(admin).pulls.merge({ org, pr, method: 'squash' });
  expect((await fixture.as(ada).repositories.provenance({ org, repository: 'demo', sha: [squashed] })).items).toEqual([{ sha: squashed, run: 'run-1', title: 'Make it so', agentStack: 'stack', pullRequest: pr }]);
});

it('follows a rebase commit by commit', async () => {
  const made = await writeBack({ 'b.txt': 'b\n' });
  await fixture.git('demo', 'checkout', '--quiet', 'main');
  await fixture.commit('demo', { 'd.txt': 'd\n' });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
  const pr = (await fixture.forge.verbs.createPullRequest(admin, { org, repository: 'demo', title: 'Work', sourceBranch: 'kradle/runs/run-1', dispatchRun: 'run-1' })).metadata.name;
  const { sha } = await fixture.as(admin).pulls.merge({ org, pr, method: 'rebase' });
  expect(sha).not.toBe(made);
  expect(await runsOf(ada, sha)).toEqual([[sha, 'run-1']]);
});

it('tells nothing of runs to who may not read them, and nothing of a repository to who may not see it', async () => {
  const made = await writeBack({ 'b.txt': 'b\n' });
  await expect(fixture.as(bob).repositories.provenance({ org, repository: 'demo', sha: [made] })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
  await fixture.resources.create(RepositoryPermission, org, { metadata: { name: 'bob' }, spec: { organizationRef: org, repository: 'demo', subject: { kind: 'User', name: 'bob' }, permission: 'read' } });
  expect(await runsOf(bob, made)).toEqual([[made, 'run-1']]);
  await fixture.resources.delete(AgentDispatchRun, { org, name: 'run-1' });
  expect(await runsOf(bob, made)).toEqual([]);
});
