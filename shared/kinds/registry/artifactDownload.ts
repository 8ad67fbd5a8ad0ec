import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo, timestamp } from '../../kind/fields';

/** Source: seeds, 003 section 10.5. */
export const ArtifactDownload = defineKind({
  names: { kind: 'ArtifactDownload', plural: 'artifactdownloads', singular: 'artifactdownload', shortNames: ['adl'], title: 'Package downloads' },
  context: 'registry',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Record of one download of a package version',
  spec: () => z.object({
    organizationRef,
    feedRef: refTo('ArtifactFeed'),
    versionRef: refTo('ArtifactVersion'),
    downloadedBy: z.string().max(253).optional().describe('User or client that downloaded it; absent for somebody who did not sign in.'),
    downloadedAt: timestamp.describe('When it was downloaded.'),
    ipAddress: z.string().max(45).optional().describe('Address that it was downloaded from.'),
    userAgent: z.string().max(1000).optional().describe('What the client calls itself.'),
    clientId: z.string().max(253).optional().describe('What the client says it is, to count it once.'),
  }),
  status: () => z.object({}),
  columns: [
    { name: 'Feed', path: 'spec.feedRef', type: 'ref' },
    { name: 'Version', path: 'spec.versionRef', type: 'ref' },
    { name: 'By', path: 'spec.downloadedBy', type: 'string' },
    { name: 'Client', path: 'spec.userAgent', type: 'string', priority: 1 },
    { name: 'Downloaded', path: 'spec.downloadedAt', type: 'age' },
  ],
  refs: [
    { path: 'spec.feedRef', kind: 'ArtifactFeed', required: true, owner: true },
    { path: 'spec.versionRef', kind: 'ArtifactVersion', required: true },
  ],
  immutable: ['spec.feedRef', 'spec.versionRef', 'spec.downloadedBy', 'spec.downloadedAt', 'spec.ipAddress', 'spec.userAgent', 'spec.clientId'],
  search: ['spec.versionRef', 'spec.downloadedBy'],
  authored: false,
});
