import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, httpUrl, objectName, organizationRef, refTo, secretReference, timestamp } from '../../kind/fields';

export const AgentMcpServer = defineKind({
  names: { kind: 'AgentMcpServer', plural: 'agentmcpservers', singular: 'agentmcpserver', shortNames: ['mcp'], title: 'MCP servers' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Managed MCP endpoint with transport, discovery, health, and secret/config refs',
  upgrade: upgradeEndpoint,
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    description: z.string().max(2000).optional().describe('What its tools are for.'),
    transport: z.enum(['stdio', 'http', 'streamable-http', 'sse', 'websocket']).describe('How the agent reaches it. stdio starts a program beside the agent; the others call an address.'),
    scope: z.enum(['organization', 'team', 'repository', 'stack', 'run']).describe('How far one server reaches: it is started and authorised anew for each of these.'),
    url: httpUrl.optional().describe('Address of the server; of every transport but stdio.'),
    command: z.array(z.string().min(1).max(4096)).min(1).max(100).optional().describe('Program and arguments; of the stdio transport.'),
    env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).optional().describe('Set in the server\'s environment. Not for secrets: use secretRefs.'),
    headers: z.record(z.string(), z.string()).optional().describe('Sent with every request. Not for secrets: use secretRefs.'),
    secretRefs: z.array(secretReference.extend({ env: z.string().max(200).optional().describe('Variable that gets the value.'), header: z.string().max(200).optional().describe('Header that gets the value.') })).max(50).optional().describe('Secrets that it needs; the agent needs a grant for each.'),
    configRefs: z.array(z.object({ name: objectName, namespace: objectName.optional(), key: z.string().max(253).optional() })).max(50).optional().describe('ConfigMap entries that it needs; the agent needs a grant for each.'),
    allowedAgentStacks: z.array(refTo('AgentStack')).max(500).optional().describe('Agents that may use it; absent allows each.'),
    allowedTools: z.array(z.string().min(1).max(200)).max(500).optional().describe('Tools of it that agents may call; absent allows each.'),
    deniedTools: z.array(z.string().min(1).max(200)).max(500).optional().describe('Tools that no agent may call.'),
    approvalPolicy: z.enum(['auto', 'readonly-auto-write-prompt', 'prompt', 'deny']).optional().describe('Answer to its tool calls: allow each, allow reads and ask about writes, ask about each, refuse each.'),
    discovery: z.object({
      enabled: z.boolean().default(true).describe('Ask the server which tools it has.'),
      interval: duration.optional().describe('How often.'),
    }).optional().describe('How its tools become known.'),
    healthCheck: z.object({
      interval: duration.optional().describe('How often it is called.'),
      timeout: duration.optional().describe('Silence after which it counts as unhealthy; default 3s.'),
    }).optional().describe('How it is asked whether it is there.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Ready', 'Unhealthy']).optional(),
    health: z.enum(['Ready', 'Unhealthy', 'Unknown']).optional(),
    message: z.string().optional(),
    discoveredTools: z.array(z.string()).optional().describe('Tools that it offered when it was asked last.'),
    serverInfo: z.object({ name: z.string().optional(), version: z.string().optional() }).optional().describe('What the server said of itself in initialize.'),
    protocolVersion: z.string().optional(),
    lastCheckedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Transport', path: 'spec.transport', type: 'string' },
    { name: 'Scope', path: 'spec.scope', type: 'string' },
    { name: 'Health', path: 'status.health', type: 'phase' },
    { name: 'Address', path: 'spec.url', type: 'string', priority: 1 },
    { name: 'Approval', path: 'spec.approvalPolicy', type: 'string', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.allowedAgentStacks[]', kind: 'AgentStack' }],
  search: ['spec.displayName', 'spec.description', 'spec.url'],
  form: {
    command: { widget: 'command', placeholder: 'npx -y @modelcontextprotocol/server-everything' },
    env: { widget: 'keyvalue', advanced: true },
    headers: { widget: 'keyvalue', advanced: true },
    configRefs: { advanced: true },
    discovery: { advanced: true },
    healthCheck: { advanced: true },
  },
});

/** Older documents call the address `endpoint`, and have one `secretRef`. */
function upgradeEndpoint(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { endpoint, secretRef, ...rest } = spec;
  return {
    ...rest,
    ...(endpoint === undefined ? {} : { url: endpoint }),
    ...(secretRef === undefined ? {} : { secretRefs: [typeof secretRef === 'string' ? { name: secretRef } : secretRef] }),
  };
}
