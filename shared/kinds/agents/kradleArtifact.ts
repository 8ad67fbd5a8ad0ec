import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { digest, duration, organizationRef, refTo } from '../../kind/fields';

export const KradleArtifact = defineKind({
  names: { kind: 'KradleArtifact', plural: 'kradleartifacts', singular: 'kradleartifact', title: 'Artifacts' },
  context: 'agents',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Durable agent output with kind, digest, and retention policy',
  aliases: ['AgentArtifact'],
  spec: z.object({
    organizationRef,
    dispatchRun: refTo('AgentDispatchRun'),
    attempt: refTo('AgentDispatchAttempt').optional(),
    kind: z.enum(['diagnosis', 'patch', 'review', 'test-report', 'release-report', 'subagent-output', 'workspace-diff', 'log', 'other']),
    digest: digest.describe('SHA-256 of the content.'),
    sizeBytes: z.number().int().min(0).optional(),
    mediaType: z.string().max(200).optional(),
    fileName: z.string().max(255).optional(),
    producer: z.string().max(200).optional().describe('Agent or subagent that made it.'),
    inlineSummary: z.string().max(16_384).optional(),
    patch: z.object({
      baseRef: z.string().optional(),
      baseSha: z.string(),
      headSha: z.string().optional(),
      targetBranch: z.string().optional(),
      files: z.array(z.object({ path: z.string(), status: z.string(), additions: z.number().int(), deletions: z.number().int() })).max(3000).optional(),
      filesTruncated: z.boolean().optional(),
      unsafeFileWarnings: z.array(z.string()).optional(),
      applyStrategy: z.enum(['comment-only', 'branch-update', 'pull-request', 'workspace-only']).optional(),
    }).optional(),
    sourceContextDigest: digest.optional(),
    permissionSnapshotDigest: digest.optional(),
    retentionPolicy: z.object({ keepFor: duration.optional() }).optional(),
    redactionStatus: z.enum(['none', 'redacted', 'suspected-secret']).optional(),
  }),
  status: z.object({ phase: z.enum(['Stored', 'Expired']).optional(), validation: z.enum(['Unchecked', 'Valid', 'Invalid']).optional() }),
  columns: [
    { name: 'Kind', path: 'spec.kind', type: 'string' },
    { name: 'Run', path: 'spec.dispatchRun', type: 'ref' },
    { name: 'Size', path: 'spec.sizeBytes', type: 'bytes' },
    { name: 'Digest', path: 'spec.digest', type: 'string', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.dispatchRun', kind: 'AgentDispatchRun', required: true, owner: true }],
  immutable: ['spec.digest', 'spec.dispatchRun', 'spec.kind', 'spec.patch'],
  authored: false,
});
