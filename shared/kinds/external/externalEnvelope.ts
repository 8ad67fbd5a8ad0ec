import { z } from 'zod';
import type { Reference } from '../../kind/defineKind';
import { httpUrl, refTo, timestamp } from '../../kind/fields';
import { externalInterface, externalVersion } from './externalFields';

/**
 * Where a synced object comes from: its identity at the provider, the version that was seen, and what this object model has no field
 * for. Source: seeds, 004 external-object-mapping, "Common external envelope".
 */
export const externalEnvelope = z.object({
  providerRef: refTo('ExternalBackendProvider'),
  bindingRef: refTo('ExternalBackendBinding').optional(),
  interface: externalInterface.optional().describe('The side of the provider that it was read through.'),
  nativeKind: z.string().max(100).optional().describe('What the provider calls it: pull_request, workflow_run.'),
  nativeId: z.string().max(500).optional().describe('The provider\'s id.'),
  nativeNumber: z.number().int().min(0).optional().describe('The provider\'s number within its repository or project.'),
  nodeId: z.string().max(500).optional().describe('The provider\'s global id, where it has one beside the id.'),
  owner: z.string().max(500).optional().describe('Account or group that owns it at the provider.'),
  path: z.string().max(1000).optional().describe('Its path at the provider, under the owner.'),
  url: httpUrl.optional().describe('Its page at the provider.'),
  apiUrl: httpUrl.optional().describe('Its address in the provider\'s API.'),
  version: externalVersion.optional().describe('The version that was last seen: what a write back is conditional on.'),
  lastSeenAt: timestamp.optional().describe('When the provider was last known to have it.'),
  lastSyncedAt: timestamp.optional().describe('When both sides last agreed.'),
  extensions: z.object({
    providerType: z.string().max(100).optional(),
    schemaVersion: z.string().max(100).optional().describe('Version of the provider\'s schema that the fields follow.'),
    bodyFormat: z.string().max(100).optional().describe('Format of the body at the provider.'),
    fields: z.record(z.string(), z.unknown()).optional(),
  }).optional().describe('What the provider says and this kind has no field for: kept, so that a write back loses nothing.'),
});

/** The field as kinds declare it. */
export const external = externalEnvelope.optional().describe('Identity of this object at the external backend that it is synced with.');

/** References of a kind that has the field. */
export const externalRefs: readonly Reference[] = [
  { path: 'spec.external.providerRef', kind: 'ExternalBackendProvider' },
  { path: 'spec.external.bindingRef', kind: 'ExternalBackendBinding' },
];
