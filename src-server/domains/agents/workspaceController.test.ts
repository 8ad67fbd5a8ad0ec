import { describe, expect, it } from 'vitest';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { Repository } from '#shared/kinds/forge/repository';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import { createAgentsFixture, SHA, type AgentsFixture } from '../../../test/harness/agentsFixture';
import { silentLogger } from '../../app/log';
import type { WorktreeStatus } from './worktreePort';
import { createWorkspaceController, createWorkspacePoolController } from './workspaceController';

const org = 'default';
const context = { signal: new AbortController().signal, log: silentLogger() };
const DAY_MS = 86_400_000;

async function world(): Promise<AgentsFixture> {
  const fixture = await createAgentsFixture();
  await fixture.resources.create(AgentStack, org, { metadata: { name: 'coder' }, spec: { organizationRef: org, baseAgent: 'coder', adapter: 'coder' } });
  await fixture.resources.create(AgentDispatchRun, org, {
    metadata: { name: 'one' },
    spec: { organizationRef: org, repository: 'shop', agentStack: 'coder', taskKind: 'manual', sourceRefs: {}, prompt: 'x' },
    status: { phase: 'Completed' },
  });
  return fixture;
}

const all = async (fixture: AgentsFixture) => (await fixture.resources.list(KradleWorkspace, { org })).items;

async function settle(fixture: AgentsFixture): Promise<void> {
  for (let round = 0; round < 6; round += 1) {
    await createWorkspacePoolController(fixture.ctx).reconcile({ org, name: 'shop' }, context);
    for (const { metadata } of await all(fixture)) await createWorkspaceController(fixture.ctx).reconcile({ org, name: metadata.name }, context);
  }
}

async function released(fixture: AgentsFixture, worktree: WorktreeStatus): Promise<void> {
  const at = new Date(fixture.clock.now()).toISOString();
  Object.assign(fixture.ctx.worktrees, { status: async () => worktree });
  await fixture.resources.create(KradleWorkspace, org, {
    metadata: { name: 'used' },
    spec: { organizationRef: org, repository: 'shop', volumeSpec: { type: 'worktree' } },
    status: { phase: 'Ready', path: '/nowhere/used', lastRun: 'one', releasedAt: at },
  });
}

describe('the pool of workspaces', () => {
  it('keeps one ready, at the head of the default branch', async () => {
    const fixture = await world();
    await settle(fixture);
    expect((await all(fixture)).map(({ status }) => [status?.phase, status?.baseSha])).toEqual([['Ready', SHA.base]]);
    await fixture.resources.mutateStatus(Repository, { org, name: 'shop' }, (status) => {
      status.defaultBranchHead = SHA.head;
    });
    await settle(fixture);
    expect((await all(fixture)).map(({ status }) => [status?.phase, status?.baseSha])).toEqual([['Ready', SHA.head]]);
  });

  it('makes none for a repository that nobody dispatched to', async () => {
    const fixture = await createAgentsFixture();
    await settle(fixture);
    expect(await all(fixture)).toEqual([]);
  });

  it('does not pile up what cannot be made, and tries again after a while', async () => {
    const fixture = await world();
    let full = true;
    fixture.onDeed = (deed) => {
      if (full && deed === 'before prepare') throw new Error('no space left on device');
    };
    await settle(fixture);
    expect((await all(fixture)).map(({ status }) => [status?.phase, status?.message])).toEqual([['Failed', 'The worktree could not be made: no space left on device']]);
    full = false;
    await settle(fixture);
    expect((await all(fixture)).map(({ status }) => status?.phase)).toEqual(['Failed']);
    fixture.clock.advance(61_000);
    await settle(fixture);
    expect((await all(fixture)).map(({ status }) => status?.phase)).toEqual(['Ready']);
  });
});

describe('a workspace that a run gave back', () => {
  const used = (fixture: AgentsFixture) => fixture.resources.get(KradleWorkspace, { org, name: 'used' });

  it('goes a day after success, when its work is in the forge', async () => {
    const fixture = await world();
    await released(fixture, { headSha: SHA.head, dirtyFiles: 0, unpushedCommits: 0 });
    await settle(fixture);
    expect((await used(fixture)).status?.phase).toBe('Ready');
    fixture.clock.advance(DAY_MS + 1000);
    await settle(fixture);
    expect((await used(fixture)).status).toMatchObject({ phase: 'Archived' });
  });

  it.each([{ dirtyFiles: 1, unpushedCommits: 0 }, { dirtyFiles: 0, unpushedCommits: 1 }])('never goes by itself with work that is nowhere else: %o', async (work) => {
    const fixture = await world();
    await released(fixture, { headSha: SHA.head, ...work });
    fixture.clock.advance(100 * DAY_MS);
    await settle(fixture);
    expect((await used(fixture)).status).toMatchObject({ phase: 'Ready', message: expect.stringContaining('in no branch of the forge') as string });
    await fixture.resources.mutate(KradleWorkspace, { org, name: 'used' }, ({ spec }) => {
      spec.archiveRequested = true;
    });
    await settle(fixture);
    expect((await used(fixture)).status?.phase).toBe('Archived');
  });

  it('is never handed to another run as a warm one', async () => {
    const fixture = await world();
    await released(fixture, { headSha: SHA.head, dirtyFiles: 0, unpushedCommits: 1 });
    await settle(fixture);
    expect((await all(fixture)).filter(({ status }) => status?.lastRun === undefined)).toHaveLength(1);
  });
});
