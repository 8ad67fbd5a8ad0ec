import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectName, organizationRef, refTo, timestamp } from '../../kind/fields';
import { external, externalRefs } from '../external/externalEnvelope';
import { ciConclusion, computeResources, stepFields, trustTier } from './ciFields';

export const Job = defineKind({
  names: { kind: 'Job', plural: 'jobs', singular: 'job', title: 'Jobs' },
  context: 'ci',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'One step of a pipeline as it is executed: under which identity, how far apart from everything else, and how it went',
  spec: () => z.object({
    organizationRef,
    pipeline: refTo('Pipeline'),
    step: z.string().min(1).max(100).describe('The step of the pipeline that it executes.'),
    attempt: z.number().int().min(1).default(1).describe('How many times the step has been tried, this one included.'),
    needs: z.array(objectName).max(200).optional().describe('Jobs that have to succeed first.'),
    runnerPool: refTo('RunnerPool').optional().describe('Where it runs.'),
    serviceAccountRef: refTo('AgentServiceAccount').optional().describe('The identity that it acts under.'),
    trustTier: trustTier.optional(),
    isolation: z.object({
      secrets: z.boolean().default(false).describe('Granted secrets reach it.'),
      clusterApi: z.boolean().default(false).describe('It may call the cluster\'s API.'),
      network: z.enum(['none', 'restricted', 'full']).default('restricted').describe('What it may connect to.'),
      cacheWrite: z.boolean().default(false).describe('It may write to the cache that others read.'),
    }).optional().describe('What it can reach.'),
    ...stepFields,
    resources: computeResources.optional().describe('CPU and memory.'),
    external,
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Queued', 'Running', 'Succeeded', 'Failed', 'Cancelled', 'Skipped']).optional(),
    conclusion: ciConclusion.optional(),
    runner: z.string().optional().describe('The runner that has it.'),
    exitCode: z.number().int().optional(),
    queuedAt: timestamp.optional(),
    startedAt: timestamp.optional(),
    completedAt: timestamp.optional(),
    durationMs: z.number().int().optional(),
    log: z.object({
      url: z.string().optional().describe('Where a provider has the log.'),
      sizeBytes: z.number().int().optional(),
      truncated: z.boolean().optional(),
    }).optional(),
    failure: z.object({
      message: z.string(),
      line: z.number().int().optional().describe('Line of the log that says it.'),
    }).optional().describe('The first error that can be acted on.'),
  }),
  columns: [
    { name: 'Pipeline', path: 'spec.pipeline', type: 'ref' },
    { name: 'Step', path: 'spec.step', type: 'string' },
    { name: 'Attempt', path: 'spec.attempt', type: 'integer', priority: 1 },
    { name: 'Pool', path: 'spec.runnerPool', type: 'ref' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Exit', path: 'status.exitCode', type: 'integer', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.pipeline', kind: 'Pipeline', required: true, owner: true },
    { path: 'spec.needs[]', kind: 'Job' },
    { path: 'spec.runnerPool', kind: 'RunnerPool' },
    { path: 'spec.serviceAccountRef', kind: 'AgentServiceAccount' },
    ...externalRefs,
  ],
  immutable: ['spec.pipeline', 'spec.step', 'spec.attempt'],
  search: ['spec.step', 'spec.pipeline'],
  authored: false,
});
