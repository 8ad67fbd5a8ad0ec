import type { z } from 'zod';
import type { decideInput } from '#shared/api/agents';
import { StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { toActorReference } from '../../resources/actorReference';
import type { ResourceClient } from '../../resources/resourceClient';
import { timestampOf } from '../../app/clock';
import { actingAs } from '../../runtime/actingAs';
import type { AgentsContext } from './agentsContext';
import { chooseOption } from './permissionChoice';
import { isEnded } from './runState';

export type Approval = ObjectOf<typeof AgentApproval>;

/**
 * A person's answer to an approval. The first one counts; every later one is a `Conflict` (ALREADY_DECIDED) that names who answered.
 * `Invalid` when the answer does not fit the agent's options. What follows is done by whoever waits for it: the runner, the run's or
 * the write-back's controller.
 */
export async function decideApproval(ctx: AgentsContext, resources: ResourceClient, input: z.output<typeof decideInput>): Promise<Approval> {
  const { org, name, optionId, expectedArtifactDigest } = input;
  const approve = input.decision.startsWith('approve');
  const comment = input.reason ?? input.comment;
  await resources.require('decide', AgentApproval, { org, name });
  const found = await resources.get(AgentApproval, { org, name });
  if (found.spec.action !== 'write-back') await requireOpenRun(ctx, org, found);
  const now = timestampOf(ctx.clock);
  const decided = await actingAs(ctx, 'decide', resources.actor).resources.mutateStatus(AgentApproval, { org, name }, (status, current) => {
    requireOpen(current);
    if (expectedArtifactDigest !== undefined && expectedArtifactDigest !== current.spec.artifactDigest) {
      throw conflict('ARTIFACT_CHANGED', `What you looked at (${expectedArtifactDigest}) is not what would be applied (${current.spec.artifactDigest ?? 'nothing'}). Look again and decide anew`);
    }
    const option = current.spec.action === 'tool-use' ? chooseOption(current.spec.options ?? [], approve ? 'approve' : 'deny', optionId) : undefined;
    status.phase = approve ? 'Approved' : 'Denied';
    status.decidedBy = toActorReference(resources.actor);
    status.decidedAt = now;
    if (option !== undefined) status.optionId = option.optionId;
    if (comment !== undefined) status.comment = comment;
  });
  await forgetPending(ctx, org, decided);
  ctx.bells.ring(org, decided.spec.dispatchRun);
  return decided;
}

/** Takes an answered question off the run's list of open ones. */
export async function forgetPending(ctx: AgentsContext, org: string, approval: Approval): Promise<void> {
  await ctx.resources.mutateStatus(AgentDispatchRun, { org, name: approval.spec.dispatchRun }, (status) => {
    const left = (status.pendingApprovals ?? []).filter((each) => each !== approval.metadata.name);
    if (left.length > 0) status.pendingApprovals = left;
    else delete status.pendingApprovals;
    if (left.length > 0 || status.reason !== 'PermissionRequested') return;
    delete status.reason;
    delete status.message;
  });
}

function requireOpen(approval: Approval): void {
  const { phase, decidedBy, decidedAt, obsolete } = approval.status ?? {};
  if (phase === 'Approved' || phase === 'Denied') {
    throw conflict('ALREADY_DECIDED', `${decidedBy?.name ?? 'Someone'} has already ${phase === 'Approved' ? 'approved' : 'denied'} this${decidedAt === undefined ? '' : ` (${decidedAt})`}`);
  }
  if (obsolete === true) throw conflict('APPROVAL_OBSOLETE', 'The run went on or ended without this answer; nobody waits for it any more');
}

async function requireOpenRun(ctx: AgentsContext, org: string, approval: Approval): Promise<void> {
  requireOpen(approval);
  const run = await ctx.resources.find(AgentDispatchRun, { org, name: approval.spec.dispatchRun });
  if (run !== undefined && isEnded(run)) throw conflict('APPROVAL_OBSOLETE', `The run has ended (${run.status?.phase ?? ''}); nobody waits for this answer any more`);
}

/** A conflict with the facts, not with another writer: reading again would not help. */
function conflict(code: string, message: string): StatusError {
  return new StatusError('Conflict', message, { code });
}
