/** Inputs, outputs and events of the agents' named procedures. */
import { z } from 'zod';
import { commitId, duration, digest } from '../kind/fields';
import { objectName } from '../kind/objectMeta';
import { orgParam } from './paging';

/** A well-known agent, and whether its program is on this machine. */
export const agentPreset = z.object({
  id: z.string(),
  title: z.string(),
  /** Program and arguments that speak ACP. */
  command: z.array(z.string()),
  adapterType: z.enum(['acp', 'command']),
  found: z.boolean(),
  resolvedProgram: z.string().optional(),
  installHint: z.string(),
  docsUrl: z.string().optional(),
});
export type AgentPreset = z.output<typeof agentPreset>;

/** One form: makes an AgentAdapter and an AgentStack together, or neither. */
export const createAgentInput = orgParam.extend({
  name: objectName.max(100),
  displayName: z.string().max(200).optional(),
  preset: z.string().max(100).optional().describe('Id of a preset; fills command and type.'),
  adapterType: z.enum(['acp', 'command']).default('acp'),
  command: z.array(z.string().min(1).max(4096)).min(1).max(100).optional(),
  env: z.record(z.string(), z.string()).optional(),
  model: z.string().max(200).optional(),
  systemPrompt: z.string().max(65_536).optional(),
  approvalMode: z.enum(['yolo', 'prompt', 'deny']).default('prompt'),
});

/** Seeds: 000-openapi DispatchInput and 001 manual dispatch; `stackRef` and `agentStack` are the same. */
export const dispatchInput = orgParam.extend({
  stackRef: objectName.optional(),
  agentStack: objectName.optional(),
  repository: objectName,
  branch: z.string().max(255).optional(),
  ref: z.string().max(255).optional(),
  sha: z.string().max(64).optional(),
  prompt: z.string().min(1).max(262_144),
  title: z.string().max(200).optional(),
  taskKind: z.string().min(1).max(100).default('manual'),
  sourceRefs: z.record(z.string(), z.string()).optional(),
  contextLabels: z.array(objectName).optional(),
  context: z.record(z.string(), z.unknown()).optional(),
  runtimeIdentity: z.object({ serviceAccountRef: objectName }).optional(),
  workspacePolicy: z.object({ mode: z.string().optional(), baseBranch: z.string().optional() }).optional(),
  writeBackPolicy: z.object({ requireApproval: z.boolean() }).optional(),
  requiresApproval: z.boolean().optional(),
  deadline: duration.optional(),
});

export const runParam = orgParam.extend({ name: objectName });
/** Seeds, 001 "Dispatch actions". */
export const runActionInput = runParam.extend({
  reason: z.string().max(2000).optional().describe('Why, for those who look at the run later.'),
  expectedGeneration: z.number().int().min(1).optional().describe('Refuse (409) when the run is at another metadata.generation.'),
});
export const cancelRunInput = runActionInput;
export const followUpRunInput = runActionInput.extend({ message: z.string().min(1).max(262_144).optional().describe('What the agent is told. To continue a run takes one; without it the task is that of the run.') });
/** "accepted": the controllers carry it out. `run` and `attempt` are those that work now. */
export const runActionResult = z.object({ accepted: z.literal(true), run: z.string(), attempt: z.string(), phase: z.string() });
export const runEventsInput = runParam.extend({
  after: z.coerce.number().int().min(0).optional(),
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
});

/** `{ decision: approve | deny, optionId?, reason? }`; the older words approved, denied and comment are accepted too. */
export const decideInput = orgParam.extend({
  name: objectName,
  decision: z.enum(['approve', 'deny', 'approved', 'denied']),
  optionId: z.string().max(200).optional().describe('The agent\'s own option. Without it: the one reject or the one allow_once option, if there is exactly one.'),
  reason: z.string().max(2000).optional(),
  comment: z.string().max(2000).optional(),
  expectedArtifactDigest: digest.optional(),
});

/** Seeds, 003 section 6.4. */
export const callbackInput = runParam.extend({
  phase: z.enum(['Succeeded', 'Failed']),
  exitCode: z.number().int().optional(),
  artifacts: z.array(z.object({ kind: z.string(), digest, path: z.string().optional() })).max(100).optional(),
  costUsd: z.number().min(0).optional(),
  errorMessage: z.string().max(65_536).optional(),
  reason: z.string().max(100).optional(),
  stopReason: z.string().max(100).optional(),
  headSha: commitId.optional(),
  summary: z.string().max(65_536).optional(),
});

/**
 * Types of run events. `data` of `update` is an ACP SessionUpdate, verbatim; the others are Kradle's own. Events are upserts by
 * what they carry (`toolCallId`), in the order of `seq`.
 */
export const RUN_EVENT_TYPES = [
  'run.phase', // { phase, reason?, message? }
  'runner.started', // { pid, attempt }
  'agent.started', // { command: [program, …args], pid }
  'agent.initialized', // { agentInfo?, protocolVersion, agentCapabilities?, authMethods? }
  'session.created', // { sessionId, cwd, loaded? }
  'prompt', // { text } what was sent to the agent
  'update', // ACP SessionUpdate
  'permission.requested', // { approval, requestId, toolCall, options }
  'permission.resolved', // { approval, requestId, outcome: 'selected' | 'cancelled', optionId?, by? }
  'stderr', // { text } the agent's standard error
  'stdout', // { text } a command adapter's output
  'turn.ended', // { stopReason, usage? }
  'commit.created', // { sha, files, additions, deletions }
  'artifact.stored', // { kind, digest, sizeBytes, name? }
  'agent.exited', // { exitCode?, signal? }
  'runner.error', // { reason, message }
  'runner.notice', // { message }
] as const;
export type RunEventType = (typeof RUN_EVENT_TYPES)[number];

export const runEvent = z.object({
  seq: z.number().int(),
  id: z.string(),
  at: z.string(),
  type: z.string(),
  data: z.unknown(),
});
export type RunEvent = z.output<typeof runEvent>;
export const runEventPage = z.object({ items: z.array(runEvent), lastSeq: z.number().int() });

/** Environment that Kradle gives an agent besides what its adapter sets; nothing of the server's own leaks in. */
export const AGENT_ENV_ALLOW_LIST = [
  'PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TERM', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SSH_AUTH_SOCK',
  'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_STATE_HOME', 'XDG_RUNTIME_DIR', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR',
  'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy',
  'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'SYSTEMROOT', 'COMSPEC', 'PATHEXT', 'WINDIR', 'HOMEDRIVE', 'HOMEPATH',
] as const;
