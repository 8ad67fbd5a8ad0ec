import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef } from '../../kind/fields';

export const AgentToolProfile = defineKind({
  names: { kind: 'AgentToolProfile', plural: 'agenttoolprofiles', singular: 'agenttoolprofile', title: 'Tool profiles' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Native tool policy for filesystem, network, shell, and approval gates',
  spec: z.object({
    organizationRef,
    displayName: z.string().max(200).optional(),
    nativeTools: z.object({ shell: z.boolean().optional(), filesystem: z.boolean().optional(), browser: z.boolean().optional() }).optional(),
    filesystemPolicy: z.enum(['none', 'read-only', 'workspace-write', 'full']),
    networkPolicy: z.object({ default: z.enum(['allow', 'deny']).optional(), allowHosts: z.array(z.string()).optional() }).optional(),
    allowedCommands: z.array(z.string()).optional(),
    deniedCommands: z.array(z.string()).optional(),
    approvalPolicyByTool: z.record(z.string(), z.string()).describe('ACP tool kind or tool name, to allow, prompt, deny or one of the seeds\' longer forms (allow-workspace, prompt-on-denied-or-privileged).'),
    auditLevel: z.enum(['none', 'metadata', 'full-redacted-transcript', 'full']).optional(),
  }),
  status: z.object({ phase: z.enum(['Ready']).optional() }),
  columns: [
    { name: 'Filesystem', path: 'spec.filesystemPolicy', type: 'string' },
    { name: 'Network', path: 'spec.networkPolicy.default', type: 'string' },
    { name: 'Audit', path: 'spec.auditLevel', type: 'string', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
});
