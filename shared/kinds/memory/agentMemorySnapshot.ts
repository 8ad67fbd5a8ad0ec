import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { commitPrefix, digest, organizationRef, refTo, timestamp } from '../../kind/fields';

export const AgentMemorySnapshot = defineKind({
  names: { kind: 'AgentMemorySnapshot', plural: 'agentmemorysnapshots', singular: 'agentmemorysnapshot', title: 'Memory snapshots' },
  context: 'memory',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Immutable dispatch-time memory pin with resolved commit, query manifest digest, and selected records digest',
  spec: () => z.object({
    organizationRef,
    memoryRepository: refTo('AgentMemoryRepository'),
    requestedRef: z.string().min(1).max(255).describe('What was asked for: a branch, a tag, a commit, or a time.'),
    refMode: z.enum(['current', 'explicit-ref', 'ref-at-time', 'snapshot-tag']).optional().describe('How requestedRef was read.'),
    refAt: timestamp.optional().describe('The time that was asked for.'),
    resolvedCommit: commitPrefix.describe('The commit that it came to.'),
    staleBy: z.string().max(100).optional().describe('How much older the commit is than what was asked for.'),
    dispatchRun: refTo('AgentDispatchRun').optional().describe('The run that it was made for.'),
    sourceRefs: z.array(refTo('AgentMemorySource')).max(500).optional().describe('Read policies that were followed.'),
    queryManifestDigest: digest.optional().describe('Digest of the queries.'),
    selectedRecordsDigest: digest.optional().describe('Digest of what they found.'),
    recordCount: z.number().int().min(0).optional().describe('Records that were chosen.'),
    sizeBytes: z.number().int().min(0).optional().describe('Size of the records together, in bytes.'),
  }),
  status: () => z.object({ phase: z.enum(['Pending', 'Pinned', 'Failed']).optional(), message: z.string().optional() }),
  columns: [
    { name: 'Memory', path: 'spec.memoryRepository', type: 'ref' },
    { name: 'Asked for', path: 'spec.requestedRef', type: 'string' },
    { name: 'Commit', path: 'spec.resolvedCommit', type: 'string' },
    { name: 'Run', path: 'spec.dispatchRun', type: 'ref' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.memoryRepository', kind: 'AgentMemoryRepository' },
    { path: 'spec.dispatchRun', kind: 'AgentDispatchRun' },
    { path: 'spec.sourceRefs[]', kind: 'AgentMemorySource' },
  ],
  immutable: ['spec.memoryRepository', 'spec.requestedRef', 'spec.refMode', 'spec.refAt', 'spec.resolvedCommit', 'spec.queryManifestDigest', 'spec.selectedRecordsDigest'],
  authored: false,
});
