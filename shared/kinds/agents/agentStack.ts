import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, objectName, organizationRef, refTo } from '../../kind/fields';

/** What may be done with a run's outcome, and whether a person decides. Source: seeds, 002, "writeBackPolicy". */
export const writeBackPolicy = z.object({
  requireApproval: z.boolean().default(true).describe('A person approves before anything leaves the workspace.'),
  allowedTargets: z.array(z.enum(['branch-push', 'pull-request', 'pull-request-comment', 'issue-comment', 'check-rerun'])).optional(),
});

export const AgentStack = defineKind({
  names: { kind: 'AgentStack', plural: 'agentstacks', singular: 'agentstack', shortNames: ['stack'], title: 'Agents' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Reusable agent definition with model, prompt, tools, MCP servers, skills, subagents, approval mode, and runner policy',
  spec: z.object({
    organizationRef,
    displayName: z.string().max(200).optional(),
    description: z.string().max(2000).optional(),
    baseAgent: z.string().min(1).max(100).describe('The program behind it: claude-code, codex, opencode, demo …'),
    adapter: objectName.describe('Name of the AgentAdapter that says how to start it; "default" means the adapter named like baseAgent.'),
    provider: z.string().max(100).optional(),
    model: z.string().max(200).optional().describe('Model to ask the agent for; absent leaves the choice to the agent.'),
    approvalMode: z.enum(['yolo', 'prompt', 'deny']).default('prompt').describe('Answer to the agent\'s permission requests: yolo allows each, prompt asks a person, deny rejects each.'),
    prompt: z.object({
      system: z.string().max(65_536).optional(),
      developer: z.string().max(65_536).optional(),
      task: z.string().max(65_536).optional().describe('Put in front of every task.'),
    }).optional(),
    agentsDocRef: z.object({ source: z.enum(['repository', 'inline']), path: z.string().optional() }).optional(),
    toolProfileRef: refTo('AgentToolProfile').optional(),
    mcpServerRefs: z.array(objectName).optional(),
    skillRefs: z.array(objectName).optional(),
    subagentRefs: z.array(objectName).optional(),
    contextLabelRefs: z.array(objectName).optional(),
    memoryRepositoryRefs: z.array(objectName).optional(),
    workspacePolicyRef: refTo('KradleWorkspacePolicy').optional(),
    runnerPool: objectName.optional(),
    runtimeIdentity: z.object({ serviceAccountRef: objectName }).optional().describe('The identity that the agent acts under; local mode defaults it.'),
    permissionRefs: z.object({
      roleBindings: z.array(objectName).optional(),
      secretGrants: z.array(objectName).optional(),
      configGrants: z.array(objectName).optional(),
    }).optional(),
    secretPolicy: z.object({ allowOnForks: z.boolean().optional(), allowedSecretRefs: z.array(z.string()).optional() }).optional(),
    writeBackPolicy: writeBackPolicy.optional(),
    requiresApproval: z.boolean().default(false).describe('A person approves each run before it starts.'),
    limits: z.object({
      deadline: duration.optional().describe('Wall-clock ceiling of a run; default 1h.'),
      stallAfter: duration.optional().describe('Silence after which a run is called stalled; default 5m.'),
      maxCostUsd: z.number().min(0).optional(),
      maxTokens: z.number().int().min(0).optional(),
    }).optional(),
  }),
  status: z.object({
    phase: z.enum(['Pending', 'Ready', 'Blocked']).optional(),
    defaulted: z.array(z.object({ field: z.string(), value: z.string(), reason: z.string() })).optional().describe('What local mode filled in.'),
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
  ],
  actions: [{ name: 'dispatch', label: 'Dispatch', procedure: 'agents.dispatch' }],
  search: ['spec.displayName', 'spec.baseAgent'],
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
    runnerPool: { advanced: true },
    agentsDocRef: { advanced: true },
  },
});
