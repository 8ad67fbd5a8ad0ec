import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo, timestamp } from '../../kind/fields';
import { packageType } from './registryFields';

/** Source: seeds, 003 section 10.4. Rules between fields: `registryStrategies.ts`. */
export const ArtifactVersion = defineKind({
  names: { kind: 'ArtifactVersion', plural: 'artifactversions', singular: 'artifactversion', shortNames: ['aver'], title: 'Packages' },
  context: 'registry',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'One published version of a package in a feed, with its checksums and who published it',
  spec: () => z.object({
    organizationRef,
    feedRef: refTo('ArtifactFeed'),
    name: z.string().max(256).regex(/^[A-Za-z0-9@_][A-Za-z0-9._@/+~-]*$/, 'must be a package name such as left-pad, @scope/name or team/image').describe('Name of the package.'),
    version: z.string().max(128).regex(/^[A-Za-z0-9_][A-Za-z0-9._+!~-]*$/, 'must be a version such as 1.4.0').describe('Version: a semantic version for npm, one of PEP 440 for pip, a tag for docker.'),
    packageType: packageType.describe('That of the feed\'s registry.'),
    size: z.number().int().min(0).optional().describe('Bytes.'),
    checksums: z.object({
      sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits').optional(),
      md5: z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits').optional(),
    }).optional().describe('Digests of the bytes, in hexadecimal.'),
    metadata: z.object({
      dependencies: z.record(z.string(), z.string()).optional().describe('Packages that it needs, and which versions of them.'),
      tags: z.array(z.string().min(1).max(128)).max(200).optional().describe('latest, beta.'),
      description: z.string().max(16_384).optional(),
    }).optional().describe('What the package says of itself.'),
    publishedBy: z.string().min(1).max(253).describe('Name of the user or agent who published it.'),
    publishedAt: timestamp.describe('When it was published.'),
  }),
  status: () => z.object({
    phase: z.enum(['Published', 'Deleted']).optional().describe('Deleted: its bytes are gone, and its version is not given again.'),
    message: z.string().optional().describe('Why the phase is what it is.'),
    downloads: z.number().int().optional(),
    lastDownloadedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Feed', path: 'spec.feedRef', type: 'ref' },
    { name: 'Package', path: 'spec.name', type: 'string' },
    { name: 'Version', path: 'spec.version', type: 'string' },
    { name: 'Type', path: 'spec.packageType', type: 'string', priority: 1 },
    { name: 'Size', path: 'spec.size', type: 'bytes' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'By', path: 'spec.publishedBy', type: 'string' },
    { name: 'Published', path: 'spec.publishedAt', type: 'age' },
  ],
  refs: [{ path: 'spec.feedRef', kind: 'ArtifactFeed', required: true, owner: true }],
  immutable: ['spec.feedRef', 'spec.name', 'spec.version', 'spec.packageType', 'spec.size', 'spec.checksums', 'spec.publishedBy', 'spec.publishedAt'],
  search: ['spec.name', 'spec.version', 'spec.publishedBy'],
  authored: false,
});
