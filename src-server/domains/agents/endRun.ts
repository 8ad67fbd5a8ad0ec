import { isStatusError } from '#shared/api/status';
import { AgentDispatchRun, type RunReason } from '#shared/kinds/agents/agentDispatchRun';
import { timestampOf } from '../../app/clock';
import type { AgentsContext } from './agentsContext';
import { tellPhase } from './runEvents';
import { enterPhase, type Run, type RunStatus } from './runState';

export interface RunEnd {
  readonly phase: 'Completed' | 'Failed' | 'Cancelled';
  readonly reason?: RunReason | undefined;
  readonly message?: string | undefined;
  readonly retryable?: boolean | undefined;
  /** Further facts, set in the same write. */
  readonly also?: (status: RunStatus) => void;
}

/**
 * Ends a run, once: whoever comes second gets `Conflict` and changes nothing. What follows from the end (approvals, session,
 * transcript, workspace, write-back) is done by the controllers, which see it.
 */
export async function endRun(ctx: AgentsContext, ref: { org: string; name: string }, end: RunEnd): Promise<Run> {
  const now = timestampOf(ctx.clock);
  const run = await ctx.resources.mutateStatus(AgentDispatchRun, ref, (status, current) => {
    enterPhase(status, end.phase, now);
    delete status.reason;
    delete status.message;
    delete status.pendingApprovals;
    if (end.reason !== undefined) status.reason = end.reason;
    if (end.message !== undefined) status.message = end.message;
    if (end.phase === 'Failed') {
      status.lastError = end.message ?? end.reason ?? 'failed';
      status.retryable = end.retryable ?? false;
      if (end.reason === 'DeadlineExceeded') status.deadlineExceeded = true;
    }
    status.observedGeneration = current.metadata.generation;
    end.also?.(status);
  });
  await tellPhase(ctx.eventLog, ref.org, run);
  ctx.bells.ring(ref.org, ref.name);
  return run;
}

/** {@link endRun} for callers to whom it is the same who ended the run. */
export async function endRunIfOpen(ctx: AgentsContext, ref: { org: string; name: string }, end: RunEnd): Promise<void> {
  try {
    await endRun(ctx, ref, end);
  } catch (error) {
    if (!isStatusError(error, 'Conflict', 'NotFound')) throw error;
  }
}
