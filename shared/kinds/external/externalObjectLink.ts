import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo, timestamp } from '../../kind/fields';
import { fillAbsent } from '../../kind/fillAbsent';
import { isPlainObject } from '../../kind/paths';
import { externalEnvelope } from './externalEnvelope';

/** Source: seeds, 003 number 75; 004, "ExternalObjectLink.spec" and 004-external-object-mapping, "Common external envelope". */
export const ExternalObjectLink = defineKind({
  names: { kind: 'ExternalObjectLink', plural: 'externalobjectlinks', singular: 'externalobjectlink', shortNames: ['eol'], title: 'External links' },
  context: 'external',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Stable mapping between a Kradle local resource and its external backend counterpart by external ID',
  upgrade: (spec) => fillAbsent(spec, { externalId: isPlainObject(spec.external) ? spec.external.nativeId : undefined }),
  spec: () => z.object({
    organizationRef,
    providerRef: refTo('ExternalBackendProvider'),
    bindingRef: refTo('ExternalBackendBinding').optional(),
    externalId: z.string().min(1).max(253).describe('The object\'s id at the provider, which never changes. Left out, it is external.nativeId.'),
    localRef: z.object({
      apiVersion: z.string().max(100).optional(),
      kind: z.string().min(1).max(63),
      name: z.string().min(1).max(253),
      namespace: z.string().max(253).optional(),
    }).describe('The object here.'),
    external: externalEnvelope
      .omit({ providerRef: true, bindingRef: true, lastSeenAt: true, lastSyncedAt: true })
      .extend({ etag: z.string().max(500).optional().describe('ETag of the object, where its version says no more.') })
      .optional()
      .describe('The object at the provider.'),
  }),
  status: () => z.object({
    phase: z.enum(['Linked', 'Stale', 'Deleted']).optional().describe('Deleted: the provider no longer has the object, and it does not come back.'),
    message: z.string().optional().describe('Why the phase is what it is.'),
    lastSeenAt: timestamp.optional().describe('Last time that the provider showed the object.'),
    lastSyncedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Provider', path: 'spec.providerRef', type: 'ref' },
    { name: 'Kind', path: 'spec.localRef.kind', type: 'string' },
    { name: 'Object', path: 'spec.localRef.name', type: 'string' },
    { name: 'External id', path: 'spec.externalId', type: 'string' },
    { name: 'Address', path: 'spec.external.url', type: 'string', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.providerRef', kind: 'ExternalBackendProvider', owner: true },
    { path: 'spec.bindingRef', kind: 'ExternalBackendBinding' },
    { path: 'spec.localRef', kind: 'Repository' },
  ],
  immutable: ['spec.providerRef', 'spec.externalId', 'spec.localRef'],
  search: ['spec.externalId', 'spec.localRef.name', 'spec.external.url'],
  authored: false,
});
