import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, objectName, refTo } from '../../kind/fields';

export const Organization = defineKind({
  names: { kind: 'Organization', plural: 'organizations', singular: 'organization', shortNames: ['org'], title: 'Organizations' },
  context: 'identity',
  storage: 'config',
  placement: 'platform',
  purpose: 'Kradle organization identity in the platform namespace with a bound tenant namespace',
  spec: () => z.object({
    displayName: z.string().min(1).max(200).describe('What people call the organization.'),
    namespaceName: objectName.describe('The namespace that holds everything of the organization: kradle-org-<slug>.'),
    slug: objectName.max(63).optional().describe('Short name in addresses; the same as the object name.'),
    description: z.string().max(2000).optional().describe('What the organization is about.'),
    memoryRepositoryRef: refTo('AgentMemoryRepository').optional().describe('The memory that the organization\'s agents share.'),
    budgetLimitUsd: z.number().min(0).optional().describe('Ceiling of what agents may spend, in US dollars.'),
    suspended: z.boolean().optional().describe('No agent runs in it: runs that work are cancelled, those that wait do not start.'),
    suspendedReason: z.string().max(500).optional().describe('Why it is suspended, shown to its members.'),
    createdBy: actorReference.optional().describe('Who made it, and became its first owner; filled in by the server.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Ready', 'Suspended', 'Terminating']).optional(),
  }),
  columns: [
    { name: 'Display name', path: 'spec.displayName', type: 'string' },
    { name: 'Namespace', path: 'spec.namespaceName', type: 'string' },
    { name: 'Budget', path: 'spec.budgetLimitUsd', type: 'usd', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.memoryRepositoryRef', kind: 'AgentMemoryRepository' }],
  immutable: ['spec.namespaceName', 'spec.slug'],
  search: ['spec.displayName', 'spec.description'],
  form: { createdBy: { advanced: true }, suspended: { advanced: true }, suspendedReason: { advanced: true } },
});
