import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Repository } from '#shared/kinds/forge/repository';
import { User } from '#shared/kinds/identity/user';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { Readable } from 'node:stream';
import { createOrganization } from '../../identity/organizations';
import type { Actor } from '../../../resources/actor';
import { admin, ada, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
const org = 'default';
const both: Actor = { ...ada, orgs: ['default', 'other'] };

beforeEach(async () => {
  fixture = await createForgeFixture({ roles: true });
  await fixture.resources.mutate(User, { org, name: 'ada' }, (draft) => { draft.spec.role = 'developer'; });
  await fixture.resources.mutate(User, { org, name: 'bob' }, (draft) => { draft.spec.role = 'viewer'; });
  await createOrganization(fixture.resources, { slug: 'other', displayName: 'Other' });
  await fixture.resources.create(User, 'other', { metadata: { name: 'ada' }, spec: { organizationRef: 'other', displayName: 'Ada', email: 'ada@example.com', role: 'developer' } });
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

const pathOf = (name: string, inOrg = org): string => join(fixture.folder, 'repositories', inOrg, `${name}.git`);
const expose = (name: string, visibility: 'public' | 'internal') => fixture.resources.mutate(Repository, { org, name }, (draft) => { draft.spec.visibility = visibility; });

describe('forking', () => {
  it('shares the objects on disk, and each goes its own way', async () => {
    await fixture.seed('demo');
    await fixture.git('demo', 'tag', 'v1');
    await fixture.git('demo', 'push', '--quiet', 'origin', 'v1');
    const content = await fixture.forge.files.put({ repository: pathOf('demo'), use: 'lfs' }, Readable.from(['large']));
    const { repository } = await fixture.as(ada).lifecycle.fork({ org, repository: 'demo', name: 'mine' });
    expect(repository).toMatchObject({ spec: { forkOf: { organization: org, repository: 'demo' }, visibility: 'private' }, status: { phase: 'Ready', branchCount: 1, tagCount: 1 } });
    expect((await fixture.resources.get(Repository, { org, name: 'demo' })).status?.forkCount).toBe(1);
    const shared = (await readdir(pathOf('mine'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile() && /objects\/(pack|[0-9a-f]{2})$/.test(entry.parentPath));
    expect(shared.length).toBeGreaterThan(0);
    for (const file of shared) expect((await stat(join(file.parentPath, file.name))).nlink).toBeGreaterThan(1);
    expect(await readdir(join(pathOf('mine'), 'objects', 'info')).catch(() => [])).not.toContain('alternates');
    expect(await fixture.forge.files.stat({ repository: pathOf('mine'), use: 'lfs' }, content.digest)).toMatchObject({ sizeBytes: 5 });

    await fixture.git('.', 'clone', '--quiet', fixture.url('mine'), 'mine');
    await fixture.commit('mine', { 'mine.txt': 'mine\n' });
    await fixture.git('mine', 'push', '--quiet', 'origin', 'HEAD:main');
    expect(await fixture.as(ada).lifecycle.forks({ org, repository: 'mine' })).toMatchObject({ parent: { repository: 'demo' }, root: { repository: 'demo' }, ahead: 1, behind: 0 });
    expect(await fixture.as(ada).lifecycle.forks({ org, repository: 'demo' })).toMatchObject({ total: 1, items: [{ repository: 'mine', createdBy: { name: 'ada' } }] });
    // The parent goes, and nothing of the fork with it.
    await fixture.startControllers();
    await fixture.as(ada).repositories.delete({ org, repository: 'demo' });
    await expect.poll(async () => fixture.resources.find(Repository, { org, name: 'demo' })).toBeUndefined();
    const [deletion] = (await fixture.as(admin).lifecycle.deleted({ org })).items;
    await fixture.as(admin).lifecycle.purge({ org, id: deletion?.id ?? '' });
    await fixture.git('.', 'clone', '--quiet', fixture.url('mine'), 'again');
    expect(await fixture.git('again', 'log', '--oneline')).toMatch(/Change\n.*First/);
    expect((await fixture.tryGit('.', '--git-dir', pathOf('mine'), 'fsck', '--full', '--strict')).code).toBe(0);
  });

  it('follows the parent, and says when it cannot', async () => {
    await fixture.seed('demo');
    await fixture.as(ada).lifecycle.fork({ org, repository: 'demo', name: 'mine', defaultBranchOnly: true });
    expect(await fixture.as(ada).lifecycle.syncFork({ org, repository: 'mine' })).toMatchObject({ result: 'up-to-date' });
    const head = await fixture.commit('demo', { 'b.txt': 'b\n' });
    await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
    expect(await fixture.as(ada).lifecycle.syncFork({ org, repository: 'mine' })).toMatchObject({ result: 'fast-forward', after: head });
    expect((await fixture.resources.get(Repository, { org, name: 'mine' })).status?.defaultBranchHead).toBe(head);
    await fixture.git('.', 'clone', '--quiet', fixture.url('mine'), 'mine');
    await fixture.commit('mine', { 'mine.txt': 'mine\n' });
    await fixture.git('mine', 'push', '--quiet', 'origin', 'main');
    await fixture.commit('demo', { 'c.txt': 'c\n' });
    await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
    await expect(fixture.as(ada).lifecycle.syncFork({ org, repository: 'mine' })).rejects.toMatchObject({ cause: { httpStatus: 409, code: 'NOT_FAST_FORWARD' } });
    await fixture.as(ada).lifecycle.rename({ org, repository: 'demo', name: 'upstream' });
    expect((await fixture.resources.get(Repository, { org, name: 'mine' })).spec.forkOf).toEqual({ organization: org, repository: 'upstream' });
  });

  it('is never seen by more people than the parent', async () => {
    await fixture.seed('demo');
    await expect(fixture.as(both).lifecycle.fork({ org, repository: 'demo', name: 'mine', visibility: 'public' })).rejects.toMatchObject({ cause: { httpStatus: 422 } });
    await expose('demo', 'internal');
    const { repository } = await fixture.as(both).lifecycle.fork({ org, repository: 'demo', organization: 'other' });
    expect(repository.spec.visibility).toBe('private');
    await expect(fixture.resources.mutate(Repository, { org: 'other', name: 'demo' }, (draft) => { draft.spec.visibility = 'internal'; })).rejects.toMatchObject({ httpStatus: 422 });
    await expose('demo', 'public');
    await fixture.resources.mutate(Repository, { org: 'other', name: 'demo' }, (draft) => { draft.spec.visibility = 'public'; });
  });

  it('takes the right to read it and to create there', async () => {
    await fixture.seed('demo');
    const bob: Actor = { kind: 'user', name: 'bob', orgs: ['default'] };
    await expect(fixture.as(bob).lifecycle.fork({ org, repository: 'demo' })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
    await fixture.resources.create(RepositoryPermission, org, { metadata: { name: 'bob' }, spec: { organizationRef: org, repository: 'demo', subject: { kind: 'User', name: 'bob' }, permission: 'write' } });
    await expect(fixture.as(bob).lifecycle.fork({ org, repository: 'demo' })).rejects.toMatchObject({ cause: { httpStatus: 403 } });
    await expect(fixture.as(bob).lifecycle.rename({ org, repository: 'demo', name: 'x' })).rejects.toMatchObject({ cause: { httpStatus: 403 } });
    await expect(fixture.as(bob).lifecycle.archive({ org, repository: 'demo' })).rejects.toMatchObject({ cause: { httpStatus: 403 } });
    await expect(fixture.as(bob).lifecycle.deleted({ org })).rejects.toMatchObject({ cause: { httpStatus: 403 } });
    await expect(fixture.as(ada).lifecycle.transfer({ org, repository: 'demo', organization: 'other' })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
    await expect(fixture.as(ada).lifecycle.fork({ org, repository: 'demo', organization: 'other' })).rejects.toMatchObject({ cause: { httpStatus: 404 } });
    await fixture.resources.mutate(Repository, { org, name: 'demo' }, (draft) => { draft.spec.allowForks = false; });
    await expect(fixture.as(ada).lifecycle.fork({ org, repository: 'demo' })).rejects.toMatchObject({ cause: { httpStatus: 403, code: 'FORKS_OFF' } });
  });
});

describe('archiving', () => {
  it('lets nothing be written, and can be taken back', async () => {
    await fixture.seed('demo');
    await fixture.as(ada).lifecycle.archive({ org, repository: 'demo' });
    await fixture.commit('demo', { 'b.txt': 'b\n' });
    const refused = await fixture.tryGit('demo', 'push', 'origin', 'main');
    expect(refused.stderr).toContain('archived');
    await fixture.as(ada).lifecycle.unarchive({ org, repository: 'demo' });
    await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
  });
});

describe('templates', () => {
  it('give their files as one fresh commit, and nothing of their history', async () => {
    await fixture.seed('base');
    const secret = await fixture.commit('base', { 'secret.txt': 'gone since\n' });
    await fixture.git('base', 'rm', '--quiet', 'secret.txt');
    await fixture.commit('base', { 'src/app.ts': 'export {};\n' });
    await fixture.git('base', 'push', '--quiet', 'origin', 'main', 'main:next');
    await expect(fixture.as(ada).lifecycle.createFromTemplate({ org, repository: 'base', name: 'made' })).rejects.toMatchObject({ cause: { code: 'NOT_A_TEMPLATE' } });
    await fixture.resources.mutate(Repository, { org, name: 'base' }, (draft) => { draft.spec.template = true; });
    const { repository } = await fixture.as(ada).lifecycle.createFromTemplate({ org, repository: 'base', name: 'made', description: 'Made of it' });
    expect(repository).toMatchObject({ spec: { generatedFrom: { repository: 'base' }, description: 'Made of it' }, status: { phase: 'Ready', branchCount: 1 } });
    await fixture.git('.', 'clone', '--quiet', fixture.url('made'), 'made');
    expect((await readdir(join(fixture.folder, 'made'))).sort()).toEqual(['.git', 'a.txt', 'src']);
    expect((await fixture.git('made', 'log', '--format=%an %s')).trim()).toBe('Ada Lovelace Initial commit');
    expect((await fixture.tryGit('made', 'fetch', 'origin', secret)).code).not.toBe(0);
    const all = await fixture.as(ada).lifecycle.createFromTemplate({ org, repository: 'base', name: 'both', allBranches: true });
    expect(all.repository.status).toMatchObject({ branchCount: 2 });
  });
});

it('an import by hand of a fork says no lie about where it comes from', async () => {
  await fixture.seed('demo');
  await writeFile(join(fixture.folder, 'x'), '');
  const made = await fixture.resources.as(ada).create(Repository, org, { metadata: { name: 'liar' }, spec: { organizationRef: org, forkOf: { organization: org, repository: 'demo' } } });
  expect(made.spec.forkOf).toBeUndefined();
});

it('counts no fork that was deleted, and counts it again when it is restored', async () => {
  await fixture.seed('demo');
  await fixture.as(ada).lifecycle.fork({ org, repository: 'demo', name: 'mine' });
  const count = async () => (await fixture.resources.get(Repository, { org, name: 'demo' })).status?.forkCount;
  await fixture.as(ada).repositories.delete({ org, repository: 'mine' });
  await fixture.forge.advance({ org, name: 'mine' });
  expect(await count()).toBe(0);
  const [deletion] = (await fixture.as(admin).lifecycle.deleted({ org })).items;
  await fixture.as(admin).lifecycle.restore({ org, id: deletion?.id ?? '' });
  expect(await count()).toBe(1);
});
