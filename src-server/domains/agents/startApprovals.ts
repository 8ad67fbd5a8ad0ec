import { isStatusError } from '#shared/api/status';
import type { ObjectInputOf } from '#shared/kind/defineKind';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { timestampOf } from '../../app/clock';
import type { AgentsContext } from './agentsContext';
import type { Approval } from './decideApproval';
import { sourceOf } from './grants/grantUse';
import type { DispatchReview } from './permissionReview';
import { dispatchApprovalName, secretApprovalName } from './runNames';
import { setWait, type Run, type RunStatus } from './runState';

interface Step {
  readonly org: string;
  readonly run: Run;
}

/** What people have said of a run that waits to start. */
export type StartDecision =
  | { readonly state: 'pending' | 'approved' }
  | { readonly state: 'denied'; readonly message: string };

/** Asks people whatever the review wants asked before the run starts: that it starts, and that it is given secrets. */
export async function requestStartApprovals(ctx: AgentsContext, step: Step, review: DispatchReview): Promise<void> {
  if (review.reasons.length > 0) await requestDispatchApproval(ctx, step, review.reasons);
  if ((review.grants?.approvals ?? []).length > 0) await requestSecretApproval(ctx, step, review);
}

/** Writes down in the run's status what it waits for. */
export function noteStartApprovals(status: RunStatus, run: Run, review: DispatchReview): void {
  const secrets = review.grants?.approvals ?? [];
  if (review.reasons.length > 0) status.approvalRef = dispatchApprovalName(run.metadata.name);
  if (secrets.length > 0) status.secretApprovalRef = secretApprovalName(run.metadata.name);
  const reasons = [...review.reasons, ...secrets.map(({ reason }) => reason)].join('; ');
  if (review.reasons.length > 0) setWait(status, 'DispatchApproval', `A person approves this run before it starts: ${reasons}.`);
  else setWait(status, 'SecretApproval', `A person approves what this run is given before it starts: ${reasons}.`);
}

/** The answers so far. An approval that somebody deleted is asked for anew. */
export async function readStartApprovals(ctx: AgentsContext, step: Step, review: () => Promise<DispatchReview>): Promise<StartDecision> {
  const { org, run } = step;
  const { approvalRef, secretApprovalRef } = run.status ?? {};
  let pending = false;
  for (const name of [approvalRef, secretApprovalRef]) {
    if (name === undefined) continue;
    const approval = await ctx.resources.find(AgentApproval, { org, name });
    if (approval === undefined) {
      if (name === approvalRef) await requestDispatchApproval(ctx, step, ['the approval was deleted']);
      else await requestSecretApproval(ctx, step, await review());
    }
    const { phase = 'Pending', decidedBy, comment } = approval?.status ?? {};
    if (phase === 'Denied') {
      const what = name === approvalRef ? 'this run' : 'what this run was to be given';
      return { state: 'denied', message: `${decidedBy?.name ?? 'A reviewer'} did not approve ${what}${comment === undefined ? '' : `: ${comment}`}.` };
    }
    if (phase === 'Pending') pending = true;
  }
  return { state: pending ? 'pending' : 'approved' };
}

/** The grants that a person has approved for the run; a grant that came or changed its mind later is not among them. */
export async function approvedGrants(ctx: Pick<AgentsContext, 'resources'>, { org, run }: Step): Promise<ReadonlySet<string>> {
  const approval = await ctx.resources.find(AgentApproval, { org, name: secretApprovalName(run.metadata.name) });
  if (approval?.status?.phase !== 'Approved') return new Set();
  return new Set((approval.spec.grantRefs ?? []).map(({ kind, name }) => `${kind}/${name}`));
}

function requestDispatchApproval(ctx: AgentsContext, { org, run }: Step, reasons: readonly string[]): Promise<void> {
  return request(ctx, org, {
    metadata: { name: dispatchApprovalName(run.metadata.name) },
    spec: {
      organizationRef: org,
      dispatchRun: run.metadata.name,
      action: 'dispatch',
      requestedBy: run.spec.requestedBy ?? { kind: 'system', name: 'kradle' },
      summary: `Start "${run.spec.title ?? run.metadata.name}" on ${run.spec.repository} with ${run.spec.agentStack}`.slice(0, 2000),
      policyReasons: [...reasons],
      target: { repository: run.spec.repository, ...(run.spec.branch === undefined ? {} : { baseBranch: run.spec.branch }), ...(run.spec.sha === undefined ? {} : { baseSha: run.spec.sha }) },
    },
  });
}

function requestSecretApproval(ctx: AgentsContext, { org, run }: Step, { grants }: DispatchReview): Promise<void> {
  const approvals = grants?.approvals ?? [];
  const names = [...new Set(approvals.map(({ grant }) => sourceOf(grant).name))];
  return request(ctx, org, {
    metadata: { name: secretApprovalName(run.metadata.name) },
    spec: {
      organizationRef: org,
      dispatchRun: run.metadata.name,
      action: 'secret-access',
      requestedBy: { kind: 'agent', name: run.spec.agentStack },
      summary: `Give ${names.join(', ')} to ${run.spec.agentStack} on ${run.spec.repository}, ${run.spec.ref ?? 'its default branch'}`.slice(0, 2000),
      policyReasons: approvals.map(({ reason }) => reason),
      grantRefs: approvals.map(({ grant }) => ({ kind: grant.kind, name: grant.metadata.name })),
      target: { repository: run.spec.repository, ...(run.spec.branch === undefined ? {} : { baseBranch: run.spec.branch }), ...(run.spec.sha === undefined ? {} : { baseSha: run.spec.sha }) },
    },
  });
}

async function request(ctx: AgentsContext, org: string, approval: ObjectInputOf<typeof AgentApproval>): Promise<void> {
  const status: Approval['status'] = { phase: 'Pending', createdAt: timestampOf(ctx.clock) };
  try {
    await ctx.resources.create(AgentApproval, org, { ...approval, status });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}
