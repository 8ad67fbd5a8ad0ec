import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo } from '../../kind/fields';

export const AgentTransportBinding = defineKind({
  names: { kind: 'AgentTransportBinding', plural: 'agenttransportbindings', singular: 'agenttransportbinding', title: 'Transport bindings' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Connection configuration for an adapter instance with endpoint, protocol, auth, health check, and reconnect policy',
  spec: () => z.object({
    organizationRef,
    adapterRef: refTo('AgentAdapter'),
    endpoint: z.string().min(1).max(2048).describe('Where the adapter is reached: a command, a socket or an address.'),
    protocol: z.enum(['stdio', 'http', 'websocket', 'unix', 'grpc']).describe('How it is spoken to.'),
    codec: z.enum(['json', 'ndjson', 'msgpack']).default('json').describe('How messages are written.'),
    auth: z.object({ type: z.enum(['none', 'bearer', 'basic', 'mtls']), secretRef: z.string().optional() }).optional().describe('How Kradle makes itself known to it.'),
    healthCheck: z.object({ path: z.string().optional(), intervalSeconds: z.number().int().min(1).optional(), timeoutSeconds: z.number().int().min(1).optional() }).optional().describe('How it is asked whether it is there.'),
    reconnect: z.object({
      maxAttempts: z.number().int().min(0).default(3),
      initialDelayMs: z.number().int().min(0).default(1000),
      maxDelayMs: z.number().int().min(0).default(30_000),
    }).optional().describe('How a lost connection is taken up again.'),
  }),
  status: () => z.object({ phase: z.enum(['Pending', 'Ready', 'Failed']).optional() }),
  columns: [
    { name: 'Adapter', path: 'spec.adapterRef', type: 'ref' },
    { name: 'Protocol', path: 'spec.protocol', type: 'string' },
    { name: 'Endpoint', path: 'spec.endpoint', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.adapterRef', kind: 'AgentAdapter', required: true, owner: true }],
});
