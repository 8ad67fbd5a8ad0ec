import { describe, expect, it } from 'vitest';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentDispatchAttempt } from '#shared/kinds/agents/agentDispatchAttempt';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import { createAgentsFixture, SHA, type AgentsFixture } from '../../../test/harness/agentsFixture';
import { silentLogger } from '../../app/log';
import { createRunController } from './runController';
import type { Run } from './runState';
import { createWorkspaceController } from './workspaceController';

const org = 'default';
const context = { signal: new AbortController().signal, log: silentLogger() };

async function world(): Promise<AgentsFixture> {
  const fixture = await createAgentsFixture();
  await fixture.resources.create(AgentAdapter, org, { metadata: { name: 'coder' }, spec: { organizationRef: org, adapterType: 'acp', command: ['coder'] } });
  await fixture.resources.create(AgentStack, org, { metadata: { name: 'coder' }, spec: { organizationRef: org, baseAgent: 'coder', adapter: 'coder' } });
  return fixture;
}

const dispatch = (fixture: AgentsFixture, name: string, spec: Partial<Run['spec']> = {}) =>
  fixture.resources.create(AgentDispatchRun, org, { metadata: { name }, spec: { organizationRef: org, repository: 'shop', agentStack: 'coder', taskKind: 'manual', sourceRefs: {}, prompt: 'Do it.', branch: 'main', sha: SHA.base, ...spec } });

const read = (fixture: AgentsFixture, name: string) => fixture.resources.get(AgentDispatchRun, { org, name });

/** Both controllers, as new processes would run them, until nothing moves. */
async function settle(fixture: AgentsFixture, ...names: string[]): Promise<void> {
  for (let round = 0; round < 8; round += 1) {
    for (const name of names) await createRunController(fixture.ctx).reconcile({ org, name }, context).catch(() => undefined);
    for (const { metadata } of (await fixture.resources.list(KradleWorkspace, { org })).items) await createWorkspaceController(fixture.ctx).reconcile({ org, name: metadata.name }, context).catch(() => undefined);
  }
}

describe('the run controller', () => {
  it('starts a run once, wherever the process is killed on the way', async () => {
    const counted = await world();
    await dispatch(counted, 'one');
    const deeds: string[] = [];
    counted.onDeed = (deed) => deeds.push(deed);
    await settle(counted, 'one');
    expect(deeds).toContain('after launch');

    for (const [position, deed] of deeds.entries()) {
      // A worktree that could not be made is another story than a process that was killed.
      if (deed.endsWith(' prepare')) continue;
      const fixture = await world();
      await dispatch(fixture, 'one');
      let done = 0;
      fixture.onDeed = () => {
        done += 1;
        if (done === position + 1) throw new Error('killed here');
      };
      await settle(fixture, 'one');
      expect((await read(fixture, 'one')).status, deed).toMatchObject({ phase: 'Running', attemptNumber: 1, branch: 'kradle/runs/one', baseSha: SHA.base });
      expect((await fixture.resources.list(AgentDispatchAttempt, { org })).items, deed).toHaveLength(1);
      const claimed = (await fixture.resources.list(KradleWorkspace, { org })).items.filter(({ status }) => status?.claimedBy === 'one');
      expect(claimed.map(({ metadata }) => metadata.name), deed).toEqual([(await read(fixture, 'one')).status?.workspaceRef]);
      // Another launch of an attempt that has a runner ends at once; that is the runner's own lock.
      expect(fixture.launched.length, deed).toBeLessThanOrEqual(2);
    }
  });

  it('never starts more than may work, and starts the next when one ends', async () => {
    const fixture = await world();
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) await dispatch(fixture, name);
    await settle(fixture, ...names);
    const phases = async () => (await Promise.all(names.map((name) => read(fixture, name)))).map(({ status }) => status?.phase);
    expect(await phases()).toEqual(['Running', 'Running', 'Queued', 'Queued']);
    expect((await read(fixture, 'c')).status).toMatchObject({ reason: 'ConcurrencyLimit' });
    await fixture.resources.mutateStatus(AgentDispatchRun, { org, name: 'a' }, (status) => {
      status.phase = 'Completed';
    });
    fixture.runners.set('a/1', 'gone');
    await settle(fixture, ...names);
    expect(await phases()).toEqual(['Completed', 'Running', 'Running', 'Queued']);
  });

  it('cancels a run that has not started, and starts none that was cancelled', async () => {
    const fixture = await world();
    await dispatch(fixture, 'one', { cancelRequested: { by: { kind: 'user', name: 'ada' }, at: '2026-01-01T00:00:00Z', reason: 'mistake' } });
    await settle(fixture, 'one');
    expect((await read(fixture, 'one')).status).toMatchObject({ phase: 'Cancelled', reason: 'CancelledByUser', message: 'Cancelled by ada: mistake.' });
    expect(fixture.launched).toEqual([]);
  });

  it('gives a lost runner two more attempts, each in the same workspace, then fails', async () => {
    const fixture = await world();
    await dispatch(fixture, 'one');
    await settle(fixture, 'one');
    const { workspaceRef } = (await read(fixture, 'one')).status ?? {};
    for (const attempt of [1, 2, 3]) {
      expect((await read(fixture, 'one')).status).toMatchObject({ phase: 'Running', attemptNumber: attempt, workspaceRef });
      fixture.runners.set(`one/${attempt}`, 'gone');
      await settle(fixture, 'one');
    }
    expect((await read(fixture, 'one')).status).toMatchObject({ phase: 'Failed', reason: 'RunnerLost', retryable: true });
    const attempts = (await fixture.resources.list(AgentDispatchAttempt, { org })).items;
    expect(attempts.map(({ spec, status }) => [spec.attemptReason, status?.phase])).toEqual([['initial', 'Lost'], ['runner-lost', 'Lost'], ['runner-lost', 'Lost']]);
    expect((await fixture.resources.get(KradleWorkspace, { org, name: workspaceRef ?? '' })).status).toMatchObject({ phase: 'Ready', lastRun: 'one' });
  });

  it('kills what does not stop at its deadline, and says so', async () => {
    const fixture = await world();
    await dispatch(fixture, 'one', { deadline: '10s' });
    await settle(fixture, 'one');
    fixture.clock.advance(11_000);
    await settle(fixture, 'one');
    expect((await read(fixture, 'one')).status).toMatchObject({ phase: 'Running', deadlineExceeded: true });
    expect(fixture.killed).toEqual([]);
    fixture.clock.advance(31_000);
    await settle(fixture, 'one');
    expect(fixture.killed).not.toEqual([]);
    expect((await read(fixture, 'one')).status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded', message: expect.stringContaining('did not stop by itself') as string });
  });

  it.each([
    { what: 'repository', spec: { repository: 'nowhere' }, reason: 'RepositoryNotFound', says: '"nowhere"' },
    { what: 'task', spec: { prompt: undefined }, reason: 'TaskMissing', says: 'spec.prompt' },
    { what: 'task in words', spec: { prompt: ' \n' }, reason: 'TaskMissing', says: 'spec.prompt' },
    { what: 'commit', spec: { sha: undefined, ref: 'refs/heads/gone' }, reason: 'CommitNotFound', says: 'refs/heads/gone' },
    { what: 'commit by its full id', spec: { sha: 'abcdef1234567890' }, reason: 'CommitNotFound', says: 'abcdef1234567890' },
  ])('fails a run that has no $what, and says so', async ({ spec, reason, says }) => {
    const fixture = await world();
    await dispatch(fixture, 'one', spec);
    await settle(fixture, 'one');
    expect((await read(fixture, 'one')).status).toMatchObject({ phase: 'Failed', reason, message: expect.stringContaining(says) as string });
    expect(fixture.launched).toEqual([]);
  });

  it('fails a run whose agent is gone or not ready, with the reason', async () => {
    const fixture = await world();
    await fixture.resources.mutate(AgentStack, { org, name: 'coder' }, ({ spec }) => {
      spec.toolProfileRef = 'nobody-made-it';
    });
    await dispatch(fixture, 'one');
    await settle(fixture, 'one');
    expect((await read(fixture, 'one')).status).toMatchObject({ phase: 'Failed', reason: 'PermissionReviewDenied', message: expect.stringContaining('nobody-made-it') as string });
  });

  it('goes on with what was dispatched when the stack is edited meanwhile', async () => {
    const fixture = await world();
    await dispatch(fixture, 'one');
    await settle(fixture, 'one');
    await fixture.resources.mutate(AgentStack, { org, name: 'coder' }, ({ spec }) => {
      spec.model = 'another';
    });
    fixture.runners.set('one/1', 'gone');
    await settle(fixture, 'one');
    const second = await fixture.resources.get(AgentDispatchAttempt, { org, name: 'one-2' });
    expect(second.spec.agentStackSnapshot.spec).not.toHaveProperty('model');
  });
});
