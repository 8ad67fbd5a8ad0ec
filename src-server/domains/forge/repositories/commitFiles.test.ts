import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Repository } from '#shared/kinds/forge/repository';
import { ada, createForgeFixture, type ForgeFixture, TEN_LINES } from '../../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
const at = { org: 'default', repository: 'demo' };

beforeEach(async () => {
  fixture = await createForgeFixture();
  await fixture.seed('demo');
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

describe('files that are committed without a clone', () => {
  it('are added, changed, moved, made executable and deleted by one commit, which git takes', async () => {
    const { commitFiles, blob, files } = fixture.as(ada).repositories;
    await commitFiles({ ...at, branch: 'main', message: 'Begin', changes: [{ path: 'src/a.txt', content: 'a\n' }, { path: 'old/b.bin', content: Buffer.from([0, 255]).toString('base64'), encoding: 'base64' }] });
    const { sha } = await commitFiles({ ...at, branch: 'main', message: 'Go on', changes: [{ path: 'run.sh', content: '#!/bin/sh\n', executable: true }, { path: 'new/b.bin', content: 'text', from: 'old/b.bin' }, { path: 'a.txt', deleted: true }] });
    expect((await files(at)).paths).toEqual(['new/b.bin', 'run.sh', 'src/a.txt']);
    expect(await blob({ ...at, path: 'run.sh' })).toMatchObject({ mode: '100755' });
    await fixture.git('demo', 'pull', '--quiet', 'origin', 'main');
    expect((await fixture.git('demo', 'log', '-1', '--format=%H %an %s')).trim()).toBe(`${sha} Ada Lovelace Go on`);
    expect(await fixture.git('demo', 'fsck', '--strict')).toBe('');
  });

  it('make the first commit of an empty repository, and a branch for a pull request', async () => {
    const { create, commitFiles, branches } = fixture.as(ada).repositories;
    await create({ org: 'default', name: 'empty' });
    await commitFiles({ org: 'default', repository: 'empty', branch: 'main', message: 'First', changes: [{ path: 'README.md', content: '# Empty\n' }] });
    await commitFiles({ ...at, branch: 'main', newBranch: 'idea', message: 'Idea', changes: [{ path: 'idea.txt', content: 'x' }] });
    expect((await branches(at)).items.find(({ name }) => name === 'idea')).toMatchObject({ ahead: 1, behind: 0 });
    await expect(commitFiles({ ...at, branch: 'main', newBranch: 'idea', message: 'Again', changes: [{ path: 'b', content: 'x' }] })).rejects.toMatchObject({ cause: { reason: 'AlreadyExists' } });
  });

  it('overwrite nobody who changed the same file, and let others be', async () => {
    const { commitFiles, get } = fixture.as(ada).repositories;
    const seen = (await get(at)).status?.defaultBranchHead ?? '';
    await commitFiles({ ...at, branch: 'main', message: 'Theirs', changes: [{ path: 'a.txt', content: 'theirs' }] });
    await expect(commitFiles({ ...at, branch: 'main', expectedHeadSha: seen, message: 'Mine', changes: [{ path: 'a.txt', content: 'mine' }] })).rejects.toMatchObject({ cause: { code: 'FILE_CHANGED' } });
    await commitFiles({ ...at, branch: 'main', expectedHeadSha: seen, message: 'Mine', changes: [{ path: 'c.txt', content: 'mine' }] });
    await expect(commitFiles({ ...at, branch: 'main', message: 'Same', changes: [{ path: 'c.txt', content: 'mine' }] })).rejects.toMatchObject({ cause: { code: 'NOTHING_CHANGED' } });
  });

  it('are refused by the rules of the repository, and under paths that attack a checkout', async () => {
    const { commitFiles, branches } = fixture.as(ada).repositories;
    for (const path of ['.git/hooks/post-checkout', 'a/.GIT/config', '../up', '/etc/../x', 'git~1/config', 'a//b', '.git ']) {
      await expect(commitFiles({ ...at, branch: 'main', message: 'x', changes: [{ path, content: 'x' }] }), path).rejects.toMatchObject({ cause: { reason: 'Invalid' } });
    }
    await fixture.resources.mutate(Repository, { org: 'default', name: 'demo' }, (draft) => {
      draft.spec.archived = true;
    });
    await expect(commitFiles({ ...at, branch: 'main', newBranch: 'b', message: 'x', changes: [{ path: 'x', content: 'x' }] })).rejects.toMatchObject({ cause: { code: 'POLICY_DENIED' } });
    expect((await branches(at)).total).toBe(1);
  });
});

describe('branches', () => {
  it('come back where they were, whoever deleted them and however', async () => {
    const { deleteBranch, deletedBranches, restoreBranch, branches } = fixture.as(ada).repositories;
    await fixture.git('demo', 'push', '--quiet', 'origin', 'main:team/one', 'main:two');
    await deleteBranch({ ...at, name: 'team/one' });
    await fixture.git('demo', 'push', '--quiet', 'origin', ':two');
    expect((await deletedBranches(at)).items).toMatchObject([{ name: 'two', deletedBy: 'ada', subject: 'First' }, { name: 'team/one', deletedBy: 'ada' }]);
    await restoreBranch({ ...at, name: 'team/one' });
    expect((await branches(at)).items.map(({ name }) => name)).toContain('team/one');
    expect((await deletedBranches(at)).items.map(({ name }) => name)).toEqual(['two']);
    await expect(restoreBranch({ ...at, name: 'never' })).rejects.toMatchObject({ cause: { reason: 'NotFound' } });
    // What is kept is nobody's to fetch or push.
    expect(await fixture.git('demo', 'ls-remote', 'origin')).not.toContain('refs/kradle');
  });

  it('are paged, by name or by age, those of a person and those that nobody works on apart', async () => {
    const { branches } = fixture.as(ada).repositories;
    await fixture.commit('demo', { 'b.txt': TEN_LINES }, { message: 'Mine', author: 'Ada <ada@example.com>' });
    await fixture.git('demo', 'push', '--quiet', 'origin', 'HEAD:refs/heads/mine', ...Array.from({ length: 7 }, (_, index) => `HEAD~1:refs/heads/b${index}`));
    const names: string[] = [];
    for (let token: string | undefined = ''; token !== undefined;) {
      const page: Awaited<ReturnType<typeof branches>> = await branches({ ...at, sort: 'name', limit: 3, ...(token === '' ? {} : { continue: token }) });
      names.push(...page.items.map(({ name }) => name));
      token = page.continue;
    }
    expect(names).toEqual(['main', 'b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'mine']);
    expect((await branches({ ...at, show: 'mine' })).items.map(({ name }) => name)).toEqual(['mine']);
    // The clock of the fixture stands in January 2026.
    const [active, stale] = await Promise.all([branches({ ...at, show: 'active' }), branches({ ...at, show: 'stale' })]);
    expect(active.total + stale.total).toBe(9);
  });
});
