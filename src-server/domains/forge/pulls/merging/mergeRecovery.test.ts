import { afterEach, beforeEach, expect, it } from 'vitest';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { ada, bob, createForgeFixture, type ForgeFixture } from '../../../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
let refuseMerged: boolean;
let refuseRepository: boolean;
const org = 'default';

beforeEach(async () => {
  refuseMerged = false;
  refuseRepository = false;
  fixture = await createForgeFixture({
    refuseWrite: ({ kind, status }) => (refuseMerged && kind === 'PullRequest' && status?.phase === 'Merged') || (refuseRepository && kind === 'Repository'),
  });
  await fixture.seed('demo');
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

it('finishes a merge whose branch had moved when the server died, with its author and method', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'new\n' });
  refuseMerged = true;
  await expect(fixture.as(bob).pulls.merge({ org, pr, method: 'squash', deleteBranch: true })).rejects.toThrow('the store is gone');
  const moved = await fixture.forge.verbs.resolveRef(org, 'demo', 'main');
  expect((await fixture.resources.get(PullRequest, { org, name: pr })).status).toMatchObject({ phase: 'Open', merging: { sha: moved } });

  refuseMerged = false;
  fixture = await fixture.restart();
  const manager = await fixture.startControllers();
  await manager.drain();
  const { status } = await fixture.resources.get(PullRequest, { org, name: pr });
  expect(status).toMatchObject({ phase: 'Merged', merge: { method: 'squash', sha: moved, mergedBy: { kind: 'user', name: 'bob' } } });
  expect(status?.merging).toBeUndefined();
  expect(await fixture.forge.verbs.resolveRef(org, 'demo', 'refs/heads/feature')).toBeUndefined();
});

it('forgets a merge whose branch had not moved, so that it can be merged again', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'new\n' });
  const before = await fixture.forge.verbs.resolveRef(org, 'demo', 'main');
  const head = await fixture.forge.verbs.resolveRef(org, 'demo', 'feature');
  await fixture.resources.mutateStatus(PullRequest, { org, name: pr }, (status) => {
    const sha = '1'.repeat(40);
    status.merging = { method: 'squash', sha, headSha: head ?? '', targetBefore: before ?? '', mergedBy: { kind: 'user', name: 'bob' }, startedAt: '2026-01-01T10:00:00Z', deleteBranch: true };
  });
  fixture = await fixture.restart();
  const manager = await fixture.startControllers();
  await manager.drain();
  const { status } = await fixture.resources.get(PullRequest, { org, name: pr });
  expect(status).toMatchObject({ phase: 'Open', blockers: [] });
  expect(status?.merging).toBeUndefined();
  await fixture.as(ada).pulls.merge({ org, pr });
});

it('notices at the start what was pushed while nobody watched', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'new\n' });
  const path = fixture.forge.verbs.repositoryPath(org, 'demo');
  fixture = await fixture.restart();
  await fixture.git('.', '--git-dir', path, 'update-ref', 'refs/heads/main', 'refs/heads/feature');
  const manager = await fixture.startControllers();
  await manager.drain();
  expect((await fixture.resources.get(PullRequest, { org, name: pr })).status).toMatchObject({ phase: 'Merged', merge: { method: 'merge' } });
});

it('answers a merge that was made, though the repository\'s own status cannot be written just now', async () => {
  const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'new\n' });
  refuseRepository = true;
  const { merged, sha } = await fixture.as(ada).pulls.merge({ org, pr });
  expect(merged).toBe(true);
  expect(await fixture.forge.verbs.resolveRef(org, 'demo', 'main')).toBe(sha);
});
