import type { RunEventType } from '#shared/api/agents';
import { orgNamespace } from '#shared/kind/names';
import type { EventLog } from '../../store/eventLog';
import type { Run } from './runState';

/** The event stream of a run. */
export function runStream(org: string, run: string): string {
  return `run/${orgNamespace(org)}/${run}`;
}

export interface ServerEvent {
  /** Unique within the run; the same for the same fact, so that telling it twice stores it once. */
  readonly id: string;
  readonly at: string;
  readonly type: RunEventType;
  readonly data: unknown;
}

/** Tells a fact of the server's own in the run's stream. */
export async function tellRun(eventLog: EventLog, ref: { org: string; name: string }, event: ServerEvent): Promise<void> {
  await eventLog.append(runStream(ref.org, ref.name), [event]);
}

/** The id of the event that tells a phase. */
export function phaseEventId(phase: string): string {
  return `phase/${phase}`;
}

/** Tells the phase that the run is in. */
export async function tellPhase(eventLog: EventLog, org: string, run: Run): Promise<void> {
  const { phase = 'Pending', reason, message } = run.status ?? {};
  const at = PHASE_TIME[phase](run) ?? run.metadata.creationTimestamp;
  await tellRun(eventLog, { org, name: run.metadata.name }, {
    id: phaseEventId(phase),
    at,
    type: 'run.phase',
    data: { phase, ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) },
  });
}

const PHASE_TIME: Readonly<Record<NonNullable<NonNullable<Run['status']>['phase']>, (run: Run) => string | undefined>> = {
  Pending: (run) => run.status?.createdAt,
  AwaitingApproval: (run) => run.status?.awaitingSince,
  Queued: (run) => run.status?.queuedAt,
  Running: (run) => run.status?.startedAt,
  Completed: (run) => run.status?.completedAt,
  Failed: (run) => run.status?.failedAt,
  Cancelled: (run) => run.status?.failedAt,
};
