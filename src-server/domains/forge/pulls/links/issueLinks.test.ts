import { afterEach, beforeEach, expect, it } from 'vitest';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { Issue } from '#shared/kinds/forge/issue';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { ada, bob, createForgeFixture, type ForgeFixture } from '../../../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
const org = 'default';

beforeEach(async () => {
  fixture = await createForgeFixture({ roles: true });
  await fixture.seed('demo');
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

const issue = (name: string) => fixture.resources.get(Issue, { org, name });
const open = (name: string, repository = 'demo') => fixture.resources.create(Issue, org, { metadata: { name }, spec: { organizationRef: org, title: name, repositories: [repository] } });

it('counts issues and pull requests together', async () => {
  const manager = await fixture.startControllers();
  await open('first');
  await manager.drain();
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  await open('third');
  await manager.drain();
  expect([(await issue('first')).spec.number, pr, (await issue('third')).spec.number]).toEqual([1, 'demo-2', 3]);
  expect((await issue('first')).status).toMatchObject({ phase: 'Open' });
});

it('closes what body and commits say when it is merged into the default branch, once, as who merged', async () => {
  const manager = await fixture.startControllers();
  for (const name of ['one', 'two', 'three']) await open(name);
  await manager.drain();
  await fixture.git('demo', 'checkout', '--quiet', '-B', 'feature', 'origin/main');
  await fixture.commit('demo', { 'b.txt': 'b\n' }, { message: 'Work\n\nResolves default/demo#2' });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
  const pr = (await fixture.as(ada).pulls.create({ org, repository: 'demo', title: 'Work', sourceBranch: 'feature', body: 'Fixes #1, see #3 and other/demo#1. `closes #3`' })).metadata.name;
  const { status } = await fixture.as(ada).pulls.get({ org, pr });
  expect(status?.linkedIssues?.map(({ name, closes }) => [name, closes]).sort()).toEqual([['one', true], ['three', false], ['two', true]]);
  expect((await issue('one')).status?.pullRequests).toEqual([{ name: pr, closes: true }]);
  await fixture.as(ada).pulls.merge({ org, pr });
  for (const name of ['one', 'two']) {
    expect(await issue(name)).toMatchObject({ spec: { state: 'closed', stateReason: 'completed' }, status: { phase: 'Closed', closedBy: { name: 'ada' }, closedByPullRequest: pr } });
  }
  expect((await issue('three')).spec.state).toBe('open');
  expect((await fixture.as(ada).pulls.timeline({ org, pr })).items.flatMap((each) => each.issue ?? []).sort()).toEqual(['one', 'two']);
  // Opened again it stays open.
  await fixture.resources.mutate(Issue, { org, name: 'one' }, ({ spec }) => {
    spec.state = 'open';
  });
  fixture = await fixture.restart();
  await (await fixture.startControllers()).drain();
  expect((await issue('one')).spec.state).toBe('open');
  expect((await fixture.resources.get(PullRequest, { org, name: pr })).status?.settled).toBe(true);
});

it('closes nothing by a merge into another branch, and nothing that the merger may not close', async () => {
  const manager = await fixture.startControllers();
  await fixture.as(ada).repositories.create({ org, name: 'secret', initialize: true });
  await open('hidden', 'secret');
  await open('one');
  await manager.drain();
  await fixture.resources.create(RepositoryPermission, org, { metadata: { name: 'bob' }, spec: { organizationRef: org, repository: 'demo', subject: { kind: 'User', name: 'bob' }, permission: 'write' } });
  await fixture.resources.create(BranchProtection, org, { metadata: { name: 'main' }, spec: { organizationRef: org, repository: 'demo', refs: ['main'], requirePullRequest: false } });
  await fixture.as(ada).repositories.createBranch({ org, repository: 'demo', name: 'side', from: 'main' });
  await fixture.git('demo', 'checkout', '--quiet', '-B', 'feature', 'origin/main');
  await fixture.commit('demo', { 'b.txt': 'b\n' });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
  // Bob does not see the other repository, so nothing tells him that there is such an issue.
  const bobs = (await fixture.as(bob).pulls.create({ org, repository: 'demo', title: 'Work', sourceBranch: 'feature', targetBranch: 'side', body: 'Fixes secret#1. Closes #1' })).metadata.name;
  expect((await fixture.as(bob).pulls.get({ org, pr: bobs })).status?.linkedIssues?.map(({ name }) => name)).toEqual(['one']);
  await fixture.as(bob).pulls.merge({ org, pr: bobs });
  expect((await issue('one')).spec.state).toBe('open');
  const adas = await fixture.openPull('demo', 'other', { 'c.txt': 'c\n' });
  await fixture.as(ada).pulls.update({ org, pr: adas, body: 'Fixes secret#1' });
  expect((await fixture.as(ada).pulls.get({ org, pr: adas })).status?.linkedIssues?.map(({ name }) => name)).toEqual(['hidden']);
  await fixture.as(bob).pulls.merge({ org, pr: adas });
  expect((await issue('hidden')).spec.state).toBe('open');
});
