import { describe, expect, it } from 'vitest';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { KradleArtifact } from '#shared/kinds/agents/kradleArtifact';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { createAgentsFixture, SHA, type AgentsFixture } from '../../../test/harness/agentsFixture';
import { silentLogger } from '../../app/log';
import type { Run } from './runState';
import { createWriteBackController } from './writeBackController';

const org = 'default';
const run = 'run-1';
const BRANCH = `shop/kradle/runs/${run}`;
const context = { signal: new AbortController().signal, log: silentLogger() };

async function completedRun(fixture: AgentsFixture): Promise<void> {
  const digest = await fixture.blob('the patch');
  await fixture.resources.create(AgentStack, org, { metadata: { name: 'coder' }, spec: { organizationRef: org, baseAgent: 'coder', adapter: 'coder' } });
  await fixture.resources.create(AgentDispatchRun, org, {
    metadata: { name: run },
    spec: { organizationRef: org, repository: 'shop', agentStack: 'coder', taskKind: 'manual', sourceRefs: {}, prompt: 'Do it.', title: 'Do it', branch: 'main', sha: SHA.base },
    status: { phase: 'Completed', headSha: SHA.head, changedFiles: 1, additions: 1, deletions: 0, artifacts: [{ kind: 'patch', name: `${run}-1-patch`, digest }] },
  });
  await fixture.resources.create(KradleArtifact, org, {
    metadata: { name: `${run}-1-patch` },
    spec: { organizationRef: org, dispatchRun: run, kind: 'patch', digest, patch: { baseSha: SHA.base, headSha: SHA.head } },
  });
}

/** Reconciles as the manager does: again after an error, until nothing is left to do. */
async function settle(fixture: AgentsFixture): Promise<Run> {
  for (let round = 0; round < 10; round += 1) {
    // A new process has a new controller and remembers nothing.
    await createWriteBackController(fixture.ctx).reconcile({ org, name: run }, context).catch(() => undefined);
  }
  return fixture.resources.get(AgentDispatchRun, { org, name: run });
}

const approve = (fixture: AgentsFixture) =>
  fixture.resources.mutateStatus(AgentApproval, { org, name: `${run}-write-back` }, (status) => {
    status.phase = 'Approved';
    status.decidedBy = { kind: 'user', name: 'ada' };
  });

describe('the write-back', () => {
  it('makes one branch and one pull request, wherever the process is killed on the way', async () => {
    const counted = await createAgentsFixture();
    await completedRun(counted);
    await settle(counted);
    await approve(counted);
    const deeds: string[] = [];
    counted.onDeed = (deed) => deeds.push(deed);
    await settle(counted);
    expect(deeds).toContain('after acceptBranch');

    for (const [position, deed] of deeds.entries()) {
      const fixture = await createAgentsFixture();
      await completedRun(fixture);
      await settle(fixture);
      await approve(fixture);
      let done = 0;
      fixture.onDeed = () => {
        done += 1;
        if (done === position + 1) throw new Error('killed here');
      };
      const { status } = await settle(fixture);
      expect(status?.writeBack, deed).toMatchObject({ phase: 'Applied', pullRequestRef: 'shop-1', sha: SHA.head });
      expect(fixture.branches.get(BRANCH), deed).toBe(SHA.head);
      expect((await fixture.resources.list(PullRequest, { org })).items, deed).toHaveLength(1);
    }
  });

  it('asks once, and does nothing before the answer', async () => {
    const fixture = await createAgentsFixture();
    await completedRun(fixture);
    const { status } = await settle(fixture);
    expect(status?.writeBack).toMatchObject({ phase: 'AwaitingApproval', approvalRef: `${run}-write-back` });
    expect((await fixture.resources.list(AgentApproval, { org })).items).toHaveLength(1);
    expect(fixture.branches.has(BRANCH)).toBe(false);
  });

  it('fails for good when the target branch is gone, and keeps the approval\'s word of why', async () => {
    const fixture = await createAgentsFixture();
    await completedRun(fixture);
    await settle(fixture);
    await approve(fixture);
    fixture.branches.delete('shop/main');
    const { status } = await settle(fixture);
    expect(status?.writeBack).toMatchObject({ phase: 'Failed', message: expect.stringContaining('"main"') as string });
    expect((await fixture.resources.get(AgentApproval, { org, name: `${run}-write-back` })).status).toMatchObject({ phase: 'Approved', applied: false, applyMessage: status?.writeBack?.message });
    expect(fixture.branches.has(BRANCH)).toBe(false);
  });

  it('does not open a second pull request after people closed the first', async () => {
    const fixture = await createAgentsFixture();
    await completedRun(fixture);
    await settle(fixture);
    await approve(fixture);
    fixture.onDeed = (deed) => {
      if (deed === 'after createPullRequest') throw new Error('killed here');
    };
    await createWriteBackController(fixture.ctx).reconcile({ org, name: run }, context).catch(() => undefined);
    await fixture.resources.mutate(PullRequest, { org, name: 'shop-1' }, ({ spec }) => {
      spec.state = 'closed';
    });
    fixture.onDeed = () => undefined;
    expect((await settle(fixture)).status?.writeBack).toMatchObject({ phase: 'Applied', pullRequestRef: 'shop-1' });
    expect((await fixture.resources.list(PullRequest, { org })).items).toHaveLength(1);
  });
});
