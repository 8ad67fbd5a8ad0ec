import { describe, expect, it } from 'vitest';
import { AgentDispatchRun, runReason } from '#shared/kinds/agents/agentDispatchRun';
import { reasonSentence, runDurationMs, runStory, type RunObject } from './runStory';

const now = Date.parse('2026-11-21T06:10:00Z');

describe('runStory', () => {
  it.each<[string, RunObject['status'], string, boolean]>([
    ['a question', { phase: 'Running', reason: 'PermissionRequested', message: 'permission to edit calc.js' }, 'Waiting for you: permission to edit calc.js', true],
    ['a question without a reason yet', { phase: 'Running', pendingApprovals: ['a'] }, 'Waiting for you: The agent asks for permission.', true],
    ['silence', { phase: 'Running', reason: 'Stalled', lastActivityAt: '2026-11-21T06:05:00Z' }, 'Stalled: The agent has been silent for 5m.', true],
    ['a start', { phase: 'Queued', reason: 'AgentStarting' }, 'Starting: Starting the agent.', false],
    ['work that waits for approval', { phase: 'Completed', writeBack: { phase: 'AwaitingApproval' } }, 'Waiting for you: The work is done. Approve it, and it becomes a pull request.', true],
    ['work that changed nothing', { phase: 'Completed', writeBack: { phase: 'NothingToWrite' } }, 'Completed: The agent changed no file.', false],
    ['a failed write-back', { phase: 'Completed', writeBack: { phase: 'Failed', message: 'main is protected' } }, 'Write-back failed: main is protected', true],
    ['an empty turn', { phase: 'Failed', reason: 'AgentEmptyTurn' }, 'Failed: The agent ended its turn without saying or changing anything.', false],
  ])('says the truth about %s', (...[, status, expected, needsYou]) => {
    const story = runStory(run(status), now);
    expect(`${story.label}: ${story.detail}`).toBe(expected);
    expect(story.needsYou).toBe(needsYou);
  });

  it('names who cancelled and why', () => {
    const cancelled = run({ phase: 'Cancelled' }, { cancelRequested: { by: { kind: 'user', name: 'mira' }, at: '2026-11-21T06:00:00Z', reason: 'wrong branch' } });
    expect(runStory(cancelled, now).detail).toBe('Cancelled by mira: wrong branch');
  });

  it('has a sentence for every reason that a run can have', () => {
    for (const reason of runReason.options) expect(reasonSentence(reason)).toMatch(/^[A-Z].* .*\.$/);
  });
});

describe('runDurationMs', () => {
  it('counts on while the run goes and stands still after', () => {
    expect(runDurationMs(run({ phase: 'Running', startedAt: '2026-11-21T06:09:00Z' }), now)).toBe(60_000);
    expect(runDurationMs(run({ phase: 'Failed', startedAt: '2026-11-21T06:00:00Z', failedAt: '2026-11-21T06:00:05Z' }), now)).toBe(5000);
    expect(runDurationMs(run({ phase: 'Pending' }), now)).toBeUndefined();
  });
});

function run(status: RunObject['status'], spec: Partial<RunObject['spec']> = {}): RunObject {
  return {
    apiVersion: AgentDispatchRun.apiVersion,
    kind: 'AgentDispatchRun',
    metadata: { name: 'r', namespace: 'kradle-org-default', uid: 'u', resourceVersion: '1', generation: 1, creationTimestamp: '2026-11-21T06:00:00Z' },
    spec: { organizationRef: 'default', repository: 'demo', sourceRefs: {}, agentStack: 'a', taskKind: 'manual', attemptNumber: 1, ...spec },
    status,
  };
}
