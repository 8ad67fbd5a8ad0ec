import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../../test/harness/gitFixture';
import type { GitRepository } from '../gitRepositories';
import { readHeadFile, readRefFiles } from './refFiles';

let fixture: GitFixture;
let repository: GitRepository;

beforeEach(async () => {
  fixture = await createGitFixture();
  repository = await fixture.bare('app');
});

afterEach(() => fixture.dispose());

async function asGitSays(prefixes: readonly string[]): Promise<[string, string][]> {
  const { stdout } = await fixture.git.run(['for-each-ref', '--format=%(refname) %(objectname)', ...prefixes], { gitDir: repository.path });
  return stdout.toString().trim().split('\n').filter((line) => line !== '').map((line) => line.split(' ') as [string, string]);
}

it('finds what git finds, loose and packed, symbolic and broken, in the same order', async () => {
  const first = await fixture.commit(repository, { files: { 'a.txt': 'a' } });
  for (const ref of ['refs/heads/deep/er/one', 'refs/heads/deep-er', 'refs/heads/Ünï', 'refs/tags/v1', 'refs/pull/1/head', 'refs/kradle/x']) await fixture.git.run(['update-ref', ref, first], { gitDir: repository.path });
  await fixture.git.run(['tag', '-a', '-m', 'two', 'v2', first], { gitDir: repository.path });
  await fixture.git.run(['pack-refs', '--all'], { gitDir: repository.path });
  const second = await fixture.commit(repository, { files: { 'a.txt': 'b' } });
  await fixture.git.run(['update-ref', 'refs/heads/deep/new', second], { gitDir: repository.path });
  await fixture.git.run(['update-ref', '-d', 'refs/heads/deep-er'], { gitDir: repository.path });
  await fixture.git.run(['symbolic-ref', 'refs/heads/alias', 'refs/heads/deep/er/one'], { gitDir: repository.path });
  await fixture.git.run(['symbolic-ref', 'refs/heads/nowhere', 'refs/heads/none'], { gitDir: repository.path });
  await writeFile(join(repository.path, 'refs/heads/main.lock'), '');
  for (const prefixes of [[], ['refs/heads/'], ['refs/tags/'], ['refs/heads/deep'], ['refs/heads/main'], ['refs/heads/mai'], ['refs/tags/', 'refs/pull/'], ['refs/none/']]) {
    expect([...((await readRefFiles(repository.path, prefixes)) ?? [])], prefixes.join(' ')).toEqual(await asGitSays(prefixes));
  }
});

it('leaves thousands of files to git', async () => {
  const sha = await fixture.commit(repository, { files: { 'a.txt': 'a' } });
  await fixture.git.run(['update-ref', '--stdin'], { gitDir: repository.path, input: Array.from({ length: 600 }, (_, index) => `create refs/heads/b-${index} ${sha}\n`).join('') });
  expect(await readRefFiles(repository.path, ['refs/heads/'])).toBeUndefined();
  expect(await readRefFiles(repository.path, ['refs/tags/'])).toEqual(new Map());
  await fixture.git.run(['pack-refs', '--all'], { gitDir: repository.path });
  expect((await readRefFiles(repository.path, ['refs/heads/']))?.size).toBe(601);
});

it('knows where HEAD leads, and that it leads nowhere', async () => {
  expect(await readHeadFile(repository.path)).toBe('refs/heads/main');
  const sha = await fixture.commit(repository, { files: { 'a.txt': 'a' } });
  await writeFile(join(repository.path, 'HEAD'), `${sha}\n`);
  expect(await readHeadFile(repository.path)).toBeUndefined();
});
