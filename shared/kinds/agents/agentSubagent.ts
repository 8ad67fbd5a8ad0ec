import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, organizationRef, refTo } from '../../kind/fields';
import { outputContract } from './outputContract';

export const AgentSubagent = defineKind({
  names: { kind: 'AgentSubagent', plural: 'agentsubagents', singular: 'agentsubagent', shortNames: ['subagent'], title: 'Subagents' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Named child-agent definition with role, task kinds, tool subset, and workspace scope',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    description: z.string().max(2000).optional().describe('What it is good for; the parent agent chooses by it.'),
    taskKinds: z.array(z.string().min(1).max(100)).max(100).describe('Kinds of tasks that it takes: research, triage, review … A stack is not ready while this is empty.'),
    rolePrompt: z.string().min(1).max(65_536).describe('Instructions that make the child what it is.'),
    workspaceScope: z.enum(['none', 'read-only', 'branch-local', 'workspace-write']).default('read-only').describe('What it may do with the files of its parent: nothing, read them, write on a branch of its own, write beside its parent.'),
    tools: z.array(z.string().min(1).max(200)).max(500).optional().describe('Tools of the parent that it may use; absent allows each.'),
    toolProfileRef: refTo('AgentToolProfile').optional(),
    model: z.string().max(200).optional().describe('Model to ask for; absent means the parent\'s.'),
    execution: z.enum(['native', 'emulated']).optional().describe('native: the parent\'s own program starts the child; emulated: Kradle runs it as a run of its own.'),
    maxParallelTasks: z.number().int().min(1).max(100).default(1).describe('Children of this kind that work at the same time.'),
    timeout: duration.optional().describe('Wall-clock ceiling of one task.'),
    outputContract: outputContract.optional().describe('What its answer has to look like.'),
  }),
  status: () => z.object({ phase: z.enum(['Ready', 'Invalid']).optional(), message: z.string().optional() }),
  columns: [
    { name: 'Tasks', path: 'spec.taskKinds', type: 'string' },
    { name: 'Scope', path: 'spec.workspaceScope', type: 'string' },
    { name: 'Parallel', path: 'spec.maxParallelTasks', type: 'integer' },
    { name: 'Description', path: 'spec.description', type: 'string', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.toolProfileRef', kind: 'AgentToolProfile' }],
  search: ['spec.displayName', 'spec.description'],
  form: {
    rolePrompt: { widget: 'textarea' },
    'outputContract.schema': { widget: 'yaml', advanced: true },
    execution: { advanced: true },
    timeout: { advanced: true, placeholder: '2h' },
    model: { advanced: true },
  },
});
