import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef } from '../../kind/fields';

export const AgentProviderConfig = defineKind({
  names: { kind: 'AgentProviderConfig', plural: 'agentproviderconfigs', singular: 'agentproviderconfig', title: 'Model providers' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Model provider configuration with API base, auth type, default model, model translations, and rate limits',
  spec: z.object({
    organizationRef,
    provider: z.string().min(1).max(100).describe('anthropic, openai, google, bedrock, ollama …'),
    authType: z.enum(['none', 'api-key', 'oauth', 'iam', 'agent-login']).describe('agent-login: the agent finds its own login on this machine.'),
    apiBase: z.string().max(2048).optional(),
    secretRef: z.string().optional(),
    defaultModel: z.string().max(200).optional(),
    modelTranslations: z.record(z.string(), z.string()).optional().describe('Model names as stacks write them, to names as the provider writes them.'),
    modelRates: z.record(z.string(), z.object({
      inputPerMillionUsd: z.number().min(0),
      outputPerMillionUsd: z.number().min(0),
    })).optional().describe('Prices in US dollars for a million tokens.'),
    rateLimits: z.object({ requestsPerMinute: z.number().int().min(1).optional(), tokensPerMinute: z.number().int().min(1).optional() }).optional(),
  }),
  status: z.object({ phase: z.enum(['Ready', 'MissingCredential']).optional() }),
  columns: [
    { name: 'Provider', path: 'spec.provider', type: 'string' },
    { name: 'Auth', path: 'spec.authType', type: 'string' },
    { name: 'Default model', path: 'spec.defaultModel', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
});
