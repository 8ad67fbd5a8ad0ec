import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, organizationRef, quantity, refTo, timestamp } from '../../kind/fields';

export const AgentMemoryRepository = defineKind({
  names: { kind: 'AgentMemoryRepository', plural: 'agentmemoryrepositories', singular: 'agentmemoryrepository', shortNames: ['memoryrepo'], title: 'Memory repositories' },
  context: 'memory',
  storage: 'config',
  placement: 'org',
  purpose: 'Org-level Git repository pointer for shared agent memory with layout profile and index policy',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    repositoryRef: refTo('Repository').describe('The repository that holds the memory.'),
    defaultBranch: z.string().min(1).max(255).describe('Branch that counts: main.'),
    layoutProfile: z.string().min(1).max(100).describe('How files are laid out: company-brain has graph/, ontology/, indexes/, babysitter/ and notes.'),
    rootPath: z.string().max(1024).optional().describe('Folder of the memory; default: the whole repository.'),
    indexPolicy: z.object({
      mode: z.enum(['on-push', 'scheduled', 'manual']).default('on-push'),
      interval: duration.optional().describe('How often, when it is scheduled.'),
      paths: z.array(z.string().min(1).max(1024)).max(500).optional().describe('Files that are indexed, as glob patterns; default: all.'),
      maxFileSize: quantity.optional().describe('Larger files are left out.'),
    }).optional().describe('When and what is indexed.'),
    retention: z.object({
      maxAge: duration.optional(),
      maxSize: quantity.optional(),
    }).optional().describe('What imports and snapshots are kept.'),
    writePolicy: z.object({
      requireReview: z.boolean().default(true).describe('A person approves before memory changes.'),
      branchPrefix: z.string().max(200).optional().describe('Branches of proposed changes begin with it.'),
    }).optional().describe('Who may change the memory, and how.'),
    sensitivity: z.enum(['public', 'internal', 'confidential', 'restricted']).optional().describe('How careful to be with what is in it.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Indexing', 'Ready', 'Degraded', 'Failed']).optional(),
    message: z.string().optional(),
    headCommit: z.string().optional(),
    indexedCommit: z.string().optional(),
    indexedAt: timestamp.optional(),
    recordCount: z.number().int().optional(),
    documentCount: z.number().int().optional(),
    ontologyValid: z.boolean().optional(),
  }),
  columns: [
    { name: 'Repository', path: 'spec.repositoryRef', type: 'ref' },
    { name: 'Branch', path: 'spec.defaultBranch', type: 'string' },
    { name: 'Layout', path: 'spec.layoutProfile', type: 'string' },
    { name: 'Records', path: 'status.recordCount', type: 'integer' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.repositoryRef', kind: 'Repository' }],
  search: ['spec.displayName', 'spec.repositoryRef'],
  form: { indexPolicy: { advanced: true }, retention: { advanced: true }, writePolicy: { advanced: true }, layoutProfile: { placeholder: 'company-brain' } },
});
