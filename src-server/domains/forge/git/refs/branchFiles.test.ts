import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import { orderBranches } from './branchFiles';
import type { GitRepository } from '../gitRepositories';

let fixture: GitFixture;
let repository: GitRepository;

beforeEach(async () => {
  fixture = await createGitFixture();
  repository = await fixture.bare('app');
});
afterEach(() => fixture.dispose());

it('gives branches in the order of git, packed or not, in the commit graph or after it, and notices every move', async () => {
  const shas: string[] = [];
  for (let index = 0; index < 8; index += 1) shas.push(await fixture.commit(repository, { files: { a: String(index) }, message: `Commit ${index}`, time: 1_700_000_000 + 100 * (index % 5) }));
  await updateRefs(shas.flatMap((sha, index) => [`create refs/heads/team/${7 - index} ${sha}`, `create refs/heads/Z${index} ${sha}`]));
  await expectLikeGit();
  await run('commit-graph', 'write', '--reachable');
  await run('pack-refs', '--all', '--prune');
  await expectLikeGit();
  await fixture.commit(repository, { files: { b: '1' }, time: 1_700_009_999 });
  await expectLikeGit();
  await updateRefs([`update refs/heads/Z1 ${shas[7] ?? ''}`, `delete refs/heads/Z2`]);
  await expectLikeGit();

  const late = await orderBranches(repository, { after: 1_700_000_400 });
  expect(late?.refs.slice(0, 1)).toEqual(['refs/heads/main']);
  expect(late?.refs).toHaveLength(3);
  expect((await orderBranches(repository, { before: 1_700_000_100, search: 'TEAM', sort: 'name' }))?.refs).toEqual(['refs/heads/team/2', 'refs/heads/team/7']);
  const read = await late?.read(['refs/heads/main']);
  expect(read?.get('refs/heads/main')).toMatchObject({ name: 'main', subject: 'Change', date: '2023-11-15T00:59:59.000Z', author: { name: 'Ada Author' } });
});

it('leaves to git what it cannot know', async () => {
  const sha = await fixture.commit(repository, { files: { a: '1' } });
  expect(await orderBranches(repository, { authorEmails: ['ada@example.com'] })).toBeUndefined();
  // A branch of what is no commit, as a broken tool may leave it.
  await writeFile(join(repository.path, 'refs/heads/tree'), await run('rev-parse', `${sha}^{tree}`));
  expect(await orderBranches(repository, {})).toBeUndefined();
});

async function expectLikeGit(): Promise<void> {
  const byTime = await run('for-each-ref', '--format=%(refname)', '--sort=refname', '--sort=-creatordate', 'refs/heads/');
  expect((await orderBranches(repository, {}))?.refs).toEqual(byTime.trim().split('\n'));
  const byName = await run('for-each-ref', '--format=%(refname)', 'refs/heads/');
  expect((await orderBranches(repository, { sort: 'name' }))?.refs).toEqual(byName.trim().split('\n'));
}

async function run(...args: string[]): Promise<string> {
  return (await repository.git.run(args, { gitDir: repository.path })).stdout.toString();
}

async function updateRefs(lines: readonly string[]): Promise<void> {
  await repository.git.run(['update-ref', '--stdin'], { gitDir: repository.path, input: lines.map((line) => `${line}\n`).join('') });
}
