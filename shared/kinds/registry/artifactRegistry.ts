import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectName, organizationRef } from '../../kind/fields';
import { packageType } from './registryFields';

/** Source: seeds, 003 section 10.1. Rules between fields: `registryStrategies.ts`. */
export const ArtifactRegistry = defineKind({
  names: { kind: 'ArtifactRegistry', plural: 'artifactregistries', singular: 'artifactregistry', shortNames: ['areg'], title: 'Package registries' },
  context: 'registry',
  storage: 'config',
  placement: 'org',
  purpose: 'Place for packages of one type, with its storage and its connection to an outside registry',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().min(1).max(200).describe('What people call it.'),
    description: z.string().max(2000).optional().describe('What the registry is for.'),
    type: packageType.describe('Which tools it serves: npm, pip, docker, or plain files.'),
    storageBackend: z.enum(['internal', 's3', 'azure-blob', 'gcs']).default('internal').describe('Where the bytes lie: with Kradle, or in a bucket.'),
    storageConfig: z.object({
      bucket: z.string().min(1).max(255).optional().describe('Name of the bucket or container.'),
      prefix: z.string().max(1024).optional().describe('What every key in the bucket starts with.'),
      connectionSecret: objectName.optional().describe('Name of the Secret with the credentials for the bucket.'),
    }).optional().describe('Where the bytes go at the storage backend.'),
    externalIntegration: z.object({
      provider: z.string().max(200).optional().describe('The outside registry: an ExternalBackendProvider, or a name such as npmjs.'),
      mode: z.enum(['read-only', 'read-write', 'mirror']).default('read-only').describe('read-only fetches what is missing here, read-write publishes there as well, mirror keeps all of it here.'),
      connectionSecret: objectName.optional().describe('Name of the Secret with the credentials for it.'),
    }).optional().describe('The outside registry that it stands in front of.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Ready', 'Degraded', 'Failed']).optional(),
    message: z.string().optional().describe('Why the phase is what it is.'),
    feeds: z.number().int().optional(),
    versions: z.number().int().optional().describe('Versions in all feeds.'),
    sizeBytes: z.number().int().optional().describe('Bytes of all versions.'),
  }),
  columns: [
    { name: 'Display name', path: 'spec.displayName', type: 'string' },
    { name: 'Type', path: 'spec.type', type: 'string' },
    { name: 'Storage', path: 'spec.storageBackend', type: 'string' },
    { name: 'Feeds', path: 'status.feeds', type: 'integer' },
    { name: 'Size', path: 'status.sizeBytes', type: 'bytes', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  immutable: ['spec.type', 'spec.storageBackend'],
  search: ['spec.displayName', 'spec.type'],
  form: { externalIntegration: { advanced: true }, 'storageConfig.prefix': { advanced: true } },
});
