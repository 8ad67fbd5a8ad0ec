import type { ObjectOf } from '#shared/kind/defineKind';
import type { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { formatAge } from '#shared/kind/table';

export type RunObject = ObjectOf<typeof AgentDispatchRun>;

/** What a run is doing or how it ended, in people's words. */
export interface RunStory {
  /** Word that PhaseBadge knows the look of. */
  readonly phase: string;
  readonly label: string;
  /** The reason, in one sentence. */
  readonly detail: string | undefined;
  /** Somebody has to do something. */
  readonly needsYou: boolean;
}

/** Tells the truth about a run in a line; `now` is in ms since the epoch. */
export function runStory(run: RunObject, now: number): RunStory {
  const status = run.status ?? {};
  const { reason, message } = status;
  switch (status.phase) {
    case undefined:
    case 'Pending':
    case 'Queued':
      return { phase: status.phase ?? 'Pending', label: 'Starting', detail: message ?? (reason === undefined ? undefined : REASONS[reason]), needsYou: false };
    case 'AwaitingApproval':
      return { phase: 'AwaitingApproval', label: 'Waiting for you', detail: message ?? 'This run needs an approval before it starts.', needsYou: true };
    case 'Running':
      return runningStory(run, now);
    case 'Completed':
      return completedStory(run);
    case 'Failed':
      return { phase: 'Failed', label: 'Failed', detail: message ?? (reason === undefined ? status.lastError : REASONS[reason]), needsYou: false };
    case 'Cancelled':
      return { phase: 'Cancelled', label: 'Cancelled', detail: message ?? cancelledBy(run), needsYou: false };
  }
}

/** What to do about a failure; undefined where running again is all that can be said. */
export function failureAdvice(reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : ADVICE[reason];
}

/** A reason without its message, as a sentence. */
export function reasonSentence(reason: string): string {
  return REASONS[reason] ?? reason;
}

/** How long the run took or has been going, in ms; undefined before it starts. */
export function runDurationMs(run: RunObject, now: number): number | undefined {
  const status = run.status ?? {};
  if (status.durationMs !== undefined) return status.durationMs;
  if (status.startedAt === undefined) return undefined;
  const end = status.completedAt ?? status.failedAt;
  if (end === undefined && status.phase !== 'Running') return undefined;
  return Math.max(0, (end === undefined ? now : Date.parse(end)) - Date.parse(status.startedAt));
}

function runningStory(run: RunObject, now: number): RunStory {
  const { reason, message, lastActivityAt, pendingApprovals } = run.status ?? {};
  if (reason === 'PermissionRequested' || (pendingApprovals?.length ?? 0) > 0) {
    return { phase: 'AwaitingApproval', label: 'Waiting for you', detail: message ?? 'The agent asks for permission.', needsYou: true };
  }
  if (reason === 'Stalled') {
    const silent = lastActivityAt === undefined ? undefined : formatAge(now - Date.parse(lastActivityAt));
    return { phase: 'Stalled', label: 'Stalled', detail: silent === undefined ? (message ?? REASONS.Stalled) : `The agent has been silent for ${silent}.`, needsYou: true };
  }
  if (reason === 'RunnerUnreachable') return { phase: 'Stalled', label: 'Runner unreachable', detail: message ?? REASONS.RunnerUnreachable, needsYou: false };
  return { phase: 'Running', label: 'Running', detail: message ?? (reason === undefined ? undefined : REASONS[reason]), needsYou: false };
}

function completedStory(run: RunObject): RunStory {
  const { writeBack, message, changedFiles } = run.status ?? {};
  const done = { phase: 'Completed', label: 'Completed', needsYou: false };
  switch (writeBack?.phase) {
    case 'AwaitingApproval':
      return { phase: 'AwaitingApproval', label: 'Waiting for you', detail: 'The work is done. Approve it, and it becomes a pull request.', needsYou: true };
    case 'Applying':
      return { ...done, phase: 'Applying', label: 'Writing back', detail: 'The branch is being pushed and the pull request opened.' };
    case 'Applied':
      return { ...done, detail: writeBack.message ?? 'The work is on a branch of its own, with a pull request.' };
    case 'Denied':
      return { ...done, detail: writeBack.message ?? 'The write-back was denied: nothing left the workspace.' };
    case 'Failed':
      return { phase: 'Failed', label: 'Write-back failed', detail: writeBack.message ?? 'The change could not be written back.', needsYou: true };
    case 'NothingToWrite':
    case undefined:
      return { ...done, detail: message ?? (changedFiles === undefined || changedFiles === 0 ? 'The agent changed no file.' : undefined) };
  }
}

function cancelledBy(run: RunObject): string | undefined {
  const request = run.spec.cancelRequested;
  if (request === undefined) return undefined;
  return `Cancelled by ${request.by.name}${request.reason === undefined || request.reason === '' ? '.' : `: ${request.reason}`}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ConcurrencyLimit: 'Waiting for a free place: other runs are going.',
  DispatchApproval: 'A person has to approve the run before it starts.',
  SecretApproval: 'A person has to approve the secrets that the run is given before it starts.',
  OrganizationSuspended: 'The organization is suspended: no agent starts in it until it is resumed.',
  WorkspacePreparing: 'Preparing the workspace.',
  RunnerStarting: 'Starting the runner.',
  AgentStarting: 'Starting the agent.',
  PermissionRequested: 'The agent asks for permission.',
  Stalled: 'The agent has been silent for a while.',
  RunnerUnreachable: 'The runner does not answer. What it does is kept and sent when it comes back.',
  RepositoryNotFound: 'The repository of this run does not exist.',
  CommitNotFound: 'The commit that the run starts from is not in its repository.',
  TaskMissing: 'The run does not say what is to be done.',
  PermissionReviewDenied: 'A policy refused this run.',
  ApprovalDenied: 'The approval was denied.',
  SecretUnavailable: 'A secret that the run is given could not be read.',
  WorkspaceFailed: 'The workspace could not be prepared.',
  AgentNotFound: 'The agent’s program was not found.',
  AgentExited: 'The agent ended before it finished its turn.',
  AgentProtocolError: 'The agent wrote something that is not the Agent Client Protocol.',
  AgentAuthRequired: 'The agent wants you to sign in first.',
  AgentRefused: 'The agent refused the task.',
  AgentEmptyTurn: 'The agent ended its turn without saying or changing anything.',
  AgentInitializeTimeout: 'The agent did not answer in time when it was started.',
  AgentOutputFlood: 'The agent wrote more than can be taken in.',
  MaxTokens: 'The agent reached its token limit.',
  MaxTurnRequests: 'The agent reached its limit of model requests in one turn.',
  DeadlineExceeded: 'The run took longer than its deadline allows.',
  BudgetExceeded: 'The run reached its budget.',
  RunnerLost: 'The runner ended without a word.',
  CommandFailed: 'The command ended with an error.',
  CancelledByUser: 'Somebody cancelled the run.',
  InternalError: 'Something went wrong in Kradle itself.',
};

const ADVICE: Readonly<Record<string, string>> = {
  AgentNotFound: 'Install the program, or correct the command on the agent’s page. "Check" there starts it and says what is wrong.',
  AgentAuthRequired: 'Sign in with the agent’s own program in a terminal on this machine, then retry: a local agent uses your own login.',
  AgentProtocolError: 'Check the agent’s command: many programs need a flag or a subcommand to speak ACP.',
  AgentInitializeTimeout: 'Start it once in a terminal to see what it waits for, or raise the time limit of its adapter.',
  AgentExited: 'The last lines of its standard error are below. "Check" on the agent’s page starts it alone.',
  AgentEmptyTurn: 'Write the task in more detail, or check that the agent has a model and credit.',
  AgentRefused: 'Write the task differently, or choose another agent.',
  AgentOutputFlood: 'Look at the transcript for what it repeats.',
  MaxTokens: 'Split the task into smaller ones, or choose a model with more room.',
  MaxTurnRequests: 'Split the task into smaller ones.',
  DeadlineExceeded: 'Raise the deadline in the agent’s limits, or split the task.',
  BudgetExceeded: 'Raise the budget in the agent’s limits, then retry.',
  WorkspaceFailed: 'Check that the repository and the branch are there and that the disk has room.',
  RunnerLost: 'The machine may have run out of memory or been restarted. Retry.',
  CommandFailed: 'The last lines of its output are below.',
  PermissionReviewDenied: 'The conditions in "Details" say which permission is missing.',
};
