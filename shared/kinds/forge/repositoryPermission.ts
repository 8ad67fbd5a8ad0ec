import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo } from '../../kind/fields';
import { external, externalRefs } from '../external/externalEnvelope';
import { repositoryRole } from './repositoryRole';

/** Older documents name a user alone, or write the kind in front: team:platform. */
function upgradeSubject(subject: unknown): unknown {
  const [, prefix, name] = typeof subject === 'string' ? (/^(?:(user|team):)?(.+)$/.exec(subject) ?? []) : [];
  return name === undefined ? subject : { kind: prefix === 'team' ? 'Team' : 'User', name };
}

export const RepositoryPermission = defineKind({
  names: { kind: 'RepositoryPermission', plural: 'repositorypermissions', singular: 'repositorypermission', title: 'Repository permissions' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'Repository collaborators and teams synced with repository permissions',
  upgrade: (spec) => ({ ...spec, ...(spec.subject === undefined ? {} : { subject: upgradeSubject(spec.subject) }) }),
  spec: () => z.object({
    organizationRef,
    repository: refTo('Repository'),
    subject: z.object({
      kind: z.enum(['User', 'Team', 'AgentServiceAccount']),
      name: z.string().min(1),
    }).describe('Who the permission is for.'),
    permission: repositoryRole,
    revoked: z.boolean().default(false).describe('The permission counts no more; kept for the record.'),
    external,
  }),
  status: () => z.object({
    phase: z.enum(['Active', 'Revoked']).optional(),
    subjectUid: z.string().optional().describe('Whom it was given to: another of the same name is somebody else.'),
  }),
  columns: [
    { name: 'Repository', path: 'spec.repository', type: 'ref' },
    { name: 'Subject', path: 'spec.subject.name', type: 'string' },
    { name: 'Permission', path: 'spec.permission', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.repository', kind: 'Repository', required: true, owner: true }, ...externalRefs],
  search: ['spec.subject.name', 'spec.repository'],
  form: { external: { advanced: true } },
});
