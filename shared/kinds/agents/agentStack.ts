import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, objectName, organizationRef, quantity, refTo } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';
import { writeBackPolicy } from './writeBack';

export const AgentStack = defineKind({
  names: { kind: 'AgentStack', plural: 'agentstacks', singular: 'agentstack', shortNames: ['stack'], title: 'Agents' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Reusable agent definition with model, prompt, tools, MCP servers, skills, subagents, approval mode, and runner policy',
  upgrade: upgradeStack,
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    description: z.string().max(2000).optional().describe('What it is good for.'),
    baseAgent: z.string().min(1).max(100).describe('The program behind it: claude-code, codex, opencode, demo …'),
    adapter: objectName.describe('Name of the AgentAdapter that says how to start it; "default" means the adapter named like baseAgent.'),
    provider: z.string().max(100).optional().describe('Who serves the model: anthropic, openai, google, bedrock, ollama …'),
    model: z.string().max(200).optional().describe('Model to ask the agent for; absent leaves the choice to the agent.'),
    approvalMode: z.enum(['yolo', 'prompt', 'deny']).default('prompt').describe('Answer to the agent\'s permission requests: yolo allows each, prompt asks a person, deny rejects each.'),
    prompt: z.object({
      system: z.string().max(65_536).optional().describe('What the agent is.'),
      developer: z.string().max(65_536).optional().describe('How it is to work here.'),
      task: z.string().max(65_536).optional().describe('Put in front of every task.'),
    }).optional().describe('What the agent is told before its task.'),
    agentsDocRef: z.object({ source: z.enum(['repository', 'inline']), path: z.string().max(1024).optional(), content: z.string().max(65_536).optional() }).optional().describe('The AGENTS.md that it follows: a file of the repository, or text.'),
    toolProfileRef: refTo('AgentToolProfile').optional(),
    mcpServerRefs: z.array(refTo('AgentMcpServer')).max(100).optional().describe('MCP servers whose tools it has.'),
    skillRefs: z.array(refTo('AgentSkill')).max(100).optional().describe('Skills that it knows.'),
    subagentRefs: z.array(refTo('AgentSubagent')).max(100).optional().describe('Agents that it may hand parts of its work to.'),
    contextLabelRefs: z.array(refTo('AgentContextLabel')).max(100).optional().describe('Reviewed texts that are put into its prompt.'),
    memoryRepositoryRefs: z.array(refTo('AgentMemoryRepository')).max(100).optional().describe('Memories that it may ask.'),
    memorySnapshotRef: refTo('AgentMemorySnapshot').optional(),
    workspacePolicyRef: refTo('KradleWorkspacePolicy').optional(),
    runnerPool: refTo('RunnerPool').optional(),
    runtimeIdentity: z.object({ serviceAccountRef: refTo('AgentServiceAccount') }).optional().describe('The identity that the agent acts under; local mode defaults it.'),
    permissionRefs: z.object({
      roleBindings: z.array(refTo('AgentRoleBinding')).max(500).optional(),
      secretGrants: z.array(refTo('AgentSecretGrant')).max(500).optional(),
      configGrants: z.array(refTo('AgentConfigGrant')).max(500).optional(),
    }).optional().describe('What it was given: each by its name. It is not ready while one is missing.'),
    secretPolicy: z.object({
      allowOnForks: z.boolean().optional().describe('Whether code of people who cannot push here sees Secrets.'),
      allowedSecretRefs: z.array(z.string().min(1).max(253)).max(500).optional().describe('Secrets that it may have; absent allows each that it has a grant for.'),
    }).optional().describe('Which Secrets it may have, and where.'),
    writeBackPolicy: writeBackPolicy.optional().describe('What may leave the workspace, and who decides.'),
    requiresApproval: z.boolean().default(false).describe('A person approves each run before it starts.'),
    image: z.string().max(1024).optional().describe('Container image that runs it in a cluster.'),
    resources: z.object({
      requests: z.record(z.string(), quantity).optional(),
      limits: z.record(z.string(), quantity).optional(),
    }).optional().describe('What a run of it needs of a cluster: cpu, memory.'),
    limits: z.object({
      deadline: duration.optional().describe('Wall-clock ceiling of a run; default 1h.'),
      stallAfter: duration.optional().describe('Silence after which a run is called stalled; default 5m.'),
      maxCostUsd: z.number().min(0).optional().describe('Money that one run may cost, in US dollars.'),
      maxTokens: z.number().int().min(0).optional().describe('Tokens that one run may use.'),
    }).optional().describe('Ceilings of one run.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Ready', 'Blocked']).optional(),
    defaulted: z.array(z.object({ field: z.string(), value: z.string(), reason: z.string() })).optional().describe('What was filled in, because the object left it out.'),
    lastRunAt: z.string().optional(),
  }),
  columns: [
    { name: 'Agent', path: 'spec.baseAgent', type: 'string' },
    { name: 'Adapter', path: 'spec.adapter', type: 'ref' },
    { name: 'Model', path: 'spec.model', type: 'string' },
    { name: 'Approval', path: 'spec.approvalMode', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.adapter', kind: 'AgentAdapter' },
    { path: 'spec.toolProfileRef', kind: 'AgentToolProfile' },
    { path: 'spec.workspacePolicyRef', kind: 'KradleWorkspacePolicy' },
    { path: 'spec.runtimeIdentity.serviceAccountRef', kind: 'AgentServiceAccount' },
    { path: 'spec.mcpServerRefs[]', kind: 'AgentMcpServer' },
    { path: 'spec.skillRefs[]', kind: 'AgentSkill' },
    { path: 'spec.subagentRefs[]', kind: 'AgentSubagent' },
    { path: 'spec.contextLabelRefs[]', kind: 'AgentContextLabel' },
    { path: 'spec.memoryRepositoryRefs[]', kind: 'AgentMemoryRepository' },
    { path: 'spec.memorySnapshotRef', kind: 'AgentMemorySnapshot' },
    { path: 'spec.runnerPool', kind: 'RunnerPool' },
    { path: 'spec.permissionRefs.roleBindings[]', kind: 'AgentRoleBinding' },
    { path: 'spec.permissionRefs.secretGrants[]', kind: 'AgentSecretGrant' },
    { path: 'spec.permissionRefs.configGrants[]', kind: 'AgentConfigGrant' },
  ],
  actions: [{ name: 'dispatch', label: 'Dispatch', procedure: 'agents.dispatch' }],
  search: ['spec.displayName', 'spec.description', 'spec.baseAgent'],
  form: {
    'prompt.system': { widget: 'textarea' },
    'prompt.developer': { widget: 'textarea' },
    'prompt.task': { widget: 'textarea', advanced: true },
    permissionRefs: { advanced: true },
    secretPolicy: { advanced: true },
    mcpServerRefs: { advanced: true },
    skillRefs: { advanced: true },
    subagentRefs: { advanced: true },
    contextLabelRefs: { advanced: true },
    memoryRepositoryRefs: { advanced: true },
    memorySnapshotRef: { advanced: true },
    image: { advanced: true },
    resources: { advanced: true },
    runnerPool: { advanced: true },
    agentsDocRef: { advanced: true },
  },
});

/** Older documents have three prompts beside each other, tools under `externalTools`, and a `budget`. */
function upgradeStack(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { systemPrompt, developerPrompt, taskPrompt, externalTools, budget, ...rest } = spec;
  const prompts = defined({ system: systemPrompt, developer: developerPrompt, task: taskPrompt });
  const { mcpServerRefs } = objectOf(externalTools);
  const { maxCostUsd, maxTokens, maxDurationSeconds } = objectOf(budget);
  const limits = defined({ maxCostUsd, maxTokens, deadline: typeof maxDurationSeconds === 'number' ? `${maxDurationSeconds}s` : maxDurationSeconds });
  return {
    ...rest,
    ...(Object.keys(prompts).length === 0 ? {} : { prompt: { ...objectOf(rest.prompt), ...prompts } }),
    ...(mcpServerRefs === undefined ? {} : { mcpServerRefs }),
    ...(Object.keys(limits).length === 0 ? {} : { limits: { ...objectOf(rest.limits), ...limits } }),
  };
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function objectOf(value: unknown): Record<string, unknown> {
  return isPlainObject(value) ? value : {};
}
