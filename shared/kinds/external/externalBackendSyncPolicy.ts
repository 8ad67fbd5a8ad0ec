import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, organizationRef, refTo } from '../../kind/fields';
import { fillAbsent } from '../../kind/fillAbsent';
import { isPlainObject } from '../../kind/paths';
import { changeField, conflictStrategy, externalInterface, ownershipMode, presentMode, presentStrategy } from './externalFields';

/** Source: seeds, 003 number 45; 004-external-backend-crds. */
export const ExternalBackendSyncPolicy = defineKind({
  names: { kind: 'ExternalBackendSyncPolicy', plural: 'externalbackendsyncpolicies', singular: 'externalbackendsyncpolicy', shortNames: ['ebsp'], title: 'Sync policies' },
  context: 'external',
  storage: 'config',
  placement: 'org',
  purpose: 'Sync interval, conflict resolution mode, field mapping overrides, and retry policy for an external backend provider',
  upgrade: (spec) =>
    fillAbsent(
      {
        ...spec,
        ...(spec.writePolicy === undefined ? {} : { writePolicy: changeField(spec.writePolicy, 'defaultMode', presentMode) }),
        ...(spec.conflictPolicy === undefined ? {} : { conflictPolicy: changeField(spec.conflictPolicy, 'defaultResolution', presentStrategy) }),
      },
      { syncInterval: isPlainObject(spec.backfill) ? spec.backfill.interval : undefined },
    ),
  spec: () => z.object({
    organizationRef,
    providerRef: refTo('ExternalBackendProvider'),
    syncInterval: duration.describe('How often what webhooks did not bring is fetched. Left out, it is backfill.interval.'),
    webhookFirst: z.boolean().default(true).describe('Webhooks lead, and fetching only fills what they missed.'),
    backfill: z.object({
      interval: duration.optional().describe('How often changes are listed, as older documents say it: the syncInterval follows it.'),
      fullResyncInterval: duration.optional().describe('How often everything is read anew.'),
    }).optional().describe('How often everything is read again, beside the provider\'s messages.'),
    writePolicy: z.object({
      defaultMode: ownershipMode.default('reviewed-write').describe('Mode of writes that the binding says nothing about.'),
      agentWriteRequiresApproval: z.boolean().default(true).describe('A person approves what an agent writes to the provider.'),
    }).optional().describe('What may be written to the provider.'),
    conflictPolicy: z.object({
      defaultResolution: conflictStrategy.default('manual').describe('How a conflict is settled when nobody says otherwise.'),
      fields: z.array(z.object({
        resourceKind: z.string().min(1).max(63).optional().describe('Kind whose field it is; absent means every kind.'),
        field: z.string().min(1).max(253).describe('Dotted path of the field: spec.labels.'),
        resolution: conflictStrategy,
      })).max(200).optional().describe('Fields that are settled in another way.'),
    }).optional().describe('How a conflict is settled.'),
    fieldMappings: z.array(z.object({
      interface: externalInterface.optional(),
      resourceKind: z.string().min(1).max(63).describe('Kind whose field it is.'),
      local: z.string().min(1).max(253).describe('Dotted path of the field here: spec.milestone.'),
      external: z.string().min(1).max(253).describe('Path of the field at the provider: fields.fixVersions.'),
      direction: z.enum(['both', 'inbound', 'outbound']).default('both'),
    })).max(500).optional().describe('Fields that are mapped in another way than the provider\'s adapter does.'),
    retryPolicy: z.object({
      maxAttempts: z.number().int().min(1).max(100).default(5).describe('Attempts before somebody has to look.'),
      initialBackoff: duration.default('5s').describe('Wait before the second attempt; each further wait is twice as long.'),
      maxBackoff: duration.default('10m').describe('Longest wait.'),
    }).optional().describe('How a request that failed is repeated.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Active', 'Failed']).optional(),
    message: z.string().optional().describe('Why the phase is what it is.'),
    bindings: z.number().int().optional().describe('Bindings that follow it.'),
  }),
  columns: [
    { name: 'Provider', path: 'spec.providerRef', type: 'ref' },
    { name: 'Interval', path: 'spec.syncInterval', type: 'string' },
    { name: 'Writes', path: 'spec.writePolicy.defaultMode', type: 'string' },
    { name: 'Conflicts', path: 'spec.conflictPolicy.defaultResolution', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.providerRef', kind: 'ExternalBackendProvider' }],
  search: ['spec.providerRef'],
  form: { fieldMappings: { advanced: true }, retryPolicy: { advanced: true }, 'conflictPolicy.fields': { advanced: true } },
});
