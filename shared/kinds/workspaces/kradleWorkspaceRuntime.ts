import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo, timestamp } from '../../kind/fields';

/** States of a codespace. Source: seeds, 003 section 7.4. */
export const runtimeState = z.enum(['Stopped', 'Starting', 'Running', 'Stopping']);

export const KradleWorkspaceRuntime = defineKind({
  names: { kind: 'KradleWorkspaceRuntime', plural: 'kradleworkspaceruntimes', singular: 'kradleworkspaceruntime', title: 'Workspace runtimes' },
  context: 'workspaces',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Workspace runtime surface state with cwd, environment variables, process status, and preview URL',
  aliases: ['AgentWorkspaceRuntime', 'KrateWorkspaceRuntime'],
  spec: () => z.object({
    organizationRef,
    workspaceRef: refTo('KradleWorkspace'),
    status: runtimeState.describe('The state that the runtime is in or is brought to.'),
    cwd: z.string().max(4096).optional().describe('Folder that its processes start in.'),
    env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).optional().describe('Environment variables of its processes. Not for secrets: use grants.'),
    command: z.array(z.string().min(1).max(4096)).min(1).max(100).optional().describe('Program and arguments that it starts with, a dev server for instance.'),
    image: z.string().max(1024).optional().describe('Container image, in a cluster.'),
    ports: z.array(z.object({
      name: z.string().max(63).optional(),
      port: z.number().int().min(1).max(65_535),
      protocol: z.enum(['http', 'https', 'tcp']).optional(),
    })).max(50).optional().describe('Ports that it serves.'),
    previewUrl: z.string().max(2048).optional().describe('Where people see what it serves.'),
    dispatchRun: refTo('AgentDispatchRun').optional().describe('The run that it was started for.'),
  }),
  status: () => z.object({
    phase: z.enum([...runtimeState.options, 'Failed']).optional(),
    message: z.string().optional(),
    url: z.string().optional().describe('Address of the codespace.'),
    previewUrl: z.string().optional(),
    processes: z.array(z.object({
      name: z.string().optional(),
      command: z.string().optional(),
      pid: z.number().int().optional(),
      state: z.enum(['Starting', 'Running', 'Exited', 'Failed']),
      port: z.number().int().optional(),
      exitCode: z.number().int().optional(),
      startedAt: timestamp.optional(),
    })).optional(),
    startedAt: timestamp.optional(),
    stoppedAt: timestamp.optional(),
    lastActivityAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Workspace', path: 'spec.workspaceRef', type: 'ref' },
    { name: 'Wanted', path: 'spec.status', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Preview', path: 'spec.previewUrl', type: 'string', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.workspaceRef', kind: 'KradleWorkspace', required: true, owner: true },
    { path: 'spec.dispatchRun', kind: 'AgentDispatchRun' },
  ],
  immutable: ['spec.workspaceRef'],
  form: { env: { widget: 'keyvalue' }, command: { widget: 'command', placeholder: 'npm run dev' } },
  authored: false,
});
