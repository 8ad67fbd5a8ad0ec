import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectReference, organizationRef, refTo, timestamp } from '../../kind/fields';
import { fillAbsent } from '../../kind/fillAbsent';
import { externalError, externalInterface } from './externalFields';

/** Source: seeds, 003 number 71; 004, "ExternalSyncEvent.spec". */
export const ExternalSyncEvent = defineKind({
  names: { kind: 'ExternalSyncEvent', plural: 'externalsyncevents', singular: 'externalsyncevent', shortNames: ['ese'], title: 'Sync events' },
  context: 'external',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Discrete sync event record from an external backend for a specific resource kind with dedupe and ordering metadata',
  upgrade: (spec) => fillAbsent(spec, { eventKind: [spec.resourceKind, spec.action].filter((part) => typeof part === 'string' && part !== '').join('.') || undefined }),
  spec: () => z.object({
    organizationRef,
    providerRef: refTo('ExternalBackendProvider'),
    bindingRef: refTo('ExternalBackendBinding').optional(),
    sourceDelivery: z.string().min(1).max(253).optional().describe('The delivery that brought it; absent when it was found by listing.'),
    interface: externalInterface.optional().describe('The side of the provider that it belongs to.'),
    eventKind: z.string().min(1).max(200).describe('What happened to what: PullRequest.opened. Left out, it is resourceKind and action.'),
    resourceKind: z.string().max(63).optional().describe('Kind of the object that it happened to.'),
    resourceRef: objectReference.optional().describe('The object here, once it is known.'),
    nativeId: z.string().max(253).optional().describe('The object\'s id at the provider.'),
    nodeId: z.string().max(253).optional().describe('The object\'s global id at the provider.'),
    action: z.string().max(100).optional().describe('What happened: opened, labeled, closed.'),
    eventTime: timestamp.optional().describe('When it happened, by the provider\'s clock.'),
    normalized: z.record(z.string(), z.unknown()).optional().describe('What happened, in Kradle\'s words.'),
    dedupeKey: z.string().max(500).optional().describe('Events of one key are applied once.'),
    sequence: z.number().int().min(0).optional().describe('Order among the events of one object.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Applied', 'Duplicate', 'Superseded', 'Skipped', 'Failed']).optional(),
    appliedAt: timestamp.optional(),
    attempts: z.number().int().optional(),
    conflictRef: refTo('ExternalSyncConflict').optional(),
    error: externalError.optional(),
  }),
  columns: [
    { name: 'Provider', path: 'spec.providerRef', type: 'ref' },
    { name: 'Event', path: 'spec.eventKind', type: 'string' },
    { name: 'Native id', path: 'spec.nativeId', type: 'string' },
    { name: 'Interface', path: 'spec.interface', type: 'string', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Happened', path: 'spec.eventTime', type: 'age' },
  ],
  refs: [
    { path: 'spec.providerRef', kind: 'ExternalBackendProvider', owner: true },
    { path: 'spec.bindingRef', kind: 'ExternalBackendBinding' },
    { path: 'spec.sourceDelivery', kind: 'ExternalWebhookDelivery' },
    { path: 'status.conflictRef', kind: 'ExternalSyncConflict' },
  ],
  immutable: ['spec.providerRef', 'spec.eventKind', 'spec.nativeId', 'spec.dedupeKey'],
  search: ['spec.eventKind', 'spec.nativeId'],
  authored: false,
});
