import { afterEach, expect, it } from 'vitest';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { User } from '#shared/kinds/identity/user';
import type { Actor } from '../../../../resources/actor';
import { createOrganization } from '../../../identity/organizations';
import { ada, bob, createForgeFixture, type ForgeFixture, type ForgeFixtureOptions } from '../../../../../test/harness/forgeFixture';

const org = 'default';
const FOREVER = Number.MAX_SAFE_INTEGER;
let fixture: ForgeFixture | undefined;

afterEach(async () => {
  await fixture?.[Symbol.asyncDispose]();
  fixture = undefined;
});

/** `demo`, bob's fork of it, and a branch of the fork with one commit. */
async function openForks(opts: ForgeFixtureOptions = {}): Promise<ForgeFixture> {
  const made = await createForgeFixture(opts);
  fixture = made;
  await made.seed('demo');
  await made.as(bob).lifecycle.fork({ org, repository: 'demo', name: 'bobs' });
  await made.git('.', 'clone', '--quiet', made.url('bobs', bob), 'bobs');
  await made.git('bobs', 'checkout', '--quiet', '-B', 'feature');
  await made.commit('bobs', { 'b.txt': 'b\n' });
  await made.git('bobs', 'push', '--quiet', 'origin', 'feature');
  await made.forge.idle();
  return made;
}

const propose = async (made: ForgeFixture): Promise<string> =>
  (await made.as(bob).pulls.create({ org, repository: 'demo', title: 'From a fork', sourceRepository: 'bobs', sourceBranch: 'feature' })).metadata.name;
const statusOf = async ({ resources }: ForgeFixture, pr: string) => (await resources.get(PullRequest, { org, name: pr })).status;
const inBare = async (made: ForgeFixture, name: string, ...args: string[]) => (await made.git('.', '--git-dir', made.forge.verbs.repositoryPath(org, name), ...args)).trim();

/** Kills the server at each write that `act` makes, starts it again, and looks whether the world is whole. */
async function killAtEveryWrite(act: (made: ForgeFixture) => Promise<unknown>, opts: { prepare?: (made: ForgeFixture) => Promise<unknown>; check: (made: ForgeFixture) => Promise<void> }): Promise<void> {
  for (let writes = 0, killed = true; killed; writes += 1) {
    const writesLeft = { count: FOREVER };
    const made = await openForks({ writesLeft });
    await opts.prepare?.(made);
    await made.forge.idle();
    writesLeft.count = writes;
    const died = await act(made).then(() => false, () => true);
    await made.forge.idle();
    killed = writesLeft.count < 0;
    writesLeft.count = FOREVER;
    const again = await made.restart();
    fixture = again;
    await (await again.startControllers()).drain();
    if (died) await act(again).catch(unlessDone);
    await again.forge.idle();
    await opts.check(again);
    for (const name of ['demo', 'bobs']) await inBare(again, name, 'fsck', '--strict');
    await again[Symbol.asyncDispose]();
    fixture = undefined;
    expect(writes).toBeLessThan(40);
  }
}

/** The killed server had done it already. */
function unlessDone(error: unknown): void {
  if (!(error instanceof Error) || !/already an open pull request/.test(error.message)) throw error;
}

it('is opened whole or not at all, wherever the server is killed', { timeout: 300_000 }, async () => {
  await killAtEveryWrite(propose, {
    async check(made) {
      const head = await inBare(made, 'bobs', 'rev-parse', 'feature');
      const { items } = await made.as(ada).pulls.list({ org, repository: 'demo' });
      expect(items.map(({ spec }) => spec.sourceRepository)).toEqual(['bobs']);
      expect(await statusOf(made, 'demo-1')).toMatchObject({ headSha: head, mergeable: 'Mergeable', sourceRepository: { exists: true } });
      expect(await inBare(made, 'demo', 'rev-parse', 'refs/pull/1/head')).toBe(head);
    },
  });
});

it('follows a push to the fork that the server was killed behind', { timeout: 300_000 }, async () => {
  const push = async (made: ForgeFixture) => {
    await made.git('bobs', 'remote', 'set-url', 'origin', made.url('bobs', bob));
    if ((await inBare(made, 'bobs', 'ls-tree', '--name-only', 'feature')).includes('c.txt')) return;
    await made.commit('bobs', { 'c.txt': 'c\n' });
    await made.git('bobs', 'push', '--quiet', 'origin', 'feature');
  };
  await killAtEveryWrite(push, {
    prepare: propose,
    async check(made) {
      const head = await inBare(made, 'bobs', 'rev-parse', 'feature');
      expect(await statusOf(made, 'demo-1')).toMatchObject({ headSha: head, commits: 2 });
      expect(await inBare(made, 'demo', 'rev-parse', 'refs/pull/1/head')).toBe(head);
      await made.as(ada).pulls.merge({ org, pr: 'demo-1' });
    },
  });
});

it('merges what was seen or says that it moved, while somebody pushes to the fork', async () => {
  const made = await openForks();
  const pr = await propose(made);
  const seen = (await statusOf(made, pr))?.headSha ?? '';
  await made.commit('bobs', { 'c.txt': 'c\n' });
  const [pushed, merged] = await Promise.allSettled([made.git('bobs', 'push', '--quiet', 'origin', 'feature'), made.as(ada).pulls.merge({ org, pr, expectedHeadSha: seen })]);
  expect(pushed.status).toBe('fulfilled');
  await made.forge.idle();
  const status = await statusOf(made, pr);
  if (merged.status === 'fulfilled') {
    expect(status).toMatchObject({ phase: 'Merged', headSha: seen });
    expect(await inBare(made, 'demo', 'rev-parse', 'main^2')).toBe(seen);
  } else {
    expect(merged.reason).toMatchObject({ cause: { code: 'HEAD_MOVED' } });
    expect(status).toMatchObject({ phase: 'Open', headSha: await inBare(made, 'bobs', 'rev-parse', 'feature') });
  }
  expect(await inBare(made, 'bobs', 'ls-tree', '--name-only', 'feature')).toContain('c.txt');
});

it('counts no approval of whoever asked for the run that works in the fork', async () => {
  const made = await openForks();
  await made.resources.create(BranchProtection, org, { metadata: { name: 'main' }, spec: { organizationRef: org, repository: 'demo', refs: ['main'], requiredApprovals: 1 } });
  await made.resources.create(AgentStack, org, { metadata: { name: 'coder' }, spec: { organizationRef: org, baseAgent: 'coder', adapter: 'coder' } });
  await made.resources.create(AgentDispatchRun, org, {
    metadata: { name: 'fix-1' },
    spec: { organizationRef: org, repository: 'bobs', agentStack: 'coder', taskKind: 'manual', sourceRefs: {}, requestedBy: { kind: 'user', name: 'ada' } } as never,
  });
  await made.git('bobs', 'push', '--quiet', 'origin', 'feature:kradle/runs/fix-1');
  const { metadata: { name: pr }, spec } = await made.as(bob).pulls.create({ org, repository: 'demo', title: 'Work of a run', sourceRepository: 'bobs', sourceBranch: 'kradle/runs/fix-1' });
  expect(spec).toMatchObject({ dispatchRun: 'fix-1', requesters: [{ kind: 'user', name: 'ada' }] });
  await made.as(ada).pulls.addReview({ org, pr, state: 'approved' });
  expect((await statusOf(made, pr))?.blockers?.map(({ code }) => code)).toEqual(['ApprovalsMissing']);
});

it('is kept by a repository that leaves the fork behind in another organization', async () => {
  const made = await openForks();
  await createOrganization(made.resources, { slug: 'other', displayName: 'Other' });
  await made.resources.create(User, 'other', { metadata: { name: 'ada' }, spec: { organizationRef: 'other', displayName: 'Ada', email: 'ada@example.com' } });
  await propose(made);
  const both: Actor = { ...ada, orgs: ['default', 'other'] };
  // What has the fork's name there is not the fork.
  await made.as(both).repositories.create({ org: 'other', name: 'bobs', initialize: true });
  await made.as(both).lifecycle.transfer({ org, repository: 'demo', organization: 'other' });
  const pull = await made.as(both).pulls.get({ org: 'other', pr: 'demo-1' });
  expect(pull.status).toMatchObject({ phase: 'Open', sourceExists: false, sourceRepository: { exists: false }, blockers: [] });
  expect((await made.as(both).pulls.merge({ org: 'other', pr: 'demo-1' })).merged).toBe(true);
});

it('takes an archived fork as it is, and nothing into an archived repository', async () => {
  const made = await openForks();
  await made.as(bob).lifecycle.archive({ org, repository: 'bobs' });
  const pr = await propose(made);
  await made.commit('demo', { 'd.txt': 'd\n' });
  await made.git('demo', 'push', '--quiet', 'origin', 'main');
  await expect(made.as(bob).pulls.updateBranch({ org, pr })).rejects.toMatchObject({ cause: { code: 'POLICY_DENIED' } });
  await made.as(ada).lifecycle.archive({ org, repository: 'demo' });
  expect((await made.as(ada).pulls.get({ org, pr })).status?.blockers?.map(({ code }) => code)).toContain('Archived');
});
