import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo, timestamp } from '../../kind/fields';
import { feedAccess } from './registryFields';

/** Source: seeds, 003 section 10.2. */
export const ArtifactFeed = defineKind({
  names: { kind: 'ArtifactFeed', plural: 'artifactfeeds', singular: 'artifactfeed', shortNames: ['feed'], title: 'Package feeds' },
  context: 'registry',
  storage: 'config',
  placement: 'org',
  purpose: 'Stream of packages within a registry, with its visibility, retention and access',
  spec: () => z.object({
    organizationRef,
    registryRef: refTo('ArtifactRegistry'),
    displayName: z.string().min(1).max(200).describe('What people call it.'),
    description: z.string().max(2000).optional().describe('What the feed is for.'),
    visibility: z.enum(['public', 'private']).default('private').describe('Who may download: everybody who reaches the server, or whom a policy lets.'),
    retentionPolicy: z.object({
      maxVersions: z.number().int().min(1).max(1_000_000).optional().describe('Versions that are kept of each package; older ones go.'),
      maxAgeDays: z.number().int().min(1).max(36_500).optional().describe('Days after which a version goes.'),
    }).optional().describe('What is kept; absent means everything.'),
    accessPolicies: z.array(z.object(feedAccess)).max(500).optional().describe('Who may do what, beside the ArtifactAccessPolicy objects of the feed.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Ready', 'Failed']).optional(),
    message: z.string().optional().describe('Why the phase is what it is.'),
    packages: z.number().int().optional(),
    versions: z.number().int().optional(),
    sizeBytes: z.number().int().optional(),
    lastPublishedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Registry', path: 'spec.registryRef', type: 'ref' },
    { name: 'Display name', path: 'spec.displayName', type: 'string' },
    { name: 'Visibility', path: 'spec.visibility', type: 'string' },
    { name: 'Packages', path: 'status.packages', type: 'integer' },
    { name: 'Versions', path: 'status.versions', type: 'integer' },
    { name: 'Size', path: 'status.sizeBytes', type: 'bytes', priority: 1 },
    { name: 'Published', path: 'status.lastPublishedAt', type: 'age' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age', priority: 1 },
  ],
  refs: [{ path: 'spec.registryRef', kind: 'ArtifactRegistry', required: true, owner: true }],
  immutable: ['spec.registryRef'],
  search: ['spec.displayName', 'spec.registryRef'],
  form: { accessPolicies: { advanced: true } },
});
