import { StatusError } from '#shared/api/status';
import type { ObjectOf, StatusOf } from '#shared/kind/defineKind';
import { isTerminalRunPhase, RUN_TRANSITIONS, type AgentDispatchRun, type RunPhase, type RunReason } from '#shared/kinds/agents/agentDispatchRun';

export type Run = ObjectOf<typeof AgentDispatchRun>;
export type RunStatus = StatusOf<typeof AgentDispatchRun>;

export function phaseOf(run: Pick<Run, 'status'>): RunPhase {
  return run.status?.phase ?? 'Pending';
}

export function isEnded(run: Pick<Run, 'status'>): boolean {
  return isTerminalRunPhase(run.status?.phase);
}

/** Reasons of a wait: gone as soon as the run moves on. */
const WAITS: ReadonlySet<RunReason> = new Set<RunReason>([
  'DispatchApproval', 'SecretApproval', 'OrganizationSuspended', 'ConcurrencyLimit', 'WorkspacePreparing', 'RunnerStarting', 'AgentStarting', 'PermissionRequested', 'Stalled', 'RunnerUnreachable',
]);

/**
 * Moves a status to another phase, with what the seeds store there (003 section 6.7). `Conflict` for a step that is not in
 * RUN_TRANSITIONS: whoever comes late changes nothing.
 *
 * @param now RFC 3339
 */
export function enterPhase(status: RunStatus, to: RunPhase, now: string): void {
  const from = status.phase ?? 'Pending';
  if (!RUN_TRANSITIONS[from].includes(to)) {
    throw new StatusError('Conflict', isTerminalRunPhase(from) ? `The run has ended already: it is ${from}` : `A run that is ${from} cannot become ${to}`, { code: 'RUN_PHASE' });
  }
  status.phase = to;
  clearWait(status);
  switch (to) {
    case 'Pending':
      break;
    case 'AwaitingApproval':
      status.awaitingSince = now;
      break;
    case 'Queued':
      status.queuedAt = now;
      break;
    case 'Running':
      status.startedAt = now;
      status.lastActivityAt = now;
      break;
    case 'Completed':
      status.completedAt = now;
      setDuration(status, now);
      break;
    case 'Failed':
    case 'Cancelled':
      status.failedAt = now;
      setDuration(status, now);
      break;
  }
}

/** Takes away a reason that explained a wait, and its message. */
export function clearWait(status: RunStatus): void {
  if (status.reason === undefined || !WAITS.has(status.reason)) return;
  delete status.reason;
  delete status.message;
}

export function setWait(status: RunStatus, reason: RunReason, message: string): void {
  status.reason = reason;
  status.message = message;
}

/** `1h 4m`, `3m 20s`, `12s`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (hours > 0) return `${hours}h ${minutes}m`;
  return minutes > 0 ? `${minutes}m ${rest}s` : `${rest}s`;
}

function setDuration(status: RunStatus, now: string): void {
  if (status.startedAt === undefined) return;
  status.durationMs = Math.max(0, Date.parse(now) - Date.parse(status.startedAt));
  status.duration = durationText(status.durationMs);
}
