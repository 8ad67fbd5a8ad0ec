import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, objectReference, organizationRef, refTo } from '../../kind/fields';

export const AgentMemoryAssociation = defineKind({
  names: { kind: 'AgentMemoryAssociation', plural: 'agentmemoryassociations', singular: 'agentmemoryassociation', title: 'Memory associations' },
  context: 'memory',
  storage: 'config',
  placement: 'org',
  purpose: 'Bridge record linking memory content to Kradle resources by relationship type',
  upgrade: upgradeMemoryRef,
  spec: () => z.object({
    organizationRef,
    memoryRef: z.object({
      memoryRepository: refTo('AgentMemoryRepository').optional(),
      id: z.string().min(1).max(500).optional().describe('Id of the record: runbook:failed-deploys.'),
      path: z.string().max(1024).optional().describe('File of the record.'),
      commit: z.string().max(64).optional(),
    }).describe('The memory: a record by its id, or a file by its path.'),
    targetRef: objectReference.describe('The object that it is about: a Repository, Issue, PullRequest, AgentStack, AgentDispatchRun …'),
    relationship: z.string().min(1).max(100).describe('What the memory is to the object: documents, explains, caused-by, derived-from, supersedes …'),
    confidence: z.number().min(0).max(1).optional().describe('How sure whoever linked them is, from 0 to 1.'),
    createdBy: actorReference.optional().describe('Who made the link.'),
    note: z.string().max(2000).optional().describe('Why the two belong together.'),
  }),
  status: () => z.object({ phase: z.enum(['Active', 'Stale']).optional(), message: z.string().optional() }),
  columns: [
    { name: 'Memory', path: 'spec.memoryRef.id', type: 'string' },
    { name: 'Relationship', path: 'spec.relationship', type: 'string' },
    { name: 'Target kind', path: 'spec.targetRef.kind', type: 'string' },
    { name: 'Target', path: 'spec.targetRef.name', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.memoryRef.memoryRepository', kind: 'AgentMemoryRepository' },
    { path: 'spec.targetRef', kind: 'Repository' },
  ],
  search: ['spec.memoryRef.id', 'spec.memoryRef.path', 'spec.targetRef.name'],
});

/** Older documents give the record's id alone. */
function upgradeMemoryRef(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return typeof spec.memoryRef === 'string' ? { ...spec, memoryRef: { id: spec.memoryRef } } : { ...spec };
}
