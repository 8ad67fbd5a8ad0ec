import { durationMs } from '#shared/kind/durations';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { AgentDispatchAttempt } from '#shared/kinds/agents/agentDispatchAttempt';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { timestampOf } from '../../app/clock';
import type { ReconcileResult } from '../../runtime/controller';
import type { AgentsContext } from './agentsContext';
import { adapterOf, ensureAttempt, stackOf, type Attempt } from './attempts';
import { endRunIfOpen } from './endRun';
import { attemptName } from './runNames';
import { DEFAULT_DEADLINE_MS, DEFAULT_STALL_MS, runningWait } from './runReason';
import { clearWait, durationText, isEnded, phaseOf, setWait, type Run } from './runState';
import { tellRun } from './runEvents';
import { stopOrder } from './stopOrder';

const CHECK_MS = 2_000;
/** A runner that was launched and never wrote its record by then never will; its launch is tried again before. */
const RELAUNCH_MS = 10_000;
const NEVER_STARTED_MS = 30_000;
/** Executions beyond the first, after runners were lost. */
const MAX_RECOVERIES = 2;
/** Time that a runner has to end its agent and hand in what there is, after it was told to stop. */
const STOP_GRACE_MS = 30_000;

/** Watches over a run that works: is its runner there, is its time over, does the agent do anything? */
export async function superviseRun(ctx: AgentsContext, org: string, run: Run): Promise<ReconcileResult | undefined> {
  const ref = { org, name: run.metadata.name };
  const number = run.status?.attemptNumber ?? 1;
  const attempt = await ensureAttempt(ctx.resources, run, { org, attempt: number, reason: 'runner-lost', now: timestampOf(ctx.clock) });
  const place = { org, run: ref.name, attempt: number };
  const runner = await ctx.launcher.inspect(place);
  const nowMs = ctx.clock.now();
  const startedMs = Date.parse(attempt.status?.startedAt ?? run.status?.startedAt ?? timestampOf(ctx.clock));
  // Either way: a start in the future is one by a clock that has been set back since.
  const startedAgoMs = Math.abs(nowMs - startedMs);
  if (runner.state === 'gone' || (runner.state === 'absent' && startedAgoMs > NEVER_STARTED_MS)) return recover(ctx, ref, number);
  if (runner.state === 'absent' && (attempt.status?.phase !== 'Running' || startedAgoMs > RELAUNCH_MS)) {
    await ctx.launcher.launch(place, { inheritEnv: adapterOf(attempt).inheritEnv ?? [] });
    await markStarted(ctx, org, attempt);
    return { requeueAfterMs: CHECK_MS };
  }
  if (await enforceEnd(ctx, ref, { run, attempt })) return undefined;
  await noteWait(ctx, ref, attempt);
  return { requeueAfterMs: CHECK_MS };
}

/** Marks a run whose deadline has passed, and stops for good one whose runner does not obey. True when the run has ended. */
async function enforceEnd(ctx: AgentsContext, ref: { org: string; name: string }, facts: { run: Run; attempt: Attempt }): Promise<boolean> {
  const { run, attempt } = facts;
  const stack = stackOf(attempt);
  const nowMs = ctx.clock.now();
  const limitMs = durationMs(run.spec.deadline ?? stack.limits?.deadline, DEFAULT_DEADLINE_MS);
  const deadlineMs = Date.parse(run.status?.startedAt ?? run.metadata.creationTimestamp) + limitMs;
  if (nowMs > deadlineMs && run.status?.deadlineExceeded !== true) {
    await ctx.resources.mutateStatus(AgentDispatchRun, ref, (status, current) => {
      if (phaseOf(current) === 'Running') status.deadlineExceeded = true;
    });
    ctx.bells.ring(ref.org, ref.name);
  }
  const order = stopOrder(run, stack);
  if (order === undefined) return false;
  const orderedMs = order.reason === 'CancelledByUser' ? Date.parse(run.spec.cancelRequested?.at ?? '') : order.reason === 'DeadlineExceeded' ? deadlineMs : Date.parse(run.status?.runner?.heartbeatAt ?? '');
  if (!(nowMs - orderedMs > STOP_GRACE_MS)) return false;
  await ctx.launcher.kill({ org: ref.org, run: ref.name, attempt: run.status?.attemptNumber ?? 1 });
  await endRunIfOpen(ctx, ref, {
    phase: order.reason === 'CancelledByUser' ? 'Cancelled' : 'Failed',
    reason: order.reason,
    message: `${order.message} Its runner did not stop by itself and was ended; its workspace was kept.`,
  });
  return true;
}

/** One reason for a wait, or none. */
async function noteWait(ctx: AgentsContext, ref: { org: string; name: string }, attempt: Attempt): Promise<void> {
  const stallAfterMs = durationMs(stackOf(attempt).limits?.stallAfter, DEFAULT_STALL_MS);
  await ctx.resources.mutateStatus(AgentDispatchRun, ref, (status, current) => {
    if (phaseOf(current) !== 'Running') return;
    const wait = runningWait({ status, nowMs: ctx.clock.now(), stallAfterMs });
    if (wait === undefined) clearWait(status);
    else setWait(status, wait.reason, wait.message);
  });
}

/** The runner is gone without a result: end what it left, then go on with another attempt in the same workspace. */
async function recover(ctx: AgentsContext, ref: { org: string; name: string }, number: number): Promise<ReconcileResult | undefined> {
  // A runner ends right after its callback: what it said may be newer than what was read before looking for it.
  const run = await ctx.resources.get(AgentDispatchRun, ref);
  if (isEnded(run) || run.status?.attemptNumber !== number) return { requeueAfterMs: 0 };
  await ctx.launcher.kill({ org: ref.org, run: ref.name, attempt: number });
  const now = timestampOf(ctx.clock);
  await ctx.resources.mutateStatus(AgentDispatchAttempt, { org: ref.org, name: attemptName(ref.name, number) }, (status) => {
    status.phase = 'Lost';
    status.finishedAt = now;
    status.exitReason = 'RunnerLost';
  });
  await withdrawApprovals(ctx, ref, attemptName(ref.name, number));
  const order = stopOrder(run, undefined);
  if (order !== undefined) {
    await endRunIfOpen(ctx, ref, { phase: order.reason === 'CancelledByUser' ? 'Cancelled' : 'Failed', reason: order.reason, message: order.message });
    return undefined;
  }
  const silent = run.status.runner?.heartbeatAt === undefined ? 'before it reported' : `${durationText(ctx.clock.now() - Date.parse(run.status.runner.heartbeatAt))} after its last heartbeat`;
  if (number > MAX_RECOVERIES) {
    await endRunIfOpen(ctx, ref, {
      phase: 'Failed',
      reason: 'RunnerLost',
      retryable: true,
      message: `The runner's process was found gone ${silent}, and ${number} attempts ended that way. The workspace "${run.status.workspaceRef ?? ''}" was kept with its changes; retry the run, and look at the machine's memory if it happens again.`,
    });
    return undefined;
  }
  const next = number + 1;
  await ensureAttempt(ctx.resources, run, { org: ref.org, attempt: next, reason: 'runner-lost', now });
  await tellRun(ctx.eventLog, ref, {
    id: `lost/${number}`,
    at: now,
    type: 'runner.notice',
    data: { message: `The runner's process was found gone ${silent}. Attempt ${next} goes on in the same workspace.` },
  });
  await ctx.resources.mutateStatus(AgentDispatchRun, ref, (status, current) => {
    if (phaseOf(current) !== 'Running' || status.attemptNumber !== number) return;
    status.attemptNumber = next;
    status.attemptRef = attemptName(ref.name, next);
    delete status.pendingApprovals;
    delete status.runner;
    setWait(status, 'RunnerStarting', `The runner was lost; attempt ${next} is being started.`);
  });
  return { requeueAfterMs: 0 };
}

/** Nobody waits for these answers any more. */
export async function withdrawApprovals(ctx: AgentsContext, ref: { org: string; name: string }, attempt?: string): Promise<void> {
  const { items } = await ctx.resources.list(AgentApproval, { org: ref.org, fieldSelector: `spec.dispatchRun=${ref.name}` });
  for (const approval of items) {
    const open = approval.status?.phase === undefined || approval.status.phase === 'Pending';
    if (!open || approval.spec.action === 'write-back' || (attempt !== undefined && approval.spec.attempt !== attempt) || approval.status?.obsolete === true) continue;
    await ctx.resources.mutateStatus(AgentApproval, { org: ref.org, name: approval.metadata.name }, (status) => {
      if (status.phase === undefined || status.phase === 'Pending') status.obsolete = true;
    });
  }
}

async function markStarted(ctx: AgentsContext, org: string, attempt: Attempt): Promise<void> {
  const now = timestampOf(ctx.clock);
  await ctx.resources.mutateStatus(AgentDispatchAttempt, { org, name: attempt.metadata.name }, (status) => {
    status.phase = 'Running';
    status.startedAt ??= now;
  });
}
