import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef } from '../../kind/fields';

export const AgentToolProfile = defineKind({
  names: { kind: 'AgentToolProfile', plural: 'agenttoolprofiles', singular: 'agenttoolprofile', title: 'Tool profiles' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Native tool policy for filesystem, network, shell, and approval gates',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    description: z.string().max(2000).optional().describe('What the profile is for.'),
    nativeTools: z.object({ shell: z.boolean().optional(), filesystem: z.boolean().optional(), browser: z.boolean().optional() }).optional().describe('Tools of the agent\'s own that it may use.'),
    filesystemPolicy: z.enum(['none', 'read-only', 'workspace-write', 'full']).describe('What it may do with files: nothing, read, write in its workspace, or anything.'),
    networkPolicy: z.object({
      default: z.enum(['allow', 'deny']).optional(),
      allowHosts: z.array(z.string().min(1).max(253)).max(1000).optional(),
      denyHosts: z.array(z.string().min(1).max(253)).max(1000).optional(),
    }).optional().describe('Where it may connect to.'),
    allowedCommands: z.array(z.string().min(1).max(1000)).max(1000).optional().describe('Programs that it may start; absent allows each that is not denied.'),
    deniedCommands: z.array(z.string().min(1).max(1000)).max(1000).optional().describe('Commands that it may not start, whatever else is said.'),
    approvalPolicyByTool: z.record(z.string(), z.string()).describe('ACP tool kind or tool name, to allow, prompt, deny or one of the seeds\' longer forms (allow-workspace, prompt-on-denied-or-privileged).'),
    auditLevel: z.enum(['none', 'metadata', 'full-redacted-transcript', 'full']).optional().describe('How much of what it did is kept.'),
  }),
  status: () => z.object({ phase: z.enum(['Ready']).optional() }),
  columns: [
    { name: 'Filesystem', path: 'spec.filesystemPolicy', type: 'string' },
    { name: 'Network', path: 'spec.networkPolicy.default', type: 'string' },
    { name: 'Audit', path: 'spec.auditLevel', type: 'string', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  search: ['spec.displayName', 'spec.description'],
});
