import { afterEach, beforeEach, expect, it } from 'vitest';
import { ada, bob, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';
import { runProcess } from '../../../../test/harness/runProcess';

let fixture: ForgeFixture;
const org = 'default';
const FILES = 10_000;

beforeEach(async () => {
  fixture = await createForgeFixture();
  await fixture.seed('demo');
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

it('carries ten thousand files: owners, pages of the diff, comments and the merge', { timeout: 120_000 }, async () => {
  await fixture.commit('demo', { '.kradle/CODEOWNERS': Array.from({ length: 500 }, (_, index) => `/dir${index}/ @bob\n`).join('') });
  await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
  const blob = (await fixture.git('demo', 'rev-parse', 'HEAD:a.txt')).trim();
  await fixture.git('demo', 'checkout', '--quiet', '-B', 'feature');
  const index = Array.from({ length: FILES }, (_, file) => `100644 ${blob}\tdir${file % 1000}/file${file}.txt\n`).join('');
  await runProcess('git', ['update-index', '--add', '--index-info'], { cwd: `${fixture.folder}/demo`, input: index });
  await fixture.git('demo', 'commit', '--quiet', '-m', 'Ten thousand');
  await fixture.git('demo', 'push', '--quiet', 'origin', 'feature');
  const body = `${'Long. '.repeat(40_000)}Closes #1`;
  const pr = (await fixture.as(ada).pulls.create({ org, repository: 'demo', title: 'Large', sourceBranch: 'feature', body })).metadata.name;
  const { status } = await fixture.as(ada).pulls.get({ org, pr });
  expect(status).toMatchObject({ changedFiles: FILES, additions: FILES * 10, mergeable: 'Mergeable', reviewers: [{ reviewer: 'bob', state: 'Requested', codeOwner: true }] });
  expect(await fixture.as(ada).pulls.codeOwners({ org, pr })).toMatchObject({ ownedFiles: 5000, owners: [{ owner: '@bob', files: 5000 }] });
  const first = await fixture.as(ada).pulls.diff({ org, pr });
  expect(first).toMatchObject({ totalFiles: FILES, truncated: true });
  const next = await fixture.as(ada).pulls.diff({ org, pr, after: first.files.at(-1)?.path ?? '' });
  expect(next.files[0]?.path).not.toBe(first.files[0]?.path);
  await fixture.as(bob).pulls.addReview({ org, pr, comments: [{ path: 'dir7/file7.txt', line: 3, body: 'Here' }] });
  expect((await fixture.as(ada).pulls.reviews({ org, pr })).threads).toMatchObject([{ currentLine: 3, outdated: false }]);
  expect((await fixture.as(ada).pulls.merge({ org, pr, method: 'squash' })).merged).toBe(true);
});
