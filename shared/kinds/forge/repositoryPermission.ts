import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo } from '../../kind/fields';

export const RepositoryPermission = defineKind({
  names: { kind: 'RepositoryPermission', plural: 'repositorypermissions', singular: 'repositorypermission', title: 'Repository permissions' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'Repository collaborators and teams synced with repository permissions',
  spec: z.object({
    organizationRef,
    repository: refTo('Repository'),
    subject: z.object({
      kind: z.enum(['User', 'Team', 'AgentServiceAccount']),
      name: z.string().min(1),
    }).describe('Who the permission is for.'),
    permission: z.enum(['read', 'triage', 'write', 'maintain', 'admin']),
    revoked: z.boolean().default(false),
  }),
  status: z.object({ phase: z.enum(['Active', 'Revoked']).optional() }),
  columns: [
    { name: 'Repository', path: 'spec.repository', type: 'ref' },
    { name: 'Subject', path: 'spec.subject.name', type: 'string' },
    { name: 'Permission', path: 'spec.permission', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.repository', kind: 'Repository', required: true, owner: true }],
});
