/**
 * What the runner and the server say to each other, over HTTP under `/api/orgs/ORG/agents/runs/RUN/runner/…`, with the run's token.
 * Every message carries the attempt: a runner of an attempt that was given up is answered 409 and ends.
 */
import { z } from 'zod';
import { commitId, digest } from '#shared/kind/fields';
import { RUN_EVENT_TYPES } from '#shared/api/agents';

/** Longest time that the server holds a poll open, in milliseconds. */
export const MAX_POLL_MS = 25_000;
/** How often a runner says that it lives. */
export const HEARTBEAT_MS = 5_000;
/** Of one batch of events, as JSON. */
export const MAX_EVENT_BATCH_BYTES = 8 * 1024 * 1024;
export const MAX_EVENTS_IN_BATCH = 1_000;
/** Of one artifact. */
export const MAX_ARTIFACT_BYTES = 512 * 1024 * 1024;

const attempt = z.number().int().min(1);

/** What a runner is to do. Holds no token and nothing of the server's own. */
export const assignment = z.object({
  org: z.string(),
  run: z.string(),
  attempt,
  repository: z.string(),
  title: z.string(),
  workspacePath: z.string(),
  /** Folders of git repositories that the worktree hangs on. */
  workspaceRepository: z.string(),
  forgeRepository: z.string(),
  branch: z.string().describe('kradle/runs/RUN-NAME'),
  baseSha: z.string(),
  adapter: z.object({
    name: z.string(),
    type: z.enum(['acp', 'command']),
    command: z.array(z.string()).min(1),
    env: z.record(z.string(), z.string()),
    inheritEnv: z.array(z.string()),
    initializeTimeoutMs: z.number().int(),
  }),
  /** Who the agent's commits are by. */
  author: z.object({ name: z.string(), email: z.string() }),
  model: z.string().optional(),
  prompt: z.string(),
  /** A session that the agent said it can load, of an attempt whose runner was lost. */
  resumeSessionId: z.string().optional(),
  /** What the agent is told in that session; in any other it gets the prompt. Absent: that it was interrupted. */
  resumePrompt: z.string().optional(),
  maxTranscriptBytes: z.number().int(),
});
export type Assignment = z.output<typeof assignment>;

/** What grants give the agent. The only message that holds values: it is kept nowhere. */
export const grantedValues = z.object({
  values: z.array(z.object({
    kind: z.enum(['secret', 'config']),
    /** Name of the Secret or ConfigMap. */
    source: z.string(),
    key: z.string(),
    mount: z.enum(['env', 'file']),
    /** Of an environment variable. */
    variable: z.string(),
    /** Base64. */
    value: z.string(),
  })),
  /** Why the agent cannot be given what it is to have. */
  failure: z.string().optional(),
});
export type GrantedValues = z.output<typeof grantedValues>;
export type GrantedValue = GrantedValues['values'][number];

export const runnerEvents = z.object({
  attempt,
  events: z.array(z.object({ id: z.string().min(1).max(200), at: z.iso.datetime({ offset: true }), type: z.enum(RUN_EVENT_TYPES), data: z.unknown() })).max(MAX_EVENTS_IN_BATCH),
});
export type RunnerEvent = z.output<typeof runnerEvents>['events'][number];

const count = z.number().int().min(0);
export const usage = z.object({
  inputTokens: count.optional(),
  outputTokens: count.optional(),
  totalTokens: count.optional(),
  contextUsed: count.optional(),
  contextSize: count.optional(),
});
export type RunUsage = z.output<typeof usage>;

export const heartbeat = z.object({
  attempt,
  pid: z.number().int(),
  host: z.string().max(255),
  startedAt: z.iso.datetime(),
  /** What the runner is doing; becomes the run's reason while nothing else explains a wait. */
  stage: z.enum(['RunnerStarting', 'AgentStarting', 'Working', 'Finishing']),
  lastActivityAt: z.iso.datetime(),
  usage: usage.optional(),
  costUsd: z.number().min(0).optional(),
  agent: z.object({ name: z.string().max(200).optional(), title: z.string().max(200).optional(), version: z.string().max(200).optional(), protocolVersion: z.number().int().optional() }).optional(),
});
export type Heartbeat = z.output<typeof heartbeat>;

export const sessionReport = z.object({ attempt, sessionId: z.string().min(1).max(1000), cwd: z.string(), loadSupported: z.boolean() });

export const permissionReport = z.object({
  attempt,
  requestId: z.string().min(1).max(200),
  toolCall: z.record(z.string(), z.unknown()),
  options: z.array(z.object({ optionId: z.string().min(1).max(1000), name: z.string().max(4000), kind: z.string().max(100) })).max(50),
});

export const permissionAnswer = z.object({
  approval: z.string(),
  /** `none`: nobody has answered yet; ask again. */
  outcome: z.enum(['none', 'selected', 'cancelled']),
  optionId: z.string().optional(),
  by: z.string().optional(),
  /** Policy answered, no person was asked. */
  automatic: z.boolean().optional(),
  message: z.string().optional(),
});
export type PermissionAnswer = z.output<typeof permissionAnswer>;

export const permissionDelivered = z.object({ attempt, approval: z.string(), withdrawn: z.boolean().optional() });

export const control = z.object({
  cancel: z.object({ reason: z.enum(['CancelledByUser', 'DeadlineExceeded', 'BudgetExceeded']), message: z.string() }).optional(),
});
export type Control = z.output<typeof control>;

export const artifactReport = z.object({
  attempt,
  kind: z.enum(['patch', 'diagnosis', 'log']),
  digest,
  sizeBytes: count,
  mediaType: z.string().max(200),
  fileName: z.string().max(255),
  inlineSummary: z.string().max(16_384).optional(),
  /** Values of secrets were in it, and were taken out. */
  redacted: z.boolean().optional(),
  patch: z.object({
    baseSha: commitId,
    headSha: commitId,
    files: z.array(z.object({ path: z.string(), status: z.string(), additions: count, deletions: count })).max(3000),
    filesTruncated: z.boolean(),
  }).optional(),
});
export type ArtifactReport = z.output<typeof artifactReport>;

/** The seeds' callback (003 section 6.4) with what a runner knows beyond it. */
export const finishReport = z.object({
  attempt,
  changedFiles: count.optional(),
  additions: count.optional(),
  deletions: count.optional(),
  usage: usage.optional(),
  retryable: z.boolean().optional(),
});
export type FinishReport = z.output<typeof finishReport>;
