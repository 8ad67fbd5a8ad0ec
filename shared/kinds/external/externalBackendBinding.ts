import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo, secretReference, timestamp } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';
import { changeField, externalInterface, nativePlace, ownershipMode, presentMode } from './externalFields';

const boundInterface = z.object({
  enabled: z.boolean().default(true).describe('Whether this interface is synced.'),
  mode: ownershipMode.default('read-only').describe('Who owns what is synced: read-only and external-owned never write to the provider, reviewed-write asks a person first.'),
});

const interfaceStatus = z.object({
  interface: externalInterface,
  phase: z.enum(['Pending', 'Current', 'Stale', 'Paused', 'Conflict', 'Degraded', 'WritePending']).optional(),
  lastSyncedAt: timestamp.optional(),
  openConflicts: z.number().int().optional(),
  message: z.string().optional(),
});

/** Source: seeds, 003 number 44; 004-external-backend-crds. Rules between fields: `externalStrategies.ts`. */
export const ExternalBackendBinding = defineKind({
  names: { kind: 'ExternalBackendBinding', plural: 'externalbackendbindings', singular: 'externalbackendbinding', shortNames: ['ebb'], title: 'External bindings' },
  context: 'external',
  storage: 'config',
  placement: 'org',
  purpose: 'Binding of an external backend provider to an organization with credential reference and sync scope',
  upgrade: (spec) => ({
    ...spec,
    ...(typeof spec.credentialRef === 'string' ? { credentialRef: { name: spec.credentialRef } } : {}),
    ...(isPlainObject(spec.interfaces) ? { interfaces: presentInterfaces(spec.interfaces) } : {}),
  }),
  spec: () => z.object({
    organizationRef,
    providerRef: refTo('ExternalBackendProvider'),
    credentialRef: secretReference.optional().describe('The Secret with credentials for this binding alone; absent means those of the provider.'),
    targetRef: z.object({
      apiVersion: z.string().max(100).optional(),
      kind: z.string().min(1).max(63).describe('Repository or KradleProject.'),
      name: z.string().min(1).max(253),
      namespace: z.string().max(253).optional(),
    }).optional().describe('What the provider\'s objects are bound to; absent means the organization as a whole.'),
    externalRef: z.looseObject({
      ...nativePlace,
      installationId: z.number().int().min(0).optional().describe('Installation of the provider\'s app.'),
      projectKeys: z.array(z.string().min(1).max(100)).max(200).optional().describe('Projects, where several are synced.'),
      url: z.string().max(2048).optional().describe('Address of the place at the provider.'),
    }).optional().describe('The place at the provider; a provider that needs more than these fields adds its own.'),
    interfaces: z.object({
      issueTracking: boundInterface.optional(),
      cicd: boundInterface.optional(),
      gitForge: boundInterface.optional(),
    }).default({}).describe('What is synced and who owns it. An interface that is absent is not synced.'),
    syncPolicyRef: refTo('ExternalBackendSyncPolicy').optional(),
    syncScope: z.object({
      resourceKinds: z.array(z.string().min(1).max(63)).max(50).optional().describe('Kinds to sync; absent means all that the enabled interfaces have.'),
      since: timestamp.optional().describe('Objects that the provider changed before are left where they are.'),
    }).optional().describe('What is synced of the place; absent means all of it.'),
    paused: z.boolean().default(false).describe('Nothing of this binding is synced.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'ValidatingTarget', 'RegisteringWebhook', 'Backfilling', 'Ready', 'Conflict', 'Paused', 'Failed']).optional(),
    message: z.string().optional().describe('Why the phase is what it is.'),
    nativeUrl: z.string().optional().describe('Where people find it at the provider.'),
    interfaces: z.array(interfaceStatus).optional(),
    webhook: z.object({ id: z.string().optional(), url: z.string().optional(), registeredAt: timestamp.optional() }).optional(),
    backfill: z.object({
      phase: z.enum(['Scheduled', 'Listing', 'Hydrating', 'Applying', 'Checkpointing', 'Done', 'Failed']).optional(),
      startedAt: timestamp.optional(),
      finishedAt: timestamp.optional(),
      objects: z.number().int().optional().describe('Objects read so far.'),
    }).optional(),
    openConflicts: z.number().int().optional(),
    lastSyncedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Provider', path: 'spec.providerRef', type: 'ref' },
    { name: 'Target', path: 'spec.targetRef.name', type: 'string' },
    { name: 'Owner', path: 'spec.externalRef.owner', type: 'string' },
    { name: 'External', path: 'spec.externalRef.repository', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Conflicts', path: 'status.openConflicts', type: 'integer', priority: 1 },
    { name: 'Synced', path: 'status.lastSyncedAt', type: 'age' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age', priority: 1 },
  ],
  refs: [
    { path: 'spec.providerRef', kind: 'ExternalBackendProvider' },
    { path: 'spec.targetRef', kind: 'Repository' },
    { path: 'spec.syncPolicyRef', kind: 'ExternalBackendSyncPolicy' },
  ],
  immutable: ['spec.providerRef'],
  search: ['spec.externalRef.owner', 'spec.externalRef.repository', 'spec.targetRef.name'],
  form: {
    'externalRef.installationId': { advanced: true },
    credentialRef: { advanced: true },
    syncScope: { advanced: true },
  },
});

/** Each interface with the present word for its mode. */
function presentInterfaces(interfaces: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(interfaces).map(([name, settings]) => [name, changeField(settings, 'mode', presentMode)]));
}
