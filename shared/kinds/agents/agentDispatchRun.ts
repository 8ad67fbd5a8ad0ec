import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, commitPrefix, digest, duration, objectName, objectReference, organizationRef, refTo, timestamp } from '../../kind/fields';
import { writeBackPolicy } from './writeBack';

/** Phases of a run. Source: seeds, 003 section 6. A run only moves forward in {@link RUN_TRANSITIONS}. */
export const runPhase = z.enum(['Pending', 'AwaitingApproval', 'Queued', 'Running', 'Completed', 'Failed', 'Cancelled']);
export type RunPhase = z.output<typeof runPhase>;

/** Where a run may go from each phase. */
export const RUN_TRANSITIONS: Readonly<Record<RunPhase, readonly RunPhase[]>> = {
  Pending: ['AwaitingApproval', 'Queued', 'Failed', 'Cancelled'],
  AwaitingApproval: ['Queued', 'Failed', 'Cancelled'],
  Queued: ['Running', 'Failed', 'Cancelled'],
  Running: ['Completed', 'Failed', 'Cancelled'],
  Completed: [],
  Failed: [],
  Cancelled: [],
};

export function isTerminalRunPhase(phase: RunPhase | undefined): boolean {
  return phase !== undefined && RUN_TRANSITIONS[phase].length === 0;
}

/** Why a run waits or ended the way it did: machine-readable, stable. */
export const runReason = z.enum([
  'DispatchApproval', 'SecretApproval', 'OrganizationSuspended', 'ConcurrencyLimit', 'WorkspacePreparing', 'RunnerStarting', 'AgentStarting', 'PermissionRequested', 'Stalled', 'RunnerUnreachable',
  'RepositoryNotFound', 'CommitNotFound', 'TaskMissing', 'PermissionReviewDenied', 'ApprovalDenied', 'SecretUnavailable', 'WorkspaceFailed', 'AgentNotFound', 'AgentExited', 'AgentProtocolError', 'AgentAuthRequired',
  'AgentRefused', 'AgentEmptyTurn', 'AgentInitializeTimeout', 'AgentOutputFlood', 'MaxTokens', 'MaxTurnRequests', 'DeadlineExceeded',
  'BudgetExceeded', 'RunnerLost', 'CommandFailed', 'CancelledByUser', 'InternalError',
]);
export type RunReason = z.output<typeof runReason>;

const artifactSummary = z.object({ kind: z.string(), name: objectName, digest: digest.optional(), sizeBytes: z.number().int().optional() });

export const AgentDispatchRun = defineKind({
  names: { kind: 'AgentDispatchRun', plural: 'agentdispatchruns', singular: 'agentdispatchrun', shortNames: ['run'], title: 'Runs' },
  context: 'agents',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Logical CI-like run visible beside Pipeline/Job records with queue, status, workspace, and cost',
  upgrade: upgradeRun,
  spec: () => z.object({
    organizationRef,
    repository: refTo('Repository'),
    sourceRefs: z.record(z.string(), z.string()).describe('Where the task came from: pullRequest, issue, pipeline, triggerRule, path, actor.'),
    agentStack: refTo('AgentStack'),
    taskKind: z.string().min(1).max(100).describe('ci-repair, manual-repair, feature, review …'),
    prompt: z.string().max(262_144).optional().describe('The task, in the words of who asked.'),
    title: z.string().max(200).optional().describe('Short title; the first line of the task by default.'),
    ref: z.string().max(255).optional().describe('Ref to start from: refs/heads/main. Default: the default branch.'),
    branch: z.string().max(255).optional().describe('Branch to start from and to target.'),
    sha: commitPrefix.optional().describe('Commit that the work starts from; resolved once, on creation, to its full id.'),
    sourceEvent: objectReference.optional().describe('The event that caused it: a WebhookDelivery, a Pipeline …'),
    contextBundleRef: refTo('AgentContextBundle').optional(),
    contextLabels: z.array(refTo('AgentContextLabel')).max(100).optional().describe('Reviewed texts that are put into the prompt.'),
    memorySnapshotRef: refTo('AgentMemorySnapshot').optional(),
    context: z.record(z.string(), z.unknown()).optional().describe('Further facts for the agent.'),
    workspaceRef: refTo('KradleWorkspace').optional(),
    workspacePolicy: z.object({ mode: z.string().optional(), baseBranch: z.string().optional() }).optional().describe('Where it works, other than the agent says.'),
    runnerPool: refTo('RunnerPool').optional(),
    runtimeIdentity: z.object({ serviceAccountRef: refTo('AgentServiceAccount') }).optional().describe('The identity that it acts under, other than the agent\'s.'),
    secretGrants: z.array(refTo('AgentSecretGrant')).max(500).optional().describe('Grants of Secrets that it uses, beside the agent\'s.'),
    configGrants: z.array(refTo('AgentConfigGrant')).max(500).optional().describe('Grants of configuration that it uses, beside the agent\'s.'),
    approvalPolicy: z.object({ requireWriteBackApproval: z.boolean().optional() }).optional().describe('What a person approves in this run.'),
    writeBackPolicy: writeBackPolicy.optional().describe('What may leave the workspace, other than the agent says.'),
    requiresApproval: z.boolean().optional().describe('A person approves the run before it starts.'),
    requestedBy: actorReference.optional().describe('Who asked for it; filled in by the server.'),
    requesters: z.array(actorReference).max(100).optional().describe('Everybody who asked for this work, those who asked for the run that it repeats included; filled in by the server.'),
    attemptNumber: z.number().int().min(1).default(1).describe('Counts up when a run is retried as a new run.'),
    retryOf: refTo('AgentDispatchRun').optional(),
    continues: z.object({
      run: refTo('AgentDispatchRun'),
      mode: z.enum(['continue', 'resume', 'fork']).describe('A further message, what was interrupted, or another way from the same work.'),
    }).optional().describe('The run whose work this one starts from.'),
    deadline: duration.optional().describe('Wall-clock ceiling of the run; default: the agent\'s.'),
    /** Set by the cancel verb: controllers stop the run when they see it. */
    cancelRequested: z.object({ by: actorReference, at: timestamp, reason: z.string().optional() }).optional().describe('That it shall stop: who wants it, since when, and why.'),
  }),
  status: () => z.object({
    phase: runPhase.optional(),
    reason: runReason.optional().describe('Why it waits, or why it ended.'),
    message: z.string().optional().describe('The reason in words, with what to do next.'),
    createdAt: timestamp.optional(),
    awaitingSince: timestamp.optional(),
    approvalRef: refTo('AgentApproval').optional().describe('The dispatch approval.'),
    secretApprovalRef: refTo('AgentApproval').optional().describe('The approval of the Secrets that it is given.'),
    granted: z.array(z.object({
      kind: z.enum(['AgentSecretGrant', 'AgentConfigGrant']).describe('What kind of grant it is.'),
      grant: objectName.describe('The grant that gives it.'),
      name: objectName.describe('The Secret or ConfigMap.'),
      keys: z.array(z.string()).describe('Its entries.'),
      version: z.number().int().optional().describe('Version of the Secret.'),
    })).max(1000).optional().describe('What the agent was given: names, never values.'),
    queuedAt: timestamp.optional(),
    startedAt: timestamp.optional(),
    completedAt: timestamp.optional(),
    failedAt: timestamp.optional(),
    lastActivityAt: timestamp.optional().describe('When the agent last said or did something.'),
    duration: z.string().optional(),
    durationMs: z.number().int().optional(),
    attemptNumber: z.number().int().optional().describe('Execution attempt within this run, from 1.'),
    attemptRef: refTo('AgentDispatchAttempt').optional(),
    sessionRef: refTo('AgentSession').optional(),
    transcriptRef: refTo('AgentSessionTranscript').optional(),
    workspaceRef: refTo('KradleWorkspace').optional(),
    resolvedTransport: z.object({ transport: z.string(), codec: z.string() }).optional(),
    budgetCheckResult: z.object({ allowed: z.boolean(), estimatedCostUsd: z.number().optional(), remainingUsd: z.number().optional(), message: z.string().optional() }).optional(),
    k8sJobName: z.string().optional(),
    agentMuxRunId: z.string().optional(),
    agentMuxSessionId: z.string().optional().describe('The agent\'s own session id.'),
    agent: z.object({ name: z.string().optional(), title: z.string().optional(), version: z.string().optional(), protocolVersion: z.number().int().optional() }).optional(),
    pendingApprovals: z.array(objectName).optional().describe('Questions of the agent that wait for an answer.'),
    approvals: z.array(objectName).optional(),
    stopReason: z.string().optional().describe('How the agent ended its turn: end_turn, max_tokens, refusal …'),
    eventCursor: z.string().optional(),
    eventCount: z.number().int().optional(),
    baseSha: z.string().optional(),
    branch: z.string().optional().describe('kradle/runs/RUN-NAME.'),
    headSha: z.string().optional().describe('Commit that holds the change, when files changed.'),
    changedFiles: z.number().int().optional(),
    additions: z.number().int().optional(),
    deletions: z.number().int().optional(),
    artifacts: z.array(artifactSummary).optional(),
    summary: z.string().optional().describe('The agent\'s last message, shortened.'),
    usage: z.object({
      inputTokens: z.number().int().optional(),
      outputTokens: z.number().int().optional(),
      totalTokens: z.number().int().optional(),
      contextUsed: z.number().int().optional(),
      contextSize: z.number().int().optional(),
    }).optional(),
    costUsd: z.number().optional(),
    exitCode: z.number().int().optional(),
    lastError: z.string().optional(),
    retryable: z.boolean().optional(),
    deadlineExceeded: z.boolean().optional(),
    writeBack: z.object({
      phase: z.enum(['NothingToWrite', 'AwaitingApproval', 'Applying', 'Applied', 'Denied', 'Failed']),
      approvalRef: refTo('AgentApproval').optional(),
      pullRequestRef: refTo('PullRequest').optional(),
      branch: z.string().optional(),
      sha: z.string().optional(),
      idempotencyKey: z.string().optional(),
      message: z.string().optional(),
      appliedAt: timestamp.optional(),
    }).optional(),
    runner: z.object({
      pid: z.number().int().optional(),
      startedAt: timestamp.optional(),
      heartbeatAt: timestamp.optional(),
      host: z.string().optional(),
    }).optional(),
    childSubagentRuns: z.array(z.string()).optional(),
    retriedBy: refTo('AgentDispatchRun').optional(),
  }),
  columns: [
    { name: 'Title', path: 'spec.title', type: 'string' },
    { name: 'Repository', path: 'spec.repository', type: 'ref' },
    { name: 'Agent', path: 'spec.agentStack', type: 'ref' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Reason', path: 'status.reason', type: 'string', priority: 1 },
    { name: 'Cost', path: 'status.costUsd', type: 'usd' },
    { name: 'Last activity', path: 'status.lastActivityAt', type: 'age' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    // A run says itself that its repository is not there: older documents are records of runs elsewhere.
    { path: 'spec.repository', kind: 'Repository', owner: true },
    { path: 'spec.agentStack', kind: 'AgentStack', required: true },
    { path: 'spec.workspaceRef', kind: 'KradleWorkspace' },
    { path: 'spec.contextBundleRef', kind: 'AgentContextBundle' },
    { path: 'spec.contextLabels[]', kind: 'AgentContextLabel' },
    { path: 'spec.memorySnapshotRef', kind: 'AgentMemorySnapshot' },
    { path: 'spec.runnerPool', kind: 'RunnerPool' },
    { path: 'spec.runtimeIdentity.serviceAccountRef', kind: 'AgentServiceAccount' },
    { path: 'spec.secretGrants[]', kind: 'AgentSecretGrant' },
    { path: 'spec.configGrants[]', kind: 'AgentConfigGrant' },
    { path: 'status.writeBack.pullRequestRef', kind: 'PullRequest' },
    { path: 'status.workspaceRef', kind: 'KradleWorkspace' },
    { path: 'spec.retryOf', kind: 'AgentDispatchRun' },
    { path: 'spec.continues.run', kind: 'AgentDispatchRun' },
  ],
  actions: [
    { name: 'cancel', label: 'Cancel', procedure: 'agents.cancelRun', destructive: true },
    { name: 'retry', label: 'Retry', procedure: 'agents.retryRun' },
    { name: 'resume', label: 'Resume', procedure: 'agents.resumeRun' },
  ],
  immutable: ['spec.repository', 'spec.agentStack', 'spec.prompt', 'spec.sha', 'spec.ref', 'spec.branch', 'spec.continues'],
  search: ['spec.title', 'spec.prompt', 'spec.repository', 'spec.agentStack'],
  authored: false,
});

/** Older documents call the agent `stackRef`, and name who asked by a string. */
function upgradeRun(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { stackRef, ...rest } = spec;
  return {
    ...rest,
    ...(stackRef === undefined ? {} : { agentStack: stackRef }),
    ...(typeof rest.requestedBy === 'string' ? { requestedBy: { kind: 'user', name: rest.requestedBy } } : {}),
  };
}
