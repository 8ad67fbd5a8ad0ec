import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { foreignDigest, organizationRef, refTo, timestamp } from '../../kind/fields';

/** One thing that a provider can do. Source: seeds, 004-external-backend-crds, and what its adapters need to know before a call. */
const operation = z.object({
  name: z.string().min(1).max(100).describe('As the interface calls it: createComment, mergePullRequest.'),
  resourceKinds: z.array(z.string().min(1).max(63)).max(50).optional().describe('Kinds that it works on.'),
  writes: z.boolean().default(false).describe('It changes something at the provider.'),
  permissions: z.array(z.string().min(1).max(100)).max(50).optional().describe('What the credentials must be allowed to do.'),
  idempotent: z.boolean().optional().describe('Sending it twice does what sending it once does.'),
  rateLimitCost: z.number().int().min(0).optional().describe('Requests that it counts for.'),
  confirmationEvents: z.array(z.string().min(1).max(100)).max(50).optional().describe('Deliveries that confirm it.'),
});

const interfaceCapability = z.object({
  supported: z.boolean().default(true),
  operations: z.array(operation).max(500).optional(),
});

/** Source: seeds, 003 number 46; 004, "Provider type registry". */
export const ExternalProviderCapabilityManifest = defineKind({
  names: { kind: 'ExternalProviderCapabilityManifest', plural: 'externalprovidercapabilitymanifests', singular: 'externalprovidercapabilitymanifest', shortNames: ['epcm'], title: 'Provider capabilities' },
  context: 'external',
  storage: 'config',
  placement: 'org',
  purpose: 'Discovered capability surface of an external backend provider including supported resource kinds and API features',
  spec: () => z.object({
    organizationRef,
    providerRef: refTo('ExternalBackendProvider'),
    providerType: z.string().max(63).optional().describe('Type of the provider: github.'),
    capabilities: z.object({
      issueTracking: interfaceCapability.optional(),
      cicd: interfaceCapability.optional(),
      gitForge: interfaceCapability.optional(),
      resourceKinds: z.array(z.string().min(1).max(63)).max(100).optional().describe('Kinds that can be synced.'),
      features: z.array(z.string().min(1).max(100)).max(200).optional().describe('What its API can do beside: graphql, conditional-requests, webhooks-redelivery.'),
    }).describe('What the provider can do, by interface.'),
    hosting: z.array(z.string().min(1).max(63)).max(20).optional().describe('Where the provider can be hosted: saas, self-managed.'),
    authModes: z.array(z.string().min(1).max(63)).max(20).optional().describe('Ways in which it can be signed in to.'),
    webhookSignature: z.string().max(63).optional().describe('How it signs what it delivers: hmac-sha256.'),
    supportsGraphql: z.boolean().optional().describe('It has a GraphQL API.'),
    supportsRest: z.boolean().optional().describe('It has a REST API.'),
    apiVersion: z.string().max(100).optional().describe('Version of the provider\'s API that this was found with.'),
    discoveredAt: timestamp.optional().describe('When this was found out.'),
    digest: foreignDigest.optional().describe('Digest of what was found, to see a change.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Current', 'Stale', 'Failed']).optional(),
    message: z.string().optional().describe('Why the phase is what it is.'),
  }),
  columns: [
    { name: 'Provider', path: 'spec.providerRef', type: 'ref' },
    { name: 'Type', path: 'spec.providerType', type: 'string' },
    { name: 'API', path: 'spec.apiVersion', type: 'string', priority: 1 },
    { name: 'Discovered', path: 'spec.discoveredAt', type: 'age' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
  ],
  refs: [{ path: 'spec.providerRef', kind: 'ExternalBackendProvider', owner: true }],
  search: ['spec.providerRef', 'spec.providerType'],
  authored: false,
});
