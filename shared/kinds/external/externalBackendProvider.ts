import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, httpUrl, objectName, organizationRef, refTo, secretReference, timestamp } from '../../kind/fields';
import { fillAbsent } from '../../kind/fillAbsent';
import { externalInterface } from './externalFields';

/** Source: seeds, 003 number 43; 004-external-backend-crds. Rules between fields: `externalStrategies.ts`. */
export const ExternalBackendProvider = defineKind({
  names: { kind: 'ExternalBackendProvider', plural: 'externalbackendproviders', singular: 'externalbackendprovider', shortNames: ['ebp'], title: 'External providers' },
  context: 'external',
  storage: 'config',
  placement: 'org',
  purpose: 'External backend provider registration with type, endpoint, auth configuration, and capability discovery settings',
  upgrade: (spec) => fillAbsent(spec, { endpoint: spec.apiBaseUrl ?? spec.baseUrl }),
  spec: () => z.object({
    organizationRef,
    providerType: z.string().max(63).regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower case letters, digits and single "-"')
      .describe('What the provider is: github, gitlab, bitbucket, azure-devops, gitea, jira, linear, buildkite, circleci, jenkins, or custom with an adapterRef.'),
    displayName: z.string().max(200).optional().describe('What people call it.'),
    endpoint: httpUrl.describe('Address of its API. Left out, it is apiBaseUrl, else baseUrl, else the address that the provider\'s type is known by.'),
    baseUrl: httpUrl.optional().describe('Address that people open in a browser.'),
    apiBaseUrl: httpUrl.optional().describe('Address of its API, as older documents say it: the endpoint follows it.'),
    hosting: z.string().max(63).optional().describe('Who runs it: saas, self-managed, ghe.'),
    adapterRef: objectName.optional().describe('The adapter that speaks to a provider of type custom.'),
    authRef: z.object({
      mode: z.string().max(63).optional().describe('How Kradle signs in: github-app, oauth-user, access-token.'),
      secretRef: secretReference.optional().describe('The Secret with the credentials, in the organization\'s namespace.'),
    }).optional().describe('How Kradle signs in; absent for what the provider shows to everybody.'),
    capabilities: z.object({
      issueTracking: z.boolean().optional().describe('Issues, comments and labels.'),
      cicd: z.boolean().optional().describe('Pipelines, jobs, logs and artifacts.'),
      gitForge: z.boolean().optional().describe('Repositories, pull requests, refs, keys and branch protection.'),
    }).optional().describe('Interfaces that bindings may use; absent means all that the provider\'s type has.'),
    discovery: z.object({
      enabled: z.boolean().default(true).describe('Ask the provider what it can do.'),
      interval: duration.optional().describe('How often it is asked again.'),
    }).optional().describe('How the provider\'s capabilities are found out.'),
    webhook: z.object({
      enabled: z.boolean().default(true).describe('Take deliveries from the provider.'),
      secretRef: secretReference.optional().describe('The Secret that deliveries are verified with.'),
      events: z.array(z.string().min(1).max(100)).max(200).optional().describe('Events to ask the provider for; absent means all that the enabled interfaces need.'),
    }).optional().describe('Deliveries from the provider.'),
    paused: z.boolean().default(false).describe('Nothing is read from it or written to it.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Authenticating', 'Discovering', 'Ready', 'Degraded', 'RateLimited', 'Paused', 'Failed']).optional(),
    message: z.string().optional().describe('Why the phase is what it is.'),
    account: z.string().optional().describe('Whom the provider takes Kradle for.'),
    capabilityManifestRef: refTo('ExternalProviderCapabilityManifest').optional(),
    interfaces: z.array(externalInterface).optional().describe('Interfaces that are in use.'),
    rateLimit: z.object({
      limit: z.number().int().optional().describe('Requests that the provider allows in its window.'),
      remaining: z.number().int().optional(),
      resetAt: timestamp.optional(),
    }).optional(),
    bindings: z.number().int().optional().describe('Bindings that use it.'),
    openConflicts: z.number().int().optional(),
    pendingWrites: z.number().int().optional().describe('Write intents that wait for somebody.'),
    lastDeliveryAt: timestamp.optional(),
    lastBackfillAt: timestamp.optional(),
    lastFullResyncAt: timestamp.optional(),
    lastCheckedAt: timestamp.optional().describe('When its credentials were last tried.'),
  }),
  columns: [
    { name: 'Type', path: 'spec.providerType', type: 'string' },
    { name: 'Endpoint', path: 'spec.endpoint', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Conflicts', path: 'status.openConflicts', type: 'integer', priority: 1 },
    { name: 'Last backfill', path: 'status.lastBackfillAt', type: 'age', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'status.capabilityManifestRef', kind: 'ExternalProviderCapabilityManifest' }],
  immutable: ['spec.providerType'],
  search: ['spec.displayName', 'spec.providerType', 'spec.endpoint'],
  form: {
    providerType: { placeholder: 'github' },
    endpoint: { label: 'API address', placeholder: 'https://api.github.com' },
    baseUrl: { label: 'Web address', placeholder: 'https://github.com' },
    apiBaseUrl: { advanced: true },
    adapterRef: { advanced: true },
    discovery: { advanced: true },
    webhook: { advanced: true },
  },
});
