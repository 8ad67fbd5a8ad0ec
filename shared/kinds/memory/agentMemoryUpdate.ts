import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { commitPrefix, digest, organizationRef, refTo, timestamp } from '../../kind/fields';

export const AgentMemoryUpdate = defineKind({
  names: { kind: 'AgentMemoryUpdate', plural: 'agentmemoryupdates', singular: 'agentmemoryupdate', title: 'Memory updates' },
  context: 'memory',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Reviewable proposed memory mutation with branch, changes, and validation status',
  spec: () => z.object({
    organizationRef,
    memoryRepository: refTo('AgentMemoryRepository'),
    sourceRun: refTo('AgentDispatchRun').describe('The run that proposes it.'),
    title: z.string().max(200).optional().describe('The change in one line.'),
    summary: z.string().max(10_000).optional().describe('What changes, and why. Markdown.'),
    branch: z.string().max(255).optional().describe('Branch that holds the change.'),
    baseCommit: commitPrefix.optional().describe('Commit that the change starts from.'),
    changes: z.array(z.object({
      operation: z.enum(['add', 'update', 'delete', 'supersede']),
      path: z.string().min(1).max(1024),
      id: z.string().max(500).optional().describe('Id of the record.'),
      nodeKind: z.string().max(200).optional(),
      supersedes: z.string().max(500).optional().describe('Id of the record that it takes the place of.'),
      content: z.string().max(262_144).optional(),
      digest: digest.optional().describe('Digest of the new content.'),
      previousDigest: digest.optional().describe('Digest of what it replaces; another one there means that the memory moved on.'),
    })).max(1000).describe('What is to change, file by file.'),
    importRef: refTo('AgentRunMemoryImport').optional(),
    requireReview: z.boolean().default(true).describe('A person approves before it is merged.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Validating', 'Validated', 'Approved', 'Rejected', 'Committed', 'Merged', 'Failed']).optional(),
    message: z.string().optional(),
    validation: z.object({
      state: z.enum(['Unchecked', 'Valid', 'Invalid']),
      errors: z.array(z.object({ path: z.string().optional(), message: z.string() })).optional(),
      warnings: z.array(z.object({ path: z.string().optional(), message: z.string() })).optional(),
    }).optional(),
    approvedBy: z.string().optional(),
    approvedAt: timestamp.optional(),
    rejectedBy: z.string().optional(),
    rejectedAt: timestamp.optional(),
    rejectionReason: z.string().optional(),
    commit: z.string().optional(),
    pullRequestRef: refTo('PullRequest').optional(),
    mergedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Title', path: 'spec.title', type: 'string' },
    { name: 'Memory', path: 'spec.memoryRepository', type: 'ref' },
    { name: 'Run', path: 'spec.sourceRun', type: 'ref' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.memoryRepository', kind: 'AgentMemoryRepository' },
    { path: 'spec.sourceRun', kind: 'AgentDispatchRun' },
    { path: 'spec.importRef', kind: 'AgentRunMemoryImport' },
    { path: 'status.pullRequestRef', kind: 'PullRequest' },
  ],
  // What people look at when they approve is what is merged.
  immutable: ['spec.memoryRepository', 'spec.sourceRun', 'spec.baseCommit', 'spec.changes'],
  search: ['spec.title', 'spec.summary'],
  authored: false,
});
