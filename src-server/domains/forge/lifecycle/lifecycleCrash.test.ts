import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { AnyKind } from '#shared/kind/defineKind';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { Review } from '#shared/kinds/forge/review';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { createOrganization } from '../../identity/organizations';
import type { Actor } from '../../../resources/actor';
import { admin, ada, bob, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';
import { DeletedObject, DeletedRepository, RepositoryMove } from './lifecycleKinds';

const org = 'default';
const both: Actor = { ...ada, orgs: ['default', 'other'] };

interface Operation {
  readonly name: string;
  readonly run: (fixture: ForgeFixture) => Promise<unknown>;
  /** Where the repository is when it is through; undefined: deleted. */
  readonly to: { readonly org: string; readonly name: string } | undefined;
  readonly prepare?: (fixture: ForgeFixture) => Promise<unknown>;
}

const deletionOf = async (fixture: ForgeFixture): Promise<string> => (await fixture.as(admin).lifecycle.deleted({ org })).items[0]?.id ?? '';

const OPERATIONS: readonly Operation[] = [
  { name: 'a rename', run: (fixture) => fixture.as(ada).lifecycle.rename({ org, repository: 'demo', name: 'better' }), to: { org, name: 'better' } },
  { name: 'a transfer', run: (fixture) => fixture.as(both).lifecycle.transfer({ org, repository: 'demo', organization: 'other', name: 'theirs' }), to: { org: 'other', name: 'theirs' } },
  {
    name: 'a deletion',
    run: async (fixture) => {
      await fixture.as(ada).repositories.delete({ org, repository: 'demo' });
      await fixture.forge.advance({ org, name: 'demo' });
    },
    to: undefined,
  },
  {
    name: 'a restoration',
    async prepare(fixture) {
      await fixture.as(ada).repositories.delete({ org, repository: 'demo' });
      await fixture.forge.advance({ org, name: 'demo' });
    },
    run: async (fixture) => fixture.as(admin).lifecycle.restore({ org, id: await deletionOf(fixture), name: 'again' }),
    to: { org, name: 'again' },
  },
];

async function seeded(left: { count: number }): Promise<ForgeFixture> {
  const fixture = await createForgeFixture({ writesLeft: left });
  await createOrganization(fixture.resources, { slug: 'other', displayName: 'Other' });
  await fixture.resources.create(User, 'other', { metadata: { name: 'ada' }, spec: { organizationRef: 'other', displayName: 'Ada', email: 'ada@example.com' } });
  await fixture.seed('demo');
  const pull = await fixture.openPull('demo', 'topic', { 'b.txt': 'b\n' });
  await fixture.as(bob).pulls.addReview({ org, pr: pull, state: 'approved', body: 'Fine.' });
  await fixture.resources.create(BranchProtection, org, { metadata: { name: 'rule' }, spec: { organizationRef: org, repository: 'demo', refs: ['release/*'] } });
  await fixture.resources.create(Team, org, { metadata: { name: 'core' }, spec: { organizationRef: org, displayName: 'Core', repositoryGrants: [{ repository: 'demo', permission: 'write' }] } });
  await fixture.forge.idle();
  return fixture;
}

/** Everything about the repository is at its new place, once, and nothing at the old one. */
async function expectWhole(fixture: ForgeFixture, to: Operation['to'], at: string): Promise<void> {
  const all = async (kind: AnyKind) => (await fixture.resources.list(kind as typeof Repository, { org: '*' })).items.map(({ metadata }) => `${metadata.namespace.replace('kradle-org-', '')}/${metadata.name}`);
  const folders = (await Promise.all([org, 'other'].map(async (each) => (await readdir(join(fixture.folder, 'repositories', each)).catch(() => [])).map((name) => `${each}/${name}`)))).flat();
  expect(await all(RepositoryMove), at).toEqual([]);
  if (to === undefined) {
    expect([...(await all(Repository)), ...(await all(PullRequest)), ...(await all(Review)), ...(await all(BranchProtection))], at).toEqual([]);
    const { items } = await fixture.as(admin).lifecycle.deleted({ org });
    expect(items, at).toMatchObject([{ phase: 'Deleted', repository: 'demo' }]);
    expect(items[0]?.objects, at).toEqual(expect.arrayContaining([{ kind: 'PullRequest', count: 1 }, { kind: 'Review', count: 1 }, { kind: 'BranchProtection', count: 1 }]));
    expect(folders, at).toEqual([`${org}/Deleted-${items[0]?.id ?? ''}.git`]);
    return;
  }
  expect(await all(Repository), at).toEqual([`${to.org}/${to.name}`]);
  expect(await all(PullRequest), at).toEqual([`${to.org}/${to.name}-1`]);
  expect((await fixture.resources.list(Review, { org: to.org })).items, at).toMatchObject([{ spec: { pullRequest: `${to.name}-1` }, metadata: { ownerReferences: [{ name: `${to.name}-1` }] } }]);
  expect((await fixture.resources.list(BranchProtection, { org: to.org })).items, at).toMatchObject([{ spec: { repository: to.name } }]);
  expect(await all(DeletedRepository), at).toEqual([]);
  await expect.poll(() => all(DeletedObject), { message: at }).toEqual([]);
  expect(folders, at).toEqual([`${to.org}/${to.name}.git`]);
  const grants = (await fixture.resources.get(Team, { org, name: 'core' })).spec.repositoryGrants?.map(({ repository }) => repository) ?? [];
  expect(grants, at).toEqual(to.org === org ? [to.name] : []);
  const repository = await fixture.resources.get(Repository, to);
  expect(repository.status, at).toMatchObject({ phase: 'Ready', branchCount: 2, empty: false });
  expect((await fixture.as(both).pulls.get({ org: to.org, pr: `${to.name}-1` })).status, at).toMatchObject({ phase: 'Open', approvals: 1 });
}

/** Whether what was asked for had got as far as to be noted: then it has to be finished, and else nothing of it may be left. */
async function hasBegun({ resources }: ForgeFixture, to: Operation['to']): Promise<boolean> {
  const [moves, deletions, repositories] = await Promise.all([resources.list(RepositoryMove, { org }), resources.list(DeletedRepository, { org }), resources.list(Repository, { org: '*' })]);
  if (to === undefined) return deletions.items.length > 0 || repositories.items.some(({ metadata }) => metadata.deletionTimestamp !== undefined);
  return moves.items.length > 0 || deletions.items.some(({ status }) => status?.phase === 'Restoring') || repositories.items.some(({ metadata, spec }) => metadata.name === to.name && spec.organizationRef === to.org);
}

it.each(OPERATIONS)('$name that is cut off at any write is finished at the next start', async ({ run, to, prepare }) => {
  let through = false;
  for (let writes = 1; !through; writes += 1) {
    const left = { count: Number.POSITIVE_INFINITY };
    let fixture = await seeded(left);
    try {
      await prepare?.(fixture);
      left.count = writes;
      const before = await run(fixture).then(() => 'done', () => 'killed');
      through = before === 'done' && left.count >= 0;
      await fixture.forge.idle();
      left.count = Number.POSITIVE_INFINITY;
      fixture = await fixture.restart();
      const begun = through || (await hasBegun(fixture, to));
      const settled = begun ? to : prepare === undefined ? { org, name: 'demo' } : undefined;
      await fixture.startControllers();
      const at = `killed after ${writes} writes (${before})`;
      await expect.poll(async () => expectWhole(fixture, settled, at).then(() => 'whole', (error: unknown) => (error instanceof Error ? `${error.message}` : 'no')), { timeout: 10_000, interval: 50 }).toBe('whole');
    } finally {
      await fixture[Symbol.asyncDispose]();
    }
  }
}, 600_000);
