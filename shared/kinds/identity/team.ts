import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectName, organizationRef, refTo } from '../../kind/fields';
import { repositoryRole } from '../forge/repositoryRole';

export const Team = defineKind({
  names: { kind: 'Team', plural: 'teams', singular: 'team', title: 'Teams' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'People who work together, who of them maintains the team, and which repositories they may use',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().min(1).max(200).describe('What people call the team.'),
    description: z.string().max(2000).optional().describe('What the team does.'),
    members: z.array(objectName).max(5000).optional().describe('Users who belong to the team.'),
    maintainers: z.array(objectName).max(500).optional().describe('Users who may change the team; they are members too.'),
    repositoryGrants: z.array(z.object({
      repository: refTo('Repository'),
      permission: repositoryRole,
    })).max(1000).optional().describe('What the members may do in which repository.'),
  }),
  status: () => z.object({
    phase: z.enum(['Active']).optional(),
    memberCount: z.number().int().optional().describe('Members and maintainers, each counted once.'),
  }),
  columns: [
    { name: 'Display name', path: 'spec.displayName', type: 'string' },
    { name: 'Members', path: 'status.memberCount', type: 'integer' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.members[]', kind: 'User', required: true },
    { path: 'spec.maintainers[]', kind: 'User', required: true },
    { path: 'spec.repositoryGrants[].repository', kind: 'Repository' },
  ],
  search: ['spec.displayName', 'spec.description'],
});
