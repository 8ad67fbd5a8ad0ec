import { isStatusError, StatusError } from '#shared/api/status';
import type { z } from 'zod';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentToolProfile } from '#shared/kinds/agents/agentToolProfile';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import { timestampOf } from '../../app/clock';
import type { AgentsContext } from './agentsContext';
import { stackOf, type Attempt } from './attempts';
import { forgetPending, type Approval } from './decideApproval';
import { allowOption, policyVerdict, rejectOption, type PermissionOption, type Verdict } from './permissionChoice';
import { permissionApprovalName } from './runNames';
import type { PermissionAnswer, permissionReport } from './runnerProtocol';
import { phaseOf, setWait, type Run } from './runState';

const OPTION_KINDS = ['allow_once', 'allow_always', 'reject_once', 'reject_always'] as const;
type OptionKind = (typeof OPTION_KINDS)[number];
/** Of a tool call that is kept in the approval; the whole of it is in the events. */
const MAX_TOOL_CALL_LENGTH = 256 * 1024;

/**
 * Records an agent's question as an approval, once however often it is asked, and answers it where policy does. The name follows
 * from run, attempt and request, so that a runner that asks again after a restart finds the same one.
 */
export async function openPermission(
  ctx: AgentsContext,
  org: string,
  request: { run: Run; attempt: Attempt; report: z.output<typeof permissionReport> },
): Promise<PermissionAnswer> {
  const { run, attempt, report } = request;
  const name = permissionApprovalName(run.metadata.name, report.attempt, report.requestId);
  const existing = await ctx.resources.find(AgentApproval, { org, name });
  if (existing !== undefined) return toAnswer(existing);
  const verdict = await policyOf(ctx, org, { run, attempt, toolCall: report.toolCall });
  const now = timestampOf(ctx.clock);
  const chosen = verdict === 'allow' ? allowOption(report.options) : verdict === 'deny' ? rejectOption(report.options) : undefined;
  // Policy never invents a yes; a no without an option for it cancels the turn.
  const automatic = chosen !== undefined || verdict === 'deny';
  const { approvalMode } = stackOf(attempt);
  const reason = `approval mode ${approvalMode}${stackOf(attempt).toolProfileRef === undefined ? '' : ` and tool profile ${stackOf(attempt).toolProfileRef ?? ''}`}`;
  let approval: Approval;
  try {
    approval = await ctx.resources.create(AgentApproval, org, {
      metadata: { name },
      spec: {
        organizationRef: org,
        dispatchRun: run.metadata.name,
        attempt: attempt.metadata.name,
        action: 'tool-use',
        requestedBy: { kind: 'agent', name: run.spec.agentStack },
        summary: summaryOf(report.toolCall),
        options: report.options.map(withKnownKind),
        toolCall: boundedToolCall(report.toolCall),
        requestId: report.requestId,
        policyReasons: [reason],
      },
      status: automatic
        ? { phase: verdict === 'allow' ? 'Approved' : 'Denied', createdAt: now, decidedAt: now, decidedBy: { kind: 'system', name: 'policy' }, comment: `Decided by ${reason}.`, ...(chosen === undefined ? {} : { optionId: chosen.optionId }) }
        : { phase: 'Pending', createdAt: now },
    });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
    approval = await ctx.resources.get(AgentApproval, { org, name });
  }
  await ctx.resources.mutateStatus(AgentDispatchRun, { org, name: run.metadata.name }, (status, current) => {
    if (phaseOf(current) !== 'Running') return;
    status.approvals = [...new Set([...(status.approvals ?? []), name])].slice(-500);
    status.lastActivityAt = now;
    if (automatic) return;
    status.pendingApprovals = [...new Set([...(status.pendingApprovals ?? []), name])];
    setWait(status, 'PermissionRequested', `The agent asks: ${approval.spec.summary ?? 'a permission'}. It waits for an answer.`);
  });
  return toAnswer(approval);
}

/** The answer so far. `NotFound` for an approval of another run. */
export async function answerPermission(ctx: AgentsContext, org: string, ref: { run: string; approval: string }): Promise<PermissionAnswer> {
  return toAnswer(await ownApproval(ctx, org, ref));
}

/** The runner has handed the answer to the agent, or the agent does not want one any more. */
export async function settlePermission(ctx: AgentsContext, org: string, ref: { run: string; approval: string; withdrawn: boolean }): Promise<void> {
  await ownApproval(ctx, org, ref);
  const approval = await ctx.resources.mutateStatus(AgentApproval, { org, name: ref.approval }, (status) => {
    if (ref.withdrawn) {
      if (status.phase !== 'Approved' && status.phase !== 'Denied') status.obsolete = true;
    } else {
      status.delivered = true;
    }
  });
  await forgetPending(ctx, org, approval);
}

async function ownApproval(ctx: AgentsContext, org: string, ref: { run: string; approval: string }): Promise<Approval> {
  const approval = await ctx.resources.find(AgentApproval, { org, name: ref.approval });
  if (approval?.spec.dispatchRun !== ref.run) throw new StatusError('NotFound', 'This run has no such approval');
  return approval;
}

function toAnswer(approval: Approval): PermissionAnswer {
  const { phase, optionId, decidedBy, comment, obsolete } = approval.status ?? {};
  const base = { approval: approval.metadata.name };
  const by = decidedBy === undefined ? {} : { by: decidedBy.name };
  if (phase === 'Approved' || phase === 'Denied') {
    const automatic = decidedBy?.kind === 'system' ? { automatic: true } : {};
    if (optionId !== undefined) return { ...base, outcome: 'selected', optionId, ...by, ...automatic };
    const said = comment === undefined ? '' : ` ("${comment}")`;
    return { ...base, outcome: 'cancelled', ...by, ...automatic, message: `The answer was no${said}, and the agent offers no option to say so; its turn was cancelled.` };
  }
  return obsolete === true ? { ...base, outcome: 'cancelled' } : { ...base, outcome: 'none' };
}

async function policyOf(ctx: AgentsContext, org: string, request: { run: Run; attempt: Attempt; toolCall: Readonly<Record<string, unknown>> }): Promise<Verdict> {
  const { approvalMode, toolProfileRef } = stackOf(request.attempt);
  const profile = toolProfileRef === undefined ? undefined : await ctx.resources.find(AgentToolProfile, { org, name: toolProfileRef });
  // A profile that is gone rules on nothing, so a person is asked even where the mode would allow.
  if (toolProfileRef !== undefined && profile === undefined) return approvalMode === 'deny' ? 'deny' : 'prompt';
  const workspace = request.run.status?.workspaceRef === undefined ? undefined : await ctx.resources.find(KradleWorkspace, { org, name: request.run.status.workspaceRef });
  return policyVerdict({ approvalMode, profile: profile?.spec, toolCall: request.toolCall, workspacePath: workspace?.status?.path ?? '\0' });
}

/** The kind says how to show an option. One that the protocol does not know is shown as a no: it can never be picked as a yes unasked. */
function withKnownKind(option: PermissionOption): { optionId: string; name: string; kind: OptionKind } {
  const kind = OPTION_KINDS.find((each) => each === option.kind) ?? 'reject_once';
  return { optionId: option.optionId, name: option.name, kind };
}

function summaryOf(toolCall: Readonly<Record<string, unknown>>): string {
  const input = toolCall.rawInput as { command?: unknown; description?: unknown } | undefined;
  const command = Array.isArray(input?.command) ? input.command.join(' ') : input?.command;
  const title = typeof toolCall.title === 'string' && toolCall.title !== '' ? toolCall.title : undefined;
  return (title ?? (typeof command === 'string' ? command : undefined) ?? `a permission (${typeof toolCall.kind === 'string' ? toolCall.kind : 'unknown tool'})`).slice(0, 2000);
}

function boundedToolCall(toolCall: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (JSON.stringify(toolCall).length <= MAX_TOOL_CALL_LENGTH) return { ...toolCall };
  const { toolCallId, title, kind, status, locations } = toolCall;
  return { toolCallId, title, kind, status, locations, _meta: { kradle: { truncated: true, reason: 'The call is too large to keep here; the run\'s events hold all of it.' } } };
}
