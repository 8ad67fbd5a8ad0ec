import type { RunReason } from '#shared/kinds/agents/agentDispatchRun';
import type { RunStatus } from './runState';

export const DEFAULT_DEADLINE_MS = 3_600_000;
export const DEFAULT_STALL_MS = 300_000;
/** Silence after which a runner that still runs is called unreachable. */
export const HEARTBEAT_LOST_MS = 30_000;

export interface RunningFacts {
  readonly status: RunStatus;
  readonly nowMs: number;
  readonly stallAfterMs: number;
}

/**
 * What a running run waits for, if anything: one reason with a message, or nothing while it works. Computed from facts alone, so a
 * wait that is over clears itself.
 */
export function runningWait({ status, nowMs, stallAfterMs }: RunningFacts): { reason: RunReason; message: string } | undefined {
  const pending = status.pendingApprovals?.length ?? 0;
  if (pending > 0) {
    return { reason: 'PermissionRequested', message: pending === 1 ? 'The agent asks for a permission and waits for an answer.' : `The agent asks ${pending} permissions and waits for answers.` };
  }
  const silentMs = nowMs - Date.parse(status.runner?.heartbeatAt ?? status.startedAt ?? new Date(nowMs).toISOString());
  if (silentMs > HEARTBEAT_LOST_MS) {
    return { reason: 'RunnerUnreachable', message: `The runner has not been heard of for ${Math.round(silentMs / 1000)} s, though its process is there. It goes on by itself; cancel the run if it does not come back.` };
  }
  // Until the runner says that the agent works, these say where it stands.
  if (status.reason === 'RunnerStarting' || status.reason === 'AgentStarting') return { reason: status.reason, message: status.message ?? '' };
  const idleMs = nowMs - Date.parse(status.lastActivityAt ?? status.startedAt ?? new Date(nowMs).toISOString());
  if (idleMs > stallAfterMs) {
    return { reason: 'Stalled', message: `The agent has said and done nothing for ${Math.floor(idleMs / 60_000)} min. It may be thinking, or hang: look at its last events, wait, or cancel.` };
  }
  return undefined;
}
