import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { Repository } from '#shared/kinds/forge/repository';
import { eventually } from '../harness/eventually';
import { git, tryGit } from '../harness/git';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir, type TempDir } from '../harness/tempDir';

type RepositoryObject = ObjectOf<typeof Repository>;
type PullRequestObject = ObjectOf<typeof PullRequest>;

let server: TestServer;
let folder: TempDir;
const repositories = '/api/orgs/default/repositories';
const pulls = '/api/orgs/default/pullrequests';

beforeEach(async () => {
  folder = await tempDir();
  server = await startServer();
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function commit(clone: string, path: string, content: string): Promise<void> {
  await writeFile(join(clone, path), content);
  await git(['add', '--all'], { cwd: clone });
  await git(['commit', '--quiet', '-m', `Change ${path}`], { cwd: clone });
}

/** A repository with one commit, and a clone of it. */
async function seed(name: string): Promise<string> {
  await server.api('POST', repositories, { name });
  await git(['clone', '--quiet', server.gitUrl(name), name], { cwd: folder.path });
  const clone = join(folder.path, name);
  await git(['checkout', '--quiet', '-B', 'main'], { cwd: clone });
  await commit(clone, 'a.txt', 'a\n');
  await git(['push', '--quiet', '--set-upstream', 'origin', 'main'], { cwd: clone });
  return clone;
}

it('takes a change from a push over review and merge to a pull, by REST and git alone', async () => {
  const clone = await seed('demo');
  await server.api('POST', '/api/orgs/default/resources', {
    apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'BranchProtection', metadata: { name: 'main-protection' }, spec: { repository: 'demo', refs: ['main'] },
  });
  await commit(clone, 'b.txt', 'b\n');
  const refused = await tryGit(['push', 'origin', 'main'], { cwd: clone });
  expect(refused.stderr).toContain('protected branch: main needs a pull request (BranchProtection default/main-protection)');
  const pushed = await tryGit(['push', 'origin', 'main:feature'], { cwd: clone });
  expect(pushed.stderr).toContain('remote: Open a pull request for feature:');

  const pr = await server.api<PullRequestObject>('POST', pulls, { repository: 'demo', title: 'Add b', sourceBranch: 'feature' });
  expect(pr).toMatchObject({ metadata: { name: 'demo-1' }, spec: { number: 1, targetBranch: 'main', author: { kind: 'user', name: 'admin' } }, status: { phase: 'Open', mergeable: 'Mergeable', blockers: [] } });
  await server.api('POST', `${pulls}/demo-1/reviews`, { state: 'commented', comments: [{ path: 'b.txt', line: 1, body: 'Why b?' }] });
  expect(await server.api('GET', `${pulls}/demo-1/reviews`)).toMatchObject({ threads: [{ path: 'b.txt', line: 1, currentLine: 1, outdated: false }] });
  const merged = await server.api<{ merged: boolean; sha: string }>('POST', `${pulls}/demo-1/merge`, { method: 'squash' });
  await expect(server.api('POST', `${pulls}/demo-1/merge`, { method: 'squash' })).rejects.toMatchObject({ status: 409, body: { error: { code: 'PULL_REQUEST_MERGED' } } });
  await git(['fetch', '--quiet'], { cwd: clone });
  expect((await git(['rev-parse', 'origin/main'], { cwd: clone })).trim()).toBe(merged.sha);
  expect(await server.api('GET', `${pulls}?repository=demo&state=all`)).toMatchObject({ counts: { open: 0, merged: 1, closed: 0 } });
});

it('keeps everything over kill -9, and goes on', async () => {
  const clone = await seed('demo');
  await git(['checkout', '--quiet', '-B', 'feature'], { cwd: clone });
  await commit(clone, 'b.txt', 'b\n');
  await git(['push', '--quiet', 'origin', 'feature'], { cwd: clone });
  await server.api('POST', pulls, { repository: 'demo', title: 'Add b', sourceBranch: 'feature' });
  await server.kill9();
  await server.restart();
  await git(['remote', 'set-url', 'origin', server.gitUrl('demo')], { cwd: clone });
  await commit(clone, 'c.txt', 'c\n');
  await git(['push', '--quiet', 'origin', 'feature'], { cwd: clone });
  const head = (await git(['rev-parse', 'HEAD'], { cwd: clone })).trim();
  expect((await server.api<PullRequestObject>('GET', `${pulls}/demo-1`)).status).toMatchObject({ headSha: head, commits: 2 });
  await server.api('POST', `${pulls}/demo-1/merge`, { method: 'merge', expectedHeadSha: head });
});

it('imports a folder, and refuses one that is no repository with the field', async () => {
  const source = join(folder.path, 'source');
  await mkdir(source);
  await expect(server.api('POST', repositories, { name: 'demo', importFrom: source })).rejects.toMatchObject({ status: 422, body: { error: { reasons: [{ field: 'spec.importFrom.url' }] } } });
  await git(['init', '--quiet'], { cwd: source });
  await commit(source, 'a.txt', 'a\n');
  await server.api('POST', repositories, { name: 'demo', importFrom: source });
  await eventually('the import', async () => (await server.api<RepositoryObject>('GET', `${repositories}/demo`)).status?.phase === 'Ready');
  expect(await server.api('GET', `${repositories}/demo/tree`)).toMatchObject({ entries: [{ name: 'a.txt' }] });
});

it('deletes a repository so that its name begins anew', async () => {
  await seed('demo');
  await server.api('DELETE', `${repositories}/demo`);
  await eventually('the deletion', async () => (await server.fetch(`${repositories}/demo`)).status === 404);
  expect(await server.api('POST', repositories, { name: 'demo' })).toMatchObject({ repository: { status: { phase: 'Ready', empty: true } } });
});

it('asks git for a password, and lets nobody in without', async () => {
  await seed('demo');
  const url = new URL(server.gitUrl('demo'));
  url.password = 'wrong';
  const { code, stderr } = await tryGit(['ls-remote', url.href], { cwd: folder.path });
  expect(code).not.toBe(0);
  expect(stderr).toContain('Authentication failed');
});
