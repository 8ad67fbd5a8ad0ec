import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectReference, organizationRef, refTo, timestamp } from '../../kind/fields';
import { externalError, externalInterface } from './externalFields';

/** Source: seeds, 003 number 72; 004-external-backend-ui-spec, "Resource badges" and "Webhook and sync UI". */
export const ExternalSyncState = defineKind({
  names: { kind: 'ExternalSyncState', plural: 'externalsyncstates', singular: 'externalsyncstate', shortNames: ['ess'], title: 'Sync states' },
  context: 'external',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Current sync phase, last successful sync timestamp, and error details for an external resource binding',
  spec: () => z.object({
    organizationRef,
    providerRef: refTo('ExternalBackendProvider'),
    bindingRef: refTo('ExternalBackendBinding').optional(),
    interface: externalInterface.optional().describe('The side of the provider that is synced.'),
    resourceKind: z.string().max(63).optional().describe('Kind of the objects that the cursor is over.'),
    resourceRef: objectReference.describe('What is synced: a repository, a project, or one object.'),
    phase: z.enum(['Pending', 'Backfilling', 'Syncing', 'Current', 'Stale', 'WritePending', 'Conflict', 'Degraded', 'Paused', 'Failed']).default('Pending').describe('How it stands.'),
    watermark: z.string().max(2000).optional().describe('Everything up to here is synced; it only moves forward.'),
    cursor: z.string().max(2000).optional().describe('Page at which a listing goes on.'),
    etag: z.string().max(500).optional().describe('ETag of the last listing, to ask only for changes.'),
    lastSyncedAt: timestamp.optional().describe('Last time that a sync succeeded.'),
    lastSeenAt: timestamp.optional().describe('Last time that the provider showed the object.'),
    lastFullResyncAt: timestamp.optional().describe('When everything was last read again.'),
    nextSyncAt: timestamp.optional().describe('When it is synced next.'),
    queueDepth: z.number().int().min(0).optional().describe('Events that wait to be applied.'),
    attempts: z.number().int().min(0).optional().describe('Failures in a row.'),
    error: externalError.optional().describe('Why the last sync failed.'),
  }),
  status: () => z.object({
    message: z.string().optional().describe('Why the phase is what it is.'),
  }),
  columns: [
    { name: 'Provider', path: 'spec.providerRef', type: 'ref' },
    { name: 'Interface', path: 'spec.interface', type: 'string' },
    { name: 'Object', path: 'spec.resourceRef.name', type: 'string' },
    { name: 'Phase', path: 'spec.phase', type: 'phase' },
    { name: 'Queue', path: 'spec.queueDepth', type: 'integer', priority: 1 },
    { name: 'Synced', path: 'spec.lastSyncedAt', type: 'age' },
  ],
  refs: [
    { path: 'spec.providerRef', kind: 'ExternalBackendProvider', owner: true },
    { path: 'spec.bindingRef', kind: 'ExternalBackendBinding' },
  ],
  immutable: ['spec.providerRef', 'spec.resourceRef'],
  search: ['spec.resourceRef.name', 'spec.resourceKind'],
  authored: false,
});
