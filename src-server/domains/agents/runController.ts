import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { AgentDispatchAttempt } from '#shared/kinds/agents/agentDispatchAttempt';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { Repository } from '#shared/kinds/forge/repository';
import { Organization } from '#shared/kinds/identity/organization';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import { KradleWorkspacePolicy } from '#shared/kinds/workspaces/kradleWorkspacePolicy';
import { isStatusError } from '#shared/api/status';
import type { RunReason } from '#shared/kinds/agents/agentDispatchRun';
import { timestampOf } from '../../app/clock';
import type { Controller, ReconcileResult } from '../../runtime/controller';
import { AgentFailure } from './agentFailure';
import type { AgentsContext } from './agentsContext';
import { adapterOf, ensureAttempt, stackOf } from './attempts';
import { endRunIfOpen } from './endRun';
import { reviewDispatch } from './permissionReview';
import { attemptName, runBranch } from './runNames';
import { runStream, tellPhase } from './runEvents';
import { isShortened } from './runStrategy';
import { enterPhase, phaseOf, setWait, type Run, type RunStatus } from './runState';
import { settleRun } from './settleRun';
import { noteStartApprovals, readStartApprovals, requestStartApprovals } from './startApprovals';
import { stopOrder } from './stopOrder';
import { superviseRun } from './superviseRun';
import { claimWorkspace, ownerOf, releaseWorkspace } from './workspaces';

/** How often a run that waits for a free place looks again. */
const QUEUE_POLL_MS = 1_000;
/** How often one that waits for a workspace does. */
const WORKSPACE_POLL_MS = 200;

/**
 * Moves runs through their phases, one step each time: Pending, AwaitingApproval, Queued, Running, ended. Reads the world and trusts
 * nothing that it remembers, so that a server that was killed between any two steps goes on with the next one.
 */
export function createRunController(ctx: AgentsContext): Controller {
  const places = new Mutex();
  return {
    name: 'runs',
    kind: AgentDispatchRun,
    watches: [
      { kind: AgentApproval, map: (object) => [{ org: String(object.spec.organizationRef), name: String(object.spec.dispatchRun) }] },
      {
        kind: KradleWorkspace,
        map: (object) => {
          const run = object.status?.claimedBy ?? ownerOf(object);
          return typeof run === 'string' ? [{ org: String(object.spec.organizationRef), name: run }] : [];
        },
      },
    ],
    concurrency: 8,
    async reconcile({ org, name }) {
      const run = await ctx.resources.find(AgentDispatchRun, { org, name });
      // Whoever waits for news of the run looks now, whatever door the change came through.
      ctx.bells.ring(org, name);
      if (run === undefined) {
        await forgetRun(ctx, { org, name });
        return undefined;
      }
      const phase = phaseOf(run);
      if (run.spec.cancelRequested !== undefined && (phase === 'Pending' || phase === 'AwaitingApproval' || phase === 'Queued')) {
        await endRunIfOpen(ctx, { org, name }, { phase: 'Cancelled', reason: 'CancelledByUser', message: stopOrder(run, undefined)?.message });
        return undefined;
      }
      switch (phase) {
        case 'Pending':
          return begin(ctx, org, run);
        case 'AwaitingApproval':
          return awaitApproval(ctx, org, run);
        case 'Queued':
          return places.run(() => start(ctx, org, run));
        case 'Running':
          return superviseRun(ctx, org, run);
        case 'Completed':
        case 'Failed':
        case 'Cancelled':
          return settleRun(ctx, org, run);
      }
    },
  };
}

/** A run that was deleted, or is about to be: nothing works for it any more, and nothing is kept for it but its workspace. May be repeated. */
export async function forgetRun(ctx: AgentsContext, ref: { org: string; name: string }): Promise<void> {
  await ctx.launcher.forget({ org: ref.org, run: ref.name });
  await ctx.eventLog.drop(runStream(ref.org, ref.name));
  const { items } = await ctx.resources.list(KradleWorkspace, { org: ref.org, fieldSelector: `status.claimedBy=${ref.name}` });
  for (const workspace of items) await releaseWorkspace(ctx, ref.org, { workspace: workspace.metadata.name, run: ref.name });
}

interface Step {
  readonly org: string;
  readonly run: Run;
}

/** Pending: the permission review, the first attempt, and whether a person has to approve. */
async function begin(ctx: AgentsContext, org: string, run: Run): Promise<undefined> {
  const { name } = run.metadata;
  const ref = { org, name };
  const now = timestampOf(ctx.clock);
  const obstacle = await obstacleOf(ctx, org, run);
  if (obstacle !== undefined) {
    await endRunIfOpen(ctx, ref, { phase: 'Failed', ...obstacle });
    return undefined;
  }
  const review = await reviewDispatch({ resources: ctx.resources, now }, org, run.spec);
  if (review.decision === 'denied') {
    await endRunIfOpen(ctx, ref, { phase: 'Failed', reason: 'PermissionReviewDenied', message: review.causes.map((cause) => cause.message).join(' ') });
    return undefined;
  }
  try {
    await ensureAttempt(ctx.resources, run, { org, attempt: 1, reason: run.spec.continues?.mode ?? (run.spec.retryOf === undefined ? 'initial' : 'retry'), now });
  } catch (error) {
    if (!(error instanceof AgentFailure)) throw error;
    await endRunIfOpen(ctx, ref, { phase: 'Failed', reason: error.reason, message: error.message });
    return undefined;
  }
  if (review.decision === 'requires-approval') await requestStartApprovals(ctx, { org, run }, review);
  await move(ctx, { org, run }, (status) => {
    status.createdAt ??= run.metadata.creationTimestamp;
    status.attemptNumber = 1;
    status.attemptRef = attemptName(name, 1);
    status.baseSha = run.spec.sha;
    status.branch = runBranch(name);
    if (review.decision === 'requires-approval') {
      enterPhase(status, 'AwaitingApproval', now);
      noteStartApprovals(status, run, review);
    } else {
      enterQueue(status, review.transport, now);
    }
  });
  return undefined;
}

/** What a run lacks that nothing can start without: such a run was written as a record, or what it is about has gone since. */
async function obstacleOf(ctx: AgentsContext, org: string, { spec }: Run): Promise<{ reason: RunReason; message: string } | undefined> {
  if ((await ctx.resources.find(Repository, { org, name: spec.repository })) === undefined) {
    return { reason: 'RepositoryNotFound', message: `There is no repository "${spec.repository}" in this organization. Create or import it, then dispatch the task again.` };
  }
  if (spec.prompt === undefined || spec.prompt.trim() === '') {
    return { reason: 'TaskMissing', message: 'The run does not say what the agent is to do: spec.prompt is empty. Dispatch the task again, in words.' };
  }
  if (spec.sha === undefined || isShortened(spec.sha)) {
    return { reason: 'CommitNotFound', message: `${spec.sha === undefined ? `"${spec.ref ?? ''}" names no commit of` : `The commit ${spec.sha} is not in`} the repository "${spec.repository}". Push it, then dispatch the task again.` };
  }
  return undefined;
}

async function awaitApproval(ctx: AgentsContext, org: string, run: Run): Promise<undefined> {
  const ref = { org, name: run.metadata.name };
  const now = timestampOf(ctx.clock);
  const review = () => reviewDispatch({ resources: ctx.resources, now }, org, run.spec);
  const decision = await readStartApprovals(ctx, { org, run }, review);
  if (decision.state === 'denied') {
    await endRunIfOpen(ctx, ref, { phase: 'Failed', reason: 'ApprovalDenied', message: decision.message });
  } else if (decision.state === 'approved') {
    const { decision: verdict, causes, transport } = await review();
    // A grant may have ended while the run waited.
    if (verdict === 'denied') await endRunIfOpen(ctx, ref, { phase: 'Failed', reason: 'PermissionReviewDenied', message: causes.map((cause) => cause.message).join(' ') });
    else await move(ctx, { org, run }, (status) => enterQueue(status, transport, now));
  }
  return undefined;
}

function enterQueue(status: RunStatus, transport: { transport: string; codec: string }, now: string): void {
  enterPhase(status, 'Queued', now);
  status.resolvedTransport = transport;
  status.budgetCheckResult = { allowed: true };
}

/** Queued: a free place, a workspace, then the runner. Runs one at a time, so that two never take the last place. */
async function start(ctx: AgentsContext, org: string, run: Run): Promise<ReconcileResult | undefined> {
  const { name } = run.metadata;
  const ref = { org, name };
  if ((await ctx.resources.find(Organization, { org, name: org }))?.spec.suspended === true) {
    await wait(ctx, { org, run }, { reason: 'OrganizationSuspended', message: 'Waits until an owner resumes the organization, which is suspended.' });
    return { requeueAfterMs: QUEUE_POLL_MS };
  }
  const attempt = await ensureAttempt(ctx.resources, run, { org, attempt: run.status?.attemptNumber ?? 1, reason: 'initial', now: timestampOf(ctx.clock) });
  const policyRef = stackOf(attempt).workspacePolicyRef;
  const policy = policyRef === undefined ? undefined : (await ctx.resources.find(KradleWorkspacePolicy, { org, name: policyRef }))?.spec;
  const { items: running } = await ctx.resources.list(AgentDispatchRun, { org: '*', fieldSelector: 'status.phase=Running' });
  const limit = running.length >= ctx.maxConcurrentRuns ? ctx.maxConcurrentRuns : undefined;
  const sameStack = running.filter((each) => each.spec.organizationRef === org && each.spec.agentStack === run.spec.agentStack).length;
  const ownLimit = policy?.maxConcurrentRuns !== undefined && sameStack >= policy.maxConcurrentRuns ? policy.maxConcurrentRuns : undefined;
  if (limit !== undefined || ownLimit !== undefined) {
    const message = limit === undefined ? `Waits for a free place: workspace policy "${policyRef ?? ''}" allows ${ownLimit ?? 0} runs of this agent at a time.` : `Waits for a free place: ${limit} runs work already, as many as maxConcurrentRuns allows.`;
    await wait(ctx, { org, run }, { reason: 'ConcurrencyLimit', message });
    return { requeueAfterMs: QUEUE_POLL_MS };
  }
  const repository = await ctx.resources.find(Repository, { org, name: run.spec.repository });
  if (repository === undefined) {
    await endRunIfOpen(ctx, ref, { phase: 'Failed', reason: 'WorkspaceFailed', message: `The repository "${run.spec.repository}" does not exist any more.` });
    return undefined;
  }
  const claim = await claimWorkspace(ctx, org, { run, agentName: stackOf(attempt).displayName ?? run.spec.agentStack, policyRef });
  if (claim.state === 'failed') {
    await endRunIfOpen(ctx, ref, { phase: 'Failed', reason: 'WorkspaceFailed', message: claim.message, retryable: true });
    return undefined;
  }
  if (claim.state === 'preparing') {
    await wait(ctx, { org, run }, { reason: 'WorkspacePreparing', message: claim.message });
    return { requeueAfterMs: WORKSPACE_POLL_MS };
  }
  const now = timestampOf(ctx.clock);
  const started = await move(ctx, { org, run }, (status) => {
    enterPhase(status, 'Running', now);
    status.workspaceRef = claim.workspace.metadata.name;
    setWait(status, 'RunnerStarting', 'The runner is being started.');
  });
  if (started !== undefined) {
    await ctx.launcher.launch({ org, run: name, attempt: started.status?.attemptNumber ?? 1 }, { inheritEnv: adapterOf(attempt).inheritEnv ?? [] });
    await ctx.resources.mutateStatus(AgentDispatchAttempt, { org, name: attempt.metadata.name }, (status) => {
      status.phase = 'Running';
      status.startedAt ??= now;
    });
    await noteLastRun(ctx, { org, name: run.spec.agentStack }, now);
  }
  return { requeueAfterMs: QUEUE_POLL_MS };
}

async function noteLastRun(ctx: AgentsContext, stack: { org: string; name: string }, now: string): Promise<void> {
  try {
    await ctx.resources.mutateStatus(AgentStack, stack, (status) => {
      status.lastRunAt = now;
    });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}

/** Writes the step unless the run has moved on since it was read; then the answer is undefined and the next reconcile sees it. */
async function move(ctx: AgentsContext, { org, run }: Step, change: (status: RunStatus) => void): Promise<Run | undefined> {
  const from = phaseOf(run);
  let moved = false;
  const result = await ctx.resources.mutateStatus(AgentDispatchRun, { org, name: run.metadata.name }, (status, current) => {
    moved = phaseOf(current) === from;
    if (!moved) return;
    change(status);
    status.observedGeneration = current.metadata.generation;
  });
  if (!moved) return undefined;
  await tellPhase(ctx.eventLog, org, result);
  return result;
}

async function wait(ctx: AgentsContext, { org, run }: Step, why: { reason: RunReason; message: string }): Promise<void> {
  await ctx.resources.mutateStatus(AgentDispatchRun, { org, name: run.metadata.name }, (status, current) => {
    if (phaseOf(current) === 'Queued') setWait(status, why.reason, why.message);
  });
}

/** One task after the other. */
class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
