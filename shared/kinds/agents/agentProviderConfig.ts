import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef } from '../../kind/fields';

export const AgentProviderConfig = defineKind({
  names: { kind: 'AgentProviderConfig', plural: 'agentproviderconfigs', singular: 'agentproviderconfig', title: 'Model providers' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Model provider configuration with API base, auth type, default model, model translations, and rate limits',
  upgrade: upgradeProvider,
  spec: () => z.object({
    organizationRef,
    provider: z.string().min(1).max(100).describe('anthropic, openai, google, bedrock, ollama …'),
    authType: z.enum(['none', 'api-key', 'oauth', 'iam', 'agent-login']).describe('agent-login: the agent finds its own login on this machine.'),
    displayName: z.string().max(200).optional().describe('What people call it.'),
    apiBase: z.string().max(2048).optional().describe('Address of the API; default: the provider\'s own.'),
    secretRef: z.string().optional().describe('Name of the Secret that holds the key or token.'),
    defaultModel: z.string().max(200).optional().describe('Model of agents that name none.'),
    modelTranslations: z.record(z.string(), z.string()).optional().describe('Model names as stacks write them, to names as the provider writes them.'),
    modelRates: z.record(z.string(), z.object({
      inputPerMillionUsd: z.number().min(0),
      outputPerMillionUsd: z.number().min(0),
    })).optional().describe('Prices in US dollars for a million tokens.'),
    rateLimits: z.object({ requestsPerMinute: z.number().int().min(1).optional(), tokensPerMinute: z.number().int().min(1).optional() }).optional().describe('What the provider allows.'),
  }),
  status: () => z.object({ phase: z.enum(['Ready', 'MissingCredential']).optional() }),
  columns: [
    { name: 'Provider', path: 'spec.provider', type: 'string' },
    { name: 'Auth', path: 'spec.authType', type: 'string' },
    { name: 'Default model', path: 'spec.defaultModel', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
});

/** Older documents write `providerType`, `endpoint` and `credentialRef`. */
function upgradeProvider(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { providerType, endpoint, credentialRef, ...rest } = spec;
  return {
    ...rest,
    ...(providerType === undefined ? {} : { provider: providerType }),
    ...(endpoint === undefined ? {} : { apiBase: endpoint }),
    ...(credentialRef === undefined ? {} : { secretRef: credentialRef }),
  };
}
