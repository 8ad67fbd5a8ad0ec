import { afterEach, expect, it } from 'vitest';
import { Issue } from '#shared/kinds/forge/issue';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { ada, bob, createForgeFixture, type ForgeFixture, TEN_LINES } from '../../../../test/harness/forgeFixture';

const org = 'default';
let fixture: ForgeFixture | undefined;

afterEach(async () => {
  await fixture?.[Symbol.asyncDispose]();
  fixture = undefined;
});

const line = (number: number, text: string) => TEN_LINES.replace(`line ${number}\n`, `${text}\n`);
const FOREVER = Number.MAX_SAFE_INTEGER;

/**
 * Lets a verb go through, to see how many writes it makes; then kills the server at each of them, starts it again, and looks whether the world
 * is whole. The branches and the store have to tell the same story, and trying once more has to work.
 */
async function killAtEveryWrite(scenario: {
  prepare: (fixture: ForgeFixture) => Promise<string>;
  act: (fixture: ForgeFixture, pr: string) => Promise<unknown>;
  check: (fixture: ForgeFixture, pr: string) => Promise<void>;
}): Promise<void> {
  for (let writes = 0; ; writes += 1) {
    const writesLeft = { count: FOREVER };
    fixture = await createForgeFixture({ writesLeft });
    await fixture.seed('demo');
    const pr = await scenario.prepare(fixture);
    await fixture.forge.idle();
    writesLeft.count = writes;
    const died = await scenario.act(fixture, pr).then(() => false, () => true);
    await fixture.forge.idle();
    const killed = writesLeft.count < 0;
    writesLeft.count = FOREVER;
    fixture = await fixture.restart();
    const manager = await fixture.startControllers();
    await manager.drain();
    // What was answered is done; what was not may be tried again.
    if (died) await scenario.act(fixture, pr).catch(() => undefined);
    await scenario.check(fixture, pr);
    await fixture.git('.', '--git-dir', fixture.forge.verbs.repositoryPath(org, 'demo'), 'fsck', '--strict');
    await fixture[Symbol.asyncDispose]();
    fixture = undefined;
    if (!killed) return;
    expect(writes).toBeLessThan(60);
  }
}

const statusOf = async ({ resources }: ForgeFixture, pr: string) => (await resources.get(PullRequest, { org, name: pr })).status;

it('a merge', { timeout: 300_000 }, async () => {
  await killAtEveryWrite({
    async prepare(made) {
      await made.resources.create(Issue, org, { metadata: { name: 'bug' }, spec: { organizationRef: org, title: 'It breaks', repositories: ['demo'], number: 7 } });
      const pr = await made.openPull('demo', 'feature', { 'b.txt': 'b\n' });
      await made.as(ada).pulls.update({ org, pr, body: 'Fixes #7' });
      return pr;
    },
    act: (made, pr) => made.as(bob).pulls.merge({ org, pr, method: 'squash', deleteBranch: true }),
    async check(made, pr) {
      const status = await statusOf(made, pr);
      const main = await made.forge.verbs.resolveRef(org, 'demo', 'main');
      expect(status).toMatchObject({ phase: 'Merged', settled: true, merge: { method: 'squash', sha: main, mergedBy: { kind: 'user', name: 'bob' } } });
      expect(status?.merging).toBeUndefined();
      expect(await made.resources.get(Issue, { org, name: 'bug' })).toMatchObject({ spec: { state: 'closed' }, status: { phase: 'Closed', closedBy: { name: 'bob' }, closedByPullRequest: pr } });
      expect((await made.as(ada).pulls.timeline({ org, pr })).items.flatMap(({ issue }) => issue ?? [])).toEqual(['bug']);
      expect(await made.forge.verbs.resolveRef(org, 'demo', 'refs/heads/feature')).toBeUndefined();
      expect((await made.as(ada).repositories.deletedBranches({ org, repository: 'demo' })).items).toMatchObject([{ name: 'feature', sha: status?.headSha, deletedBy: 'bob' }]);
      expect((await made.git('.', '--git-dir', made.forge.verbs.repositoryPath(org, 'demo'), 'rev-list', '--count', 'main')).trim()).toBe('2');
    },
  });
});

it('a resolution of conflicts', { timeout: 300_000 }, async () => {
  await killAtEveryWrite({
    async prepare(made) {
      const pr = await made.openPull('demo', 'feature', { 'a.txt': line(5, 'ours') });
      await made.git('demo', 'checkout', '--quiet', 'main');
      await made.commit('demo', { 'a.txt': line(5, 'theirs') });
      await made.git('demo', 'push', '--quiet', 'origin', 'main');
      return pr;
    },
    async act(made, pr) {
      const { headSha, baseSha } = await made.as(ada).pulls.conflicts({ org, pr });
      await made.as(ada).pulls.resolveConflicts({ org, pr, expectedHeadSha: headSha, expectedBaseSha: baseSha, files: [{ path: 'a.txt', content: line(5, 'both') }] });
    },
    async check(made, pr) {
      const { status } = await made.as(ada).pulls.get({ org, pr });
      expect(status).toMatchObject({ phase: 'Open', mergeable: 'Mergeable', commits: 2, headSha: await made.forge.verbs.resolveRef(org, 'demo', 'feature') });
    },
  });
});

it('a revert', { timeout: 300_000 }, async () => {
  await killAtEveryWrite({
    async prepare(made) {
      const pr = await made.openPull('demo', 'feature', { 'b.txt': 'b\n' });
      await made.as(ada).pulls.merge({ org, pr });
      return pr;
    },
    act: (made, pr) => made.as(bob).pulls.revert({ org, pr }),
    async check(made, pr) {
      const { items } = await made.as(ada).pulls.list({ org });
      expect(items.map(({ spec }) => [spec.reverts, spec.sourceBranch, spec.author?.name])).toEqual([[pr, 'revert-1-feature', 'bob']]);
    },
  });
});

it('one that merges by itself', { timeout: 300_000 }, async () => {
  await killAtEveryWrite({
    prepare: (made) => made.openPull('demo', 'feature', { 'b.txt': 'b\n' }),
    act: (made, pr) => made.as(bob).pulls.setAutoMerge({ org, pr, method: 'rebase' }),
    async check(made, pr) {
      expect(await statusOf(made, pr)).toMatchObject({ phase: 'Merged', settled: true, merge: { method: 'rebase', sha: await made.forge.verbs.resolveRef(org, 'demo', 'main'), mergedBy: { name: 'bob' } } });
    },
  });
});
