import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef } from '../../kind/fields';

export const AgentAdapter = defineKind({
  names: { kind: 'AgentAdapter', plural: 'agentadapters', singular: 'agentadapter', title: 'Agent adapters' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Agent adapter definition with transport type, capabilities matrix, auth requirements, and installation method',
  spec: () => z.object({
    organizationRef,
    adapterType: z.enum(['acp', 'command', 'subprocess', 'remote', 'programmatic']).describe('acp speaks the Agent Client Protocol; command is any program that works in the folder and ends.'),
    transport: z.enum(['stdio', 'http', 'websocket', 'unix']).default('stdio').describe('How Kradle talks to the program.'),
    displayName: z.string().max(200).optional().describe('What people call it.'),
    command: z.array(z.string().min(1).max(4096)).min(1).max(100).optional().describe('Program and arguments. For a command adapter "{prompt}" and "{promptFile}" are replaced; without either, the task comes on standard input.'),
    env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).optional().describe('Set in the agent\'s environment. Not for secrets: use grants.'),
    inheritEnv: z.array(z.string()).optional().describe('Further variables of the server\'s environment that the agent may see, by name.'),
    capabilities: z.array(z.string()).optional().describe('What the agent can do: load-session, images, mcp …'),
    authRequirements: z.array(z.object({ type: z.string(), description: z.string().optional() })).optional().describe('Sign-ins that it needs.'),
    installation: z.object({ method: z.string().optional(), package: z.string().optional(), version: z.string().optional(), hint: z.string().optional() }).optional().describe('How its program gets onto a machine.'),
    initializeTimeoutSeconds: z.number().int().min(1).max(600).default(60).describe('How long the agent may take to answer initialize, in seconds.'),
  }),
  status: () => z.object({
    phase: z.enum(['Ready', 'NotFound', 'Unsupported']).optional(),
    resolvedProgram: z.string().optional().describe('Where the program was found.'),
    agentInfo: z.object({ name: z.string().optional(), title: z.string().optional(), version: z.string().optional() }).optional().describe('What the agent said of itself in initialize.'),
    protocolVersion: z.number().int().optional(),
  }),
  columns: [
    { name: 'Type', path: 'spec.adapterType', type: 'string' },
    { name: 'Transport', path: 'spec.transport', type: 'string' },
    { name: 'Command', path: 'spec.command', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  search: ['spec.displayName'],
  form: { command: { widget: 'command', placeholder: 'opencode acp' }, env: { widget: 'keyvalue' } },
});
