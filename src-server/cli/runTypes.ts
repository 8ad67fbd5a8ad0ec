import type { ObjectOf } from '#shared/kind/defineKind';
import type { AgentApproval } from '#shared/kinds/agents/agentApproval';
import type { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';

// Types only: loading the kinds would cost every command their schemas.
export type RunObject = ObjectOf<typeof AgentDispatchRun>;
export type ApprovalObject = ObjectOf<typeof AgentApproval>;

/** Selects the runs that have not ended. */
export const ACTIVE_RUNS = 'status.phase!=Completed,status.phase!=Failed,status.phase!=Cancelled';
