import type { Assignment } from '../domains/agents/runnerProtocol';
import type { EventOutbox } from './eventOutbox';
import type { GrantedAccess } from './grantedAccess';
import type { RunnerSettings } from './runnerEnvironment';
import type { ServerLink } from './serverLink';
import type { StageReport } from './stageReport';
import type { TurnObserver } from './turnObserver';

/** Why the agent has to stop before it is done. */
export interface CancelOrder {
  readonly reason: 'CancelledByUser' | 'DeadlineExceeded' | 'BudgetExceeded' | 'ApprovalDenied';
  readonly message: string;
}

/** What the parts of one runner share. */
export interface RunnerContext {
  readonly settings: RunnerSettings;
  readonly assignment: Assignment;
  readonly granted: GrantedAccess;
  /** Takes granted values out of what it sends. */
  readonly link: ServerLink;
  readonly outbox: EventOutbox;
  readonly observer: TurnObserver;
  /** Told in heartbeats. */
  readonly report: StageReport;
  /** Aborted with a {@link CancelOrder} as reason. */
  readonly cancelled: AbortSignal;
  readonly cancel: (order: CancelOrder) => void;
  /** Aborted when the server dismissed this runner, or the operating system ends it: no one waits for a result. */
  readonly dismissed: AbortSignal;
  readonly log: (message: string) => void;
}

/** How the agent's turn ended. */
export interface TurnResult {
  readonly succeeded: boolean;
  /** A RunReason; absent on success. */
  readonly reason?: string;
  readonly message?: string;
  readonly retryable?: boolean;
  readonly stopReason?: string;
  readonly exitCode?: number;
}
