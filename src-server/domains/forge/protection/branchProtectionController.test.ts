import { afterEach, beforeEach, expect, it } from 'vitest';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';

const org = 'default';
let fixture: ForgeFixture;

beforeEach(async () => {
  fixture = await createForgeFixture();
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

it('judges open pull requests anew when a rule or a setting of the repository comes, changes or goes', async () => {
  await fixture.seed('demo');
  const name = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
  const manager = await fixture.startControllers();
  const blockers = async (): Promise<string[]> => {
    await manager.drain();
    return ((await fixture.resources.get(PullRequest, { org, name })).status?.blockers ?? []).map(({ code }) => code);
  };
  expect(await blockers()).toEqual([]);
  await fixture.resources.create(BranchProtection, org, { metadata: { name: 'rule' }, spec: { organizationRef: org, refs: ['main'], requiredApprovals: 1 } });
  expect(await blockers()).toEqual(['ApprovalsMissing']);
  await fixture.resources.mutate(BranchProtection, { org, name: 'rule' }, ({ spec }) => {
    spec.requiredChecks = ['lint'];
  });
  expect(await blockers()).toEqual(['ApprovalsMissing', 'ChecksMissing']);
  await fixture.resources.delete(BranchProtection, { org, name: 'rule' });
  expect(await blockers()).toEqual([]);
  await fixture.resources.mutate(Repository, { org, name: 'demo' }, ({ spec }) => {
    spec.archived = true;
  });
  expect(await blockers()).toEqual(['Archived']);
});
