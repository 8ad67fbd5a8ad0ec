import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { digest, objectName, organizationRef, refTo, timestamp } from '../../kind/fields';

export const AgentContextBundle = defineKind({
  names: { kind: 'AgentContextBundle', plural: 'agentcontextbundles', singular: 'agentcontextbundle', title: 'Context bundles' },
  context: 'agents',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Immutable prompt/context snapshot with digest, provenance, and redaction manifest',
  spec: () => z.object({
    organizationRef,
    dispatchRun: refTo('AgentDispatchRun'),
    digest: digest.describe('Digest over the digests of all layers and sources.'),
    sources: z.array(z.object({
      kind: z.string().min(1).max(100).describe('changed-files, failing-job-log, pull-request-summary …'),
      ref: z.string().max(1024).optional().describe('Where it was read: an object, a path, an address.'),
      commit: z.string().max(64).optional(),
      digest: digest.optional(),
      sizeBytes: z.number().int().min(0).optional(),
      truncated: z.boolean().optional(),
      collectedAt: timestamp.optional(),
    })).max(500).describe('Where the content comes from.'),
    layers: z.array(z.object({
      name: z.enum(['system', 'developer', 'task', 'skills', 'labels', 'sources']),
      digest,
      sizeBytes: z.number().int().min(0),
      truncated: z.boolean().optional(),
    })).max(50).optional().describe('The prompt, from the bottom up.'),
    attachments: z.array(refTo('AgentSessionAttachment')).max(32).optional().describe('Files that go with it.'),
    contextLabels: z.array(refTo('AgentContextLabel')).max(100).optional().describe('Reviewed texts that are in it.'),
    memorySnapshotRef: refTo('AgentMemorySnapshot').optional(),
    redactionManifest: z.object({
      status: z.enum(['none', 'redacted', 'failed']),
      redactions: z.array(z.object({ rule: z.string().max(200), source: z.string().max(1024).optional(), count: z.number().int().min(0) })).max(500).optional(),
    }).optional().describe('What was taken out, by rule; never the content itself.'),
    sizeBytes: z.number().int().min(0).optional().describe('Its size, in bytes.'),
    createdFrom: objectName.optional().describe('Trigger rule whose template was followed.'),
  }),
  status: () => z.object({ phase: z.enum(['Sealed', 'Expired']).optional() }),
  columns: [
    { name: 'Run', path: 'spec.dispatchRun', type: 'ref' },
    { name: 'Size', path: 'spec.sizeBytes', type: 'bytes' },
    { name: 'Redaction', path: 'spec.redactionManifest.status', type: 'phase' },
    { name: 'Digest', path: 'spec.digest', type: 'string', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.dispatchRun', kind: 'AgentDispatchRun', required: true, owner: true },
    { path: 'spec.attachments[]', kind: 'AgentSessionAttachment' },
    { path: 'spec.contextLabels[]', kind: 'AgentContextLabel' },
    { path: 'spec.memorySnapshotRef', kind: 'AgentMemorySnapshot' },
    { path: 'spec.createdFrom', kind: 'AgentTriggerRule' },
  ],
  immutable: ['spec.dispatchRun', 'spec.digest', 'spec.sources', 'spec.layers', 'spec.attachments', 'spec.contextLabels', 'spec.memorySnapshotRef', 'spec.redactionManifest'],
  authored: false,
});
