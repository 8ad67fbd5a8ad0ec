import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo } from '../../kind/fields';
import { feedAccess } from './registryFields';

/** Source: seeds, 003 section 10.3. */
export const ArtifactAccessPolicy = defineKind({
  names: { kind: 'ArtifactAccessPolicy', plural: 'artifactaccesspolicies', singular: 'artifactaccesspolicy', shortNames: ['aap'], title: 'Feed access' },
  context: 'registry',
  storage: 'config',
  placement: 'org',
  purpose: 'Permission of a user, team or service account on a package feed, perhaps for a time',
  spec: () => z.object({
    organizationRef,
    feedRef: refTo('ArtifactFeed'),
    ...feedAccess,
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Active', 'Expired']).optional(),
    message: z.string().optional().describe('Why the phase is what it is.'),
  }),
  columns: [
    { name: 'Feed', path: 'spec.feedRef', type: 'ref' },
    { name: 'Subject', path: 'spec.subject', type: 'string' },
    { name: 'Permission', path: 'spec.permission', type: 'string' },
    { name: 'Expires', path: 'spec.expiresAt', type: 'date' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.feedRef', kind: 'ArtifactFeed', required: true, owner: true }],
  immutable: ['spec.feedRef', 'spec.subject'],
  search: ['spec.subject', 'spec.feedRef'],
});
