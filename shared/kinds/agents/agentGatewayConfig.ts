import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, organizationRef, secretReference, timestamp } from '../../kind/fields';

export const AgentGatewayConfig = defineKind({
  names: { kind: 'AgentGatewayConfig', plural: 'agentgatewayconfigs', singular: 'agentgatewayconfig', shortNames: ['gateway'], title: 'Agent gateways' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Runtime Agent Mux gateway connection settings with URL, auth, reconnect policy, and feature flags',
  upgrade: upgradeUrl,
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    gatewayUrl: z.string().max(2048).regex(/^(?:https?|wss?):\/\/(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?(?:[/?#][\x21-\x7e]*)?$/, 'must be an http, https, ws or wss address without a user or password in it').describe('Address of the gateway.'),
    auth: z.object({
      type: z.enum(['none', 'bearer', 'basic', 'mtls']).default('none'),
      secretRef: secretReference.optional(),
    }).optional().describe('How Kradle shows who it is.'),
    reconnectPolicy: z.object({
      maxAttempts: z.number().int().min(0).max(1000).default(10),
      initialDelay: duration.default('1s'),
      maxDelay: duration.default('30s'),
    }).optional().describe('What happens when the connection breaks.'),
    pool: z.object({
      maxConnections: z.number().int().min(1).max(1000).default(10),
      idleTimeout: duration.default('30s'),
    }).optional().describe('Connections that are kept open.'),
    streamTimeoutSeconds: z.number().int().min(1).max(86_400).optional().describe('Silence after which a stream is given up, in seconds.'),
    featureFlags: z.record(z.string(), z.boolean()).optional().describe('Features of the gateway, by name, that are switched on or off.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Ready', 'Unreachable']).optional(),
    message: z.string().optional(),
    version: z.string().optional(),
    capabilities: z.array(z.string()).optional(),
    lastCheckedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Address', path: 'spec.gatewayUrl', type: 'string' },
    { name: 'Auth', path: 'spec.auth.type', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  search: ['spec.displayName', 'spec.gatewayUrl'],
  form: { reconnectPolicy: { advanced: true }, pool: { advanced: true }, streamTimeoutSeconds: { advanced: true } },
});

/** Older documents call the address `endpointUrl`. */
function upgradeUrl(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { endpointUrl, ...rest } = spec;
  return endpointUrl === undefined ? rest : { ...rest, gatewayUrl: endpointUrl };
}
