import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { digest, foreignDigest, organizationRef, refTo, timestamp } from '../../kind/fields';

export const AgentDispatchAttempt = defineKind({
  names: { kind: 'AgentDispatchAttempt', plural: 'agentdispatchattempts', singular: 'agentdispatchattempt', title: 'Run attempts' },
  context: 'agents',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Concrete execution attempt with reason, stack snapshot, and runtime state',
  spec: () => z.object({
    organizationRef,
    agentDispatchRun: refTo('AgentDispatchRun'),
    attemptReason: z.enum(['initial', 'retry', 'resume', 'runner-lost', 'fork', 'continue']).describe('Why there is this attempt.'),
    attemptNumber: z.number().int().min(1).default(1).describe('Attempt within the run, from 1.'),
    agentStackSnapshot: z.object({
      name: z.string(),
      generation: z.number().int(),
      spec: z.record(z.string(), z.unknown()).optional().describe('The stack as it was when the attempt began.'),
      adapter: z.record(z.string(), z.unknown()).optional().describe('The adapter as it was when the attempt began.'),
    }).describe('The agent as it was when the attempt began.'),
    contextBundleDigest: foreignDigest.optional().describe('Digest of the context that it was given.'),
    permissionSnapshotDigest: digest.optional().describe('Digest of the permission review that it started with.'),
    workspaceRef: refTo('KradleWorkspace').optional(),
    runnerPool: refTo('RunnerPool').optional(),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Running', 'Succeeded', 'Failed', 'Cancelled', 'Lost']).optional(),
    agentMuxRunId: z.string().optional(),
    agentMuxSessionId: z.string().optional(),
    runnerPid: z.number().int().optional(),
    k8sJobName: z.string().optional(),
    queueEnteredAt: timestamp.optional(),
    startedAt: timestamp.optional(),
    finishedAt: timestamp.optional(),
    exitReason: z.string().optional(),
    exitCode: z.number().int().optional(),
    message: z.string().optional(),
  }),
  columns: [
    { name: 'Run', path: 'spec.agentDispatchRun', type: 'ref' },
    { name: 'Number', path: 'spec.attemptNumber', type: 'integer' },
    { name: 'Reason', path: 'spec.attemptReason', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.agentDispatchRun', kind: 'AgentDispatchRun', required: true, owner: true },
    { path: 'spec.workspaceRef', kind: 'KradleWorkspace' },
    { path: 'spec.runnerPool', kind: 'RunnerPool' },
  ],
  authored: false,
});
