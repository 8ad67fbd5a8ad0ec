import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import { deleteBareRepository, initBareRepository, isBareRepository, readDefaultBranch, removeTemporaryRepositories, repositorySizeBytes, setDefaultBranch, withTemporaryRepository } from '../upkeep/bareRepository';
import type { GitRepository } from '../gitRepositories';
import { branchRef, isBranchName, isRefName } from './refName';
import { aheadBehind, createBranch, deleteBranch, listRefs, refTargets, setRefs, updateRef } from './refs';
import { requireRevision, resolveRevision, splitRevisionPath } from '../objects/resolve';

let fixture: GitFixture;
let repository: GitRepository;

beforeEach(async () => {
  fixture = await createGitFixture();
  repository = await fixture.bare('app');
});
afterEach(() => fixture.dispose());

describe('references', () => {
  it('are listed by page, searched, and sorted by date or name', async () => {
    const root = await fixture.commit(repository, { files: { a: '1' } });
    for (const name of ['zeta', 'feature/One', 'feature/two']) await fixture.commit(repository, { branch: name, from: root, files: { a: name }, message: `On ${name}\n\nBody` });
    const first = await listRefs(repository, { kind: 'branches', limit: 2 });
    expect(first).toMatchObject({ total: 4, nextOffset: 2, items: [{ name: 'feature/two', subject: 'On feature/two', author: { name: 'Ada Author' } }, { name: 'feature/One' }] });
    const second = await listRefs(repository, { kind: 'branches', limit: 2, offset: 2 });
    expect(second.items.map(({ name }) => name)).toEqual(['zeta', 'main']);
    expect(second.nextOffset).toBeUndefined();
    expect((await listRefs(repository, { kind: 'branches', search: 'ONE', sort: 'name' })).items.map(({ name }) => name)).toEqual(['feature/One']);
    expect(await listRefs(repository, { kind: 'tags' })).toEqual({ items: [], total: 0 });
  });

  it('show the commit of an annotated tag', async () => {
    const sha = await fixture.commit(repository, { files: { a: '1' } });
    await fixture.user(['tag', '-a', 'v1', '-m', 'Release one', sha], { cwd: repository.path });
    await fixture.user(['tag', 'light', sha], { cwd: repository.path });
    const tags = (await listRefs(repository, { kind: 'tags', sort: 'name' })).items;
    expect(tags).toMatchObject([{ name: 'light', sha }, { name: 'v1', sha, tag: { subject: 'Release one', tagger: { name: 'Una User' } } }]);
  });

  it('move only from what was expected', async () => {
    const one = await fixture.commit(repository, { files: { a: '1' } });
    const two = await fixture.commit(repository, { files: { a: '2' } });
    await createBranch(repository, 'new', one);
    await expect(createBranch(repository, 'new', one)).rejects.toMatchObject({ reason: 'AlreadyExists' });
    await expect(updateRef(repository, { ref: 'refs/heads/new', newOid: two, expectedOid: two, reason: 'x' })).rejects.toMatchObject({ code: 'REF_CHANGED' });
    await expect(updateRef(repository, { ref: 'refs/heads/new', newOid: two, expectedOid: undefined, reason: 'x' })).rejects.toMatchObject({ code: 'REF_CHANGED' });
    await updateRef(repository, { ref: 'refs/heads/new', newOid: two, expectedOid: one, reason: 'x' });
    await expect(deleteBranch(repository, 'new', one)).rejects.toMatchObject({ code: 'REF_CHANGED' });
    await expect(deleteBranch(repository, 'main', two)).rejects.toMatchObject({ reason: 'Invalid' });
    await expect(createBranch(repository, 'new/one', one)).rejects.toMatchObject({ reason: 'AlreadyExists', message: expect.stringContaining('"new"') });
    await deleteBranch(repository, 'new', two);
    expect(await repository.objects.resolve('refs/heads/new')).toBeUndefined();
    expect(await aheadBehind(repository, one, two)).toEqual({ ahead: 1, behind: 0 });
    expect(await aheadBehind(repository, two, one)).toEqual({ ahead: 0, behind: 1 });
  });

  it('are set together, or none of them', async () => {
    const one = await fixture.commit(repository, { files: { a: '1' } });
    await setRefs(repository, ['refs/heads/left', 'refs/remotes/origin/left'], { newOid: one, reason: 'x' });
    expect(await refTargets(repository, ['refs/'])).toEqual(new Map([['refs/heads/left', one], ['refs/heads/main', one], ['refs/remotes/origin/left', one]]));
    await expect(setRefs(repository, ['refs/heads/right', 'refs/heads/left/below'], { newOid: one, reason: 'x' })).rejects.toMatchObject({ reason: 'AlreadyExists' });
    expect((await refTargets(repository, ['refs/heads/'])).has('refs/heads/right')).toBe(false);
  });
});

describe('a revision', () => {
  it('is a branch, a tag, a reference or an id, in this order, and never an expression', async () => {
    const one = await fixture.commit(repository, { files: { a: '1' } });
    const two = await fixture.commit(repository, { files: { a: '2' } });
    await fixture.user(['tag', '-a', 'v1', '-m', 'x', one], { cwd: repository.path });
    await fixture.user(['tag', 'main', one], { cwd: repository.path });
    expect(await resolveRevision(repository, 'main')).toEqual({ kind: 'branch', name: 'main', sha: two });
    expect(await resolveRevision(repository, 'v1')).toEqual({ kind: 'tag', name: 'v1', sha: one });
    expect(await resolveRevision(repository, 'refs/tags/main')).toMatchObject({ kind: 'ref', sha: one });
    expect(await resolveRevision(repository, 'HEAD')).toMatchObject({ sha: two });
    expect(await resolveRevision(repository, one.slice(0, 8))).toEqual({ kind: 'commit', name: one, sha: one });
    const tree = (await fixture.git.run(['rev-parse', `${one}^{tree}`], { gitDir: repository.path })).stdout.toString().trim();
    for (const name of ['main~1', 'main^', '@{-1}', 'main:a', ':/x', 'main..v1', '--all', tree, 'abc', '']) expect(await resolveRevision(repository, name)).toBeUndefined();
    await expect(requireRevision(repository, 'nope')).rejects.toMatchObject({ reason: 'NotFound', message: 'This repository has no branch, tag or commit "nope"' });
  });

  it('is split from the path behind it', async () => {
    const sha = await fixture.commit(repository, { branch: 'feature/login', files: { 'src/a.ts': '1' } });
    expect(await splitRevisionPath(repository, 'feature/login/src/a.ts')).toEqual({ revision: { kind: 'branch', name: 'feature/login', sha }, path: 'src/a.ts' });
    expect(await splitRevisionPath(repository, `${sha}/src`)).toMatchObject({ path: 'src' });
    expect(await splitRevisionPath(repository, 'feature')).toBeUndefined();
  });
});

it.each(['main', 'feature/x', 'a.b', 'ü', 'a@b', 'x{y', 'feature/-x'])('takes the branch name %j, as git does', async (name) => {
  expect(isBranchName(name)).toBe(true);
  expect((await fixture.git.run(['check-ref-format', '--branch', name], { okCodes: [0, 1, 128] })).code).toBe(0);
});

it.each(['', '-x', '.x', 'a/.b', 'a..b', 'a b', 'a~', 'a^', 'a:', 'a?', 'a*', 'a[', 'a\\', 'a.lock', 'a.lock/b', 'a//b', '/a', 'a/', 'a.', 'a@{b', 'a\nb', 'a\u007f', 'HEAD'])('refuses the branch name %j, as git does', async (name) => {
  expect(isBranchName(name)).toBe(false);
  expect(() => branchRef(name)).toThrow('cannot be the name of a branch');
  expect(isRefName('refs/heads')).toBe(false);
  expect((await fixture.git.run(['check-ref-format', '--branch', name], { okCodes: [0, 1, 128] })).code).not.toBe(0);
});

describe('a bare repository', () => {
  it('is made once, with its default branch', async () => {
    const path = join(fixture.folder, 'org', 'new.git');
    await initBareRepository(fixture.git, path, { defaultBranch: 'trunk' });
    const made = fixture.repositories.open(path);
    expect(await readDefaultBranch(made)).toBe('trunk');
    await expect(initBareRepository(fixture.git, path)).rejects.toMatchObject({ reason: 'AlreadyExists' });
    await expect(setDefaultBranch(made, 'other')).rejects.toMatchObject({ reason: 'NotFound' });
    await fixture.commit(made, { branch: 'other', files: { a: '1' } });
    await setDefaultBranch(made, 'other');
    expect(await readDefaultBranch(made)).toBe('other');
    expect(await repositorySizeBytes(path)).toBeGreaterThan(100);
  });

  it('is deleted only inside its root, and only when it is one', async () => {
    const root = fixture.folder;
    await expect(deleteBareRepository(root, root)).rejects.toThrow('outside');
    await expect(deleteBareRepository(join(root, '..', 'x'), root)).rejects.toThrow('outside');
    await mkdir(join(root, 'plain'));
    await expect(deleteBareRepository(join(root, 'plain'), root)).rejects.toThrow('not a bare repository');
    await symlink(repository.path, join(root, 'link.git'));
    await expect(deleteBareRepository(join(root, 'link.git'), root)).rejects.toThrow('not a bare repository');
    await deleteBareRepository(repository.path, root);
    expect(await isBareRepository(repository.path)).toBe(false);
    await deleteBareRepository(repository.path, root);
  });

  it('is never there by half', async () => {
    const path = join(fixture.folder, 'half.git');
    await expect(
      withTemporaryRepository(path, async (temporary) => {
        await mkdir(temporary);
        await writeFile(join(temporary, 'HEAD'), '');
        throw new Error('crash');
      }),
    ).rejects.toThrow('crash');
    await mkdir(join(fixture.folder, 'app.git.kradle-tmp-1'));
    await removeTemporaryRepositories(fixture.folder);
    await removeTemporaryRepositories(join(fixture.folder, 'nowhere'));
    await expect(isBareRepository(repository.path)).resolves.toBe(true);
    expect(await isBareRepository(path)).toBe(false);
  });
});
