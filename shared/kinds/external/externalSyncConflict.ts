import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectReference, organizationRef, refTo, timestamp } from '../../kind/fields';
import { conflictStrategy, externalInterface, externalVersion } from './externalFields';

/** Source: seeds, 003 number 74 and section 11; 004-external-backend-ui-spec, "Conflict resolution UI". */
export const ExternalSyncConflict = defineKind({
  names: { kind: 'ExternalSyncConflict', plural: 'externalsyncconflicts', singular: 'externalsyncconflict', shortNames: ['esc'], title: 'Sync conflicts' },
  context: 'external',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Detected conflict between local and external state with conflict kind, diff, and resolution outcome',
  spec: () => z.object({
    organizationRef,
    providerRef: refTo('ExternalBackendProvider'),
    bindingRef: refTo('ExternalBackendBinding').optional(),
    interface: externalInterface.optional().describe('The side of the provider that it belongs to.'),
    resourceRef: objectReference.describe('The object here whose state differs.'),
    conflictKind: z.string().min(1).max(100).describe('What differs: field, deleted-externally, deleted-locally, duplicate, unsupported-field.'),
    fields: z.array(z.object({
      path: z.string().min(1).max(253).describe('Dotted path of the field: spec.labels.'),
      localValue: z.unknown().optional().describe('What Kradle has.'),
      externalValue: z.unknown().optional().describe('What the provider has.'),
      recommendation: conflictStrategy.optional().describe('What the sync policy would do.'),
    })).max(200).optional().describe('The diff, field by field.'),
    nativeUrl: z.string().max(2048).optional().describe('Where people find the object at the provider.'),
    localGeneration: z.number().int().min(0).optional().describe('Generation of the object when they parted.'),
    externalVersion: externalVersion.optional().describe('Version at the provider when they parted.'),
    detectedAt: timestamp.optional().describe('When it was noticed.'),
    supersedes: refTo('ExternalSyncConflict').optional().describe('The older conflict that this one takes the place of.'),
  }),
  status: () => z.object({
    phase: z.enum(['Open', 'Resolving', 'Resolved', 'Ignored', 'Superseded']).optional(),
    message: z.string().optional().describe('Why the phase is what it is.'),
    resolution: z.object({
      strategy: conflictStrategy,
      resolvedValue: z.unknown().optional().describe('What the person chose, when the strategy is manual.'),
      resolvedBy: z.string().optional(),
      resolvedAt: timestamp.optional(),
      reason: z.string().optional(),
    }).optional(),
    supersededBy: refTo('ExternalSyncConflict').optional(),
  }),
  columns: [
    { name: 'Provider', path: 'spec.providerRef', type: 'ref' },
    { name: 'Object', path: 'spec.resourceRef.name', type: 'string' },
    { name: 'Conflict', path: 'spec.conflictKind', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Resolution', path: 'status.resolution.strategy', type: 'string', priority: 1 },
    { name: 'Detected', path: 'spec.detectedAt', type: 'age' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age', priority: 1 },
  ],
  refs: [
    { path: 'spec.providerRef', kind: 'ExternalBackendProvider' },
    { path: 'spec.bindingRef', kind: 'ExternalBackendBinding' },
    { path: 'spec.supersedes', kind: 'ExternalSyncConflict' },
    { path: 'status.supersededBy', kind: 'ExternalSyncConflict' },
  ],
  immutable: ['spec.providerRef', 'spec.resourceRef', 'spec.conflictKind'],
  search: ['spec.resourceRef.name', 'spec.conflictKind'],
  authored: false,
});
