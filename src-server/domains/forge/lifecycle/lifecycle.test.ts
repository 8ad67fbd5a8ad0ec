import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { Issue } from '#shared/kinds/forge/issue';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { Review } from '#shared/kinds/forge/review';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { admin, ada, bob, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';
import { createOrganization } from '../../identity/organizations';
import type { Actor } from '../../../resources/actor';

let fixture: ForgeFixture;
const org = 'default';
const both: Actor = { ...ada, orgs: ['default', 'other'] };

beforeEach(async () => {
  fixture = await createForgeFixture();
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

/** A repository with a pull request that was reviewed, a protection, a role, an issue, and a role of a team. */
async function wellUsed(name = 'demo'): Promise<string> {
  await fixture.seed(name);
  const pull = await fixture.openPull(name, 'topic', { 'b.txt': 'b\n' });
  await fixture.as(bob).pulls.addReview({ org, pr: pull, state: 'approved', body: 'Fine.' });
  await fixture.resources.create(BranchProtection, org, { metadata: { name: 'rule' }, spec: { organizationRef: org, repository: name, refs: ['release/*'] } });
  await fixture.resources.create(RepositoryPermission, org, { metadata: { name: 'bob-reads' }, spec: { organizationRef: org, repository: name, subject: { kind: 'User', name: 'bob' }, permission: 'read' } });
  await fixture.resources.create(Issue, org, { metadata: { name: 'issue-1' }, spec: { organizationRef: org, title: 'It breaks', repositories: [name] } });
  await fixture.resources.create(Team, org, { metadata: { name: 'core' }, spec: { organizationRef: org, displayName: 'Core', members: ['bob'], repositoryGrants: [{ repository: name, permission: 'write' }] } });
  return pull;
}

async function folderOf(name: string, inOrg = org): Promise<boolean> {
  return (await stat(join(fixture.folder, 'repositories', inOrg, `${name}.git`)).catch(() => undefined)) !== undefined;
}

describe('renaming', () => {
  it('takes everything along, and leaves word at the old address', async () => {
    const pull = await wellUsed();
    const before = await fixture.resources.get(PullRequest, { org, name: pull });
    const head = (await fixture.git('demo', 'rev-parse', 'main')).trim();
    const { repository } = await fixture.as(ada).lifecycle.rename({ org, repository: 'demo', name: 'better' });
    expect(repository).toMatchObject({ metadata: { name: 'better' }, status: { phase: 'Ready', defaultBranchHead: head } });
    expect(repository.status?.moving).toBeUndefined();

    expect(await fixture.resources.find(Repository, { org, name: 'demo' })).toBeUndefined();
    expect(await fixture.resources.find(PullRequest, { org, name: pull })).toBeUndefined();
    const moved = await fixture.resources.get(PullRequest, { org, name: 'better-1' });
    expect(moved.metadata).toMatchObject({ uid: before.metadata.uid, creationTimestamp: before.metadata.creationTimestamp, ownerReferences: [{ kind: 'Repository', name: 'better' }] });
    expect(moved.spec).toMatchObject({ repository: 'better', number: 1, title: 'Change by topic' });
    expect((await fixture.resources.list(Review, { org })).items).toMatchObject([{ spec: { pullRequest: 'better-1' }, metadata: { ownerReferences: [{ name: 'better-1' }] } }]);
    expect((await fixture.resources.get(BranchProtection, { org, name: 'rule' })).spec.repository).toBe('better');
    expect((await fixture.resources.get(RepositoryPermission, { org, name: 'bob-reads' })).spec.repository).toBe('better');
    expect((await fixture.resources.get(Issue, { org, name: 'issue-1' })).spec.repositories).toEqual(['better']);
    expect((await fixture.resources.get(Team, { org, name: 'core' })).spec.repositoryGrants).toMatchObject([{ repository: 'better' }]);
    expect(await folderOf('demo')).toBe(false);
    expect((await fixture.as(ada).pulls.get({ org, pr: 'better-1' })).status?.approvals).toBe(1);

    // The clone knows the old address only.
    await fixture.commit('demo', { 'c.txt': 'c\n' });
    await fixture.git('demo', 'fetch', '--quiet', 'origin');
    await fixture.git('demo', 'push', '--quiet', 'origin', 'HEAD:refs/heads/after');
    expect((await fixture.as(ada).repositories.branches({ org, repository: 'demo' })).items.map(({ name }) => name).sort()).toEqual(['after', 'main', 'topic']);
    expect(await fixture.as(ada).lifecycle.locate({ org, repository: 'demo' })).toEqual({ organization: org, repository: 'better', moved: true });
  });

  it('sends on nobody when another repository takes the name, and everybody through two renames', async () => {
    await fixture.seed('demo');
    await fixture.as(ada).lifecycle.rename({ org, repository: 'demo', name: 'second' });
    await fixture.as(ada).lifecycle.rename({ org, repository: 'second', name: 'third' });
    expect(await fixture.as(ada).lifecycle.locate({ org, repository: 'demo' })).toMatchObject({ repository: 'third' });
    await fixture.as(ada).repositories.create({ org, name: 'demo' });
    expect(await fixture.as(ada).lifecycle.locate({ org, repository: 'demo' })).toMatchObject({ repository: 'demo', moved: false });
    await fixture.as(ada).lifecycle.rename({ org, repository: 'third', name: 'second' });
    expect(await fixture.as(ada).lifecycle.locate({ org, repository: 'third' })).toMatchObject({ repository: 'second' });
  });

  it('waits for nobody who would be cut off: a run says so', async () => {
    await fixture.seed('demo');
    await fixture.resources.create(AgentStack, org, { metadata: { name: 'fixer' }, spec: { organizationRef: org, baseAgent: 'fixer', adapter: 'fixer' } });
    await fixture.resources.create(AgentDispatchRun, org, { metadata: { name: 'run-1' }, spec: { organizationRef: org, repository: 'demo', agentStack: 'fixer', sourceRefs: {}, taskKind: 'fix' } });
    const refused = { cause: { httpStatus: 409, code: 'REPOSITORY_BUSY', message: expect.stringContaining('run-1') as string } };
    await expect(fixture.as(ada).lifecycle.rename({ org, repository: 'demo', name: 'better' })).rejects.toMatchObject(refused);
    await expect(fixture.as(ada).repositories.delete({ org, repository: 'demo' })).rejects.toMatchObject(refused);
  });

  it.each([['a taken name', 'taken', 409], ['no name', 'x.git', 422]])('refuses %s', async (_what, name, httpStatus) => {
    await fixture.seed('demo');
    await fixture.as(ada).repositories.create({ org, name: 'taken' });
    await expect(fixture.as(ada).lifecycle.rename({ org, repository: 'demo', name })).rejects.toMatchObject({ cause: { httpStatus } });
    expect((await fixture.resources.get(Repository, { org, name: 'demo' })).status?.phase).toBe('Ready');
  });
});

describe('transferring', () => {
  beforeEach(async () => {
    await createOrganization(fixture.resources, { slug: 'other', displayName: 'Other' });
    await fixture.resources.create(User, 'other', { metadata: { name: 'ada' }, spec: { organizationRef: 'other', displayName: 'Ada', email: 'ada@example.com' } });
  });

  it('says before what stays behind, and takes the rest', async () => {
    const pull = await wellUsed();
    await fixture.resources.create(RepositoryPermission, org, { metadata: { name: 'ada-admin' }, spec: { organizationRef: org, repository: 'demo', subject: { kind: 'User', name: 'ada' }, permission: 'admin' } }).catch(() => undefined);
    const timeline = await fixture.as(ada).pulls.timeline({ org, pr: pull });
    const review = await fixture.as(both).lifecycle.reviewTransfer({ org, repository: 'demo', organization: 'other' });
    expect(review.allowed).toBe(true);
    expect(review.left.join('\n')).toMatch(/teams stay behind: core[\s\S]*lose their role: bob/);
    expect(review.objects).toContainEqual({ kind: 'PullRequest', count: 1 });

    const { repository } = await fixture.as(both).lifecycle.transfer({ org, repository: 'demo', organization: 'other' });
    expect(repository).toMatchObject({ metadata: { name: 'demo', namespace: 'kradle-org-other' }, spec: { organizationRef: 'other' }, status: { phase: 'Ready' } });
    expect(await folderOf('demo')).toBe(false);
    expect(await folderOf('demo', 'other')).toBe(true);
    for (const kind of [Repository, PullRequest, Review, BranchProtection, RepositoryPermission, Issue]) expect((await fixture.resources.list(kind as typeof Repository, { org })).items, kind.names.kind).toEqual([]);
    expect((await fixture.resources.list(Review, { org: 'other' })).items).toMatchObject([{ spec: { organizationRef: 'other', pullRequest: 'demo-1' } }]);
    expect((await fixture.resources.list(RepositoryPermission, { org: 'other' })).items.every(({ spec }) => spec.subject.name === 'ada')).toBe(true);
    expect((await fixture.resources.get(Team, { org, name: 'core' })).spec.repositoryGrants ?? []).toEqual([]);
    expect((await fixture.as(both).pulls.timeline({ org: 'other', pr: 'demo-1' })).items.length).toBeGreaterThanOrEqual(timeline.items.length);
    // Who may not see the other organization is not told where it went.
    await expect(fixture.as(bob).lifecycle.locate({ org, repository: 'demo' })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
    expect(await fixture.as(both).lifecycle.locate({ org, repository: 'demo' })).toEqual({ organization: 'other', repository: 'demo', moved: true });
    expect((await fixture.tryGit('.', 'ls-remote', fixture.url('demo', both))).code).toBe(0);
    expect((await fixture.tryGit('.', 'ls-remote', fixture.url('demo', bob))).code).not.toBe(0);
  });

  it('is refused into an organization that one does not see, as if there were none', async () => {
    await fixture.seed('demo');
    await expect(fixture.as(ada).lifecycle.transfer({ org, repository: 'demo', organization: 'other' })).rejects.toMatchObject({ cause: { httpStatus: 404, code: 'ORG_NOT_FOUND' } });
  });
});

describe('deleting and restoring', () => {
  it('keeps everything for fourteen days, under a free name', async () => {
    const pull = await wellUsed();
    await fixture.startControllers();
    const kinds = [Repository, PullRequest, Review, BranchProtection, RepositoryPermission] as const;
    const contentOf = async () => Promise.all(kinds.map(async (kind) => (await fixture.resources.list(kind as typeof Repository, { org })).items.map(({ metadata: { name, creationTimestamp }, spec }) => ({ name, creationTimestamp, spec }))));
    await expect.poll(async () => (await fixture.resources.get(PullRequest, { org, name: pull })).status?.approvals).toBe(1);
    const before = await contentOf();
    await fixture.as(ada).repositories.delete({ org, repository: 'demo' });
    await expect.poll(async () => (await fixture.as(admin).lifecycle.deleted({ org })).items).toMatchObject([{ repository: 'demo', phase: 'Deleted', deletedBy: 'ada', nameTaken: false }]);
    expect(await folderOf('demo')).toBe(false);
    for (const kind of kinds) expect((await fixture.resources.list(kind as typeof Repository, { org })).items, kind.names.kind).toEqual([]);
    expect((await fixture.resources.get(Team, { org, name: 'core' })).spec.repositoryGrants ?? []).toEqual([]);
    const [deletion] = (await fixture.as(admin).lifecycle.deleted({ org })).items;
    expect(deletion?.objects).toContainEqual({ kind: 'PullRequest', count: 1 });
    expect(Date.parse(deletion?.purgeAt ?? '') - Date.parse(deletion?.deletedAt ?? '')).toBe(14 * 86_400_000);

    await fixture.as(admin).lifecycle.restore({ org, id: deletion?.id ?? '' });
    expect(await contentOf()).toEqual(before);
    expect((await fixture.resources.get(Team, { org, name: 'core' })).spec.repositoryGrants).toMatchObject([{ repository: 'demo', permission: 'write' }]);
    expect((await fixture.as(admin).lifecycle.deleted({ org })).items).toEqual([]);
    await fixture.git('demo', 'fetch', '--quiet', 'origin');
    expect((await fixture.as(ada).pulls.get({ org, pr: pull })).status).toMatchObject({ phase: 'Open', approvals: 1 });
  });

  it('restores under another name what has lost its own', async () => {
    await wellUsed();
    await fixture.startControllers();
    await fixture.as(ada).repositories.delete({ org, repository: 'demo' });
    await expect.poll(async () => (await fixture.as(admin).lifecycle.deleted({ org })).items[0]?.phase).toBe('Deleted');
    const [deletion] = (await fixture.as(admin).lifecycle.deleted({ org })).items;
    await fixture.as(ada).repositories.create({ org, name: 'demo' });
    await expect(fixture.as(admin).lifecycle.restore({ org, id: deletion?.id ?? '' })).rejects.toMatchObject({ cause: { httpStatus: 409 } });
    const { repository } = await fixture.as(admin).lifecycle.restore({ org, id: deletion?.id ?? '', name: 'demo-old' });
    expect(repository.status).toMatchObject({ phase: 'Ready', branchCount: 2 });
    expect((await fixture.resources.get(PullRequest, { org, name: 'demo-old-1' })).spec.repository).toBe('demo-old');
    expect((await fixture.resources.list(Review, { org })).items).toMatchObject([{ spec: { pullRequest: 'demo-old-1' } }]);
  });

  it('is gone for good when it is purged', async () => {
    await wellUsed();
    await fixture.startControllers();
    await fixture.as(ada).repositories.delete({ org, repository: 'demo' });
    await expect.poll(async () => (await fixture.as(admin).lifecycle.deleted({ org })).items[0]?.phase).toBe('Deleted');
    const [deletion] = (await fixture.as(admin).lifecycle.deleted({ org })).items;
    const aside = join(fixture.folder, 'repositories', org, `Deleted-${deletion?.id ?? ''}.git`);
    expect(await readFile(join(aside, 'HEAD'), 'utf8')).toContain('main');
    await fixture.as(admin).lifecycle.purge({ org, id: deletion?.id ?? '' });
    await expect(stat(aside)).rejects.toThrow();
    expect((await fixture.as(admin).lifecycle.deleted({ org })).items).toEqual([]);
    await expect(fixture.as(admin).lifecycle.restore({ org, id: deletion?.id ?? '' })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
  });
});
