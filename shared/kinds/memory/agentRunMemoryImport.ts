import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { digest, organizationRef, refTo, timestamp } from '../../kind/fields';

/** Phases of an import. Source: seeds, 003 section 8. Failed is what can happen to each that works by itself. */
export const memoryImportPhase = z.enum(['Pending', 'Collected', 'Redacting', 'Normalizing', 'Validating', 'AwaitingReview', 'Approved', 'Rejected', 'Merged', 'Failed']);
export type MemoryImportPhase = z.output<typeof memoryImportPhase>;

/** Where an import may go from each phase. Source: seeds, 003 section 8.4. */
export const MEMORY_IMPORT_TRANSITIONS: Readonly<Record<MemoryImportPhase, readonly MemoryImportPhase[]>> = {
  Pending: ['Collected', 'Failed'],
  Collected: ['Redacting', 'Failed'],
  Redacting: ['Normalizing', 'Failed'],
  Normalizing: ['Validating', 'Failed'],
  Validating: ['AwaitingReview', 'Approved', 'Failed'],
  AwaitingReview: ['Approved', 'Rejected'],
  Approved: ['Merged', 'Failed'],
  Rejected: [],
  Merged: [],
  Failed: [],
};

/** One thing that was taken from the source; its content is a blob. */
const entry = z.object({
  id: z.string(),
  kind: z.string().optional(),
  path: z.string().optional(),
  digest: digest.optional(),
  sizeBytes: z.number().int().optional(),
});

export const AgentRunMemoryImport = defineKind({
  names: { kind: 'AgentRunMemoryImport', plural: 'agentrunmemoryimports', singular: 'agentrunmemoryimport', shortNames: ['memoryimport'], title: 'Memory imports' },
  context: 'memory',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Import curated babysitter run metadata into org company brain with redaction and review',
  spec: () => z.object({
    organizationRef,
    memoryRepository: refTo('AgentMemoryRepository'),
    source: z.object({
      kind: z.enum(['babysitter-run', 'agent-dispatch-run', 'agent-session']),
      runId: z.string().max(253).optional().describe('Id of the run, as its own tool has it.'),
      a5cRunPath: z.string().max(1024).optional().describe('Folder of the run in its repository: .a5c/runs/RUN-ID.'),
      repository: refTo('Repository').optional().describe('Repository that the folder is in.'),
      ref: z.string().max(255).optional(),
      dispatchRun: refTo('AgentDispatchRun').optional(),
      sessionRef: refTo('AgentSession').optional(),
    }).describe('Where the memory is taken from.'),
    include: z.object({
      memoryMd: z.boolean().optional().describe('MEMORY.md of the run.'),
      sessionSummary: z.boolean().optional(),
      journal: z.enum(['none', 'curated', 'full']).optional().describe('How much of the journal.'),
      taskResults: z.boolean().optional(),
      artifactManifests: z.boolean().optional(),
      transcript: z.boolean().optional(),
    }).describe('What is taken.'),
    targetPath: z.string().max(1024).optional().describe('Folder of the memory repository that it goes to.'),
    validationPolicy: z.object({
      redactSecrets: z.boolean().default(true).describe('Secrets and personal data are taken out first.'),
      requireReview: z.boolean().default(true).describe('A person approves whatever the checks say.'),
      minConfidence: z.number().min(0).max(1).optional().describe('An entry below it is looked at by a person.'),
    }).optional().describe('What the import has to pass before it is merged.'),
  }),
  status: () => z.object({
    phase: memoryImportPhase.optional(),
    message: z.string().optional(),
    sourceRef: z.string().optional(),
    sourceType: z.string().optional(),
    collectedAt: timestamp.optional(),
    rawEntries: z.array(entry).optional(),
    redactedFields: z.array(z.string()).optional(),
    redactionRules: z.array(z.string()).optional().describe('Rules that were applied.'),
    normalizedEntries: z.array(entry).optional(),
    ontologyTerms: z.array(z.string()).optional(),
    deduplicationResults: z.object({ duplicates: z.number().int().optional(), merged: z.number().int().optional() }).optional(),
    validationErrors: z.array(z.object({ entry: z.string().optional(), message: z.string() })).optional(),
    confidenceScores: z.record(z.string(), z.number()).optional().describe('By entry, from 0 to 1.'),
    crossRefResults: z.array(z.object({ entry: z.string(), association: z.string().optional(), found: z.boolean() })).optional(),
    reviewRequestedAt: timestamp.optional(),
    reviewerHint: z.string().optional().describe('What the reviewer should look at.'),
    flaggedEntries: z.array(z.string()).optional(),
    approvedBy: z.string().optional(),
    approvedAt: timestamp.optional(),
    approvalNotes: z.string().optional(),
    rejectedBy: z.string().optional(),
    rejectedAt: timestamp.optional(),
    rejectionReason: z.string().optional(),
    updateRef: refTo('AgentMemoryUpdate').optional(),
    repositoryRef: refTo('AgentMemoryRepository').optional(),
    createdAssociations: z.array(z.string()).optional(),
    mergedEntryCount: z.number().int().optional(),
    mergedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Memory', path: 'spec.memoryRepository', type: 'ref' },
    { name: 'Source', path: 'spec.source.kind', type: 'string' },
    { name: 'Run', path: 'spec.source.runId', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Entries', path: 'status.mergedEntryCount', type: 'integer', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.memoryRepository', kind: 'AgentMemoryRepository' },
    { path: 'spec.source.repository', kind: 'Repository' },
    { path: 'spec.source.dispatchRun', kind: 'AgentDispatchRun' },
    { path: 'spec.source.sessionRef', kind: 'AgentSession' },
    { path: 'status.updateRef', kind: 'AgentMemoryUpdate' },
  ],
  immutable: ['spec.memoryRepository', 'spec.source'],
  search: ['spec.source.runId', 'spec.targetPath'],
});
