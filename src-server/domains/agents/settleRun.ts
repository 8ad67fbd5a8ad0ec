import { conditionOf, setCondition } from '#shared/kind/conditions';
import { AgentDispatchAttempt } from '#shared/kinds/agents/agentDispatchAttempt';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentSession } from '#shared/kinds/agents/agentSession';
import { isStatusError } from '#shared/api/status';
import type { ReconcileResult } from '../../runtime/controller';
import { timestampOf } from '../../app/clock';
import type { AgentsContext } from './agentsContext';
import { attemptName } from './runNames';
import { tellPhase } from './runEvents';
import type { Run } from './runState';
import { withdrawApprovals } from './superviseRun';
import { sealTranscript } from './transcripts';
import { releaseWorkspace } from './workspaces';

/** Condition of a run whose end has been followed up. */
export const SETTLED = 'Settled';

export function isSettled(run: Pick<Run, 'status'>): boolean {
  return conditionOf(run.status?.conditions, SETTLED)?.status === 'True';
}

/** Follows up the end of a run, whoever ended it and however often this is repeated. */
export async function settleRun(ctx: AgentsContext, org: string, run: Run): Promise<ReconcileResult | undefined> {
  if (isSettled(run)) return undefined;
  const ref = { org, name: run.metadata.name };
  const attempt = run.status?.attemptNumber;
  await tellPhase(ctx.eventLog, org, run);
  await withdrawApprovals(ctx, ref);
  if (attempt !== undefined && run.status?.startedAt !== undefined) {
    const runner = await ctx.launcher.inspect({ org, run: ref.name, attempt });
    // It ends by itself within a moment of its callback; one that does not is ended.
    if (runner.state === 'alive' && ctx.clock.now() - endedMs(run) < RUNNER_END_MS) return { requeueAfterMs: 200 };
    if (runner.state !== 'absent') await ctx.launcher.kill({ org, run: ref.name, attempt });
  }
  await closeAttempt(ctx, org, run);
  const transcript = await sealTranscript(ctx, org, run);
  if (run.status?.workspaceRef !== undefined) await releaseWorkspace(ctx, org, { workspace: run.status.workspaceRef, run: ref.name });
  const now = timestampOf(ctx.clock);
  await ctx.resources.mutateStatus(AgentDispatchRun, ref, (status, current) => {
    status.conditions = setCondition(status.conditions, { type: SETTLED, status: 'True', reason: 'Followed', observedGeneration: current.metadata.generation }, now);
    if (transcript === undefined) return;
    status.transcriptRef = transcript.name;
    status.eventCount = transcript.eventCount;
  });
  return undefined;
}

const RUNNER_END_MS = 10_000;

function endedMs(run: Run): number {
  return Date.parse(run.status?.completedAt ?? run.status?.failedAt ?? run.metadata.creationTimestamp);
}

async function closeAttempt(ctx: AgentsContext, org: string, run: Run): Promise<void> {
  const { attemptNumber, phase, reason, message, exitCode, sessionRef, costUsd } = run.status ?? {};
  if (attemptNumber === undefined) return;
  const at = new Date(endedMs(run)).toISOString();
  await ifThere(
    ctx.resources.mutateStatus(AgentDispatchAttempt, { org, name: attemptName(run.metadata.name, attemptNumber) }, (status) => {
      if (status.phase === 'Lost') return;
      status.phase = phase === 'Completed' ? 'Succeeded' : phase === 'Cancelled' ? 'Cancelled' : 'Failed';
      status.finishedAt ??= at;
      if (reason !== undefined) status.exitReason = reason;
      if (message !== undefined) status.message = message;
      if (exitCode !== undefined) status.exitCode = exitCode;
    }),
  );
  if (sessionRef === undefined) return;
  await ifThere(
    ctx.resources.mutateStatus(AgentSession, { org, name: sessionRef }, (status) => {
      status.phase = phase === 'Completed' ? 'Completed' : phase === 'Cancelled' ? 'Cancelled' : 'Failed';
      status.endedAt ??= at;
      status.turns ??= 1;
      if (costUsd !== undefined) status.costUsd = costUsd;
    }),
  );
}

async function ifThere(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
