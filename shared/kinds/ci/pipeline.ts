import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, commitPrefix, objectReference, organizationRef, refTo, timestamp } from '../../kind/fields';
import { external, externalRefs } from '../external/externalEnvelope';
import { ciConclusion, stepFields, trustTier } from './ciFields';

const stepName = z.string().min(1).max(100);

export const Pipeline = defineKind({
  names: { kind: 'Pipeline', plural: 'pipelines', singular: 'pipeline', shortNames: ['pipe'], title: 'Pipelines' },
  context: 'ci',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'One run of CI over a commit: its steps, whether its code is trusted, how far it is and where it can begin again',
  // Older documents list the steps by name.
  upgrade: (spec) => (Array.isArray(spec.steps) ? { ...spec, steps: spec.steps.map((step: unknown) => (typeof step === 'string' ? { name: step } : step)) } : { ...spec }),
  spec: () => z.object({
    organizationRef,
    repository: refTo('Repository'),
    ref: z.string().min(1).max(255).describe('What it runs on: refs/heads/main, refs/pull/42/head.'),
    sha: commitPrefix.optional().describe('The commit; absent means where the reference is when it starts.'),
    workflow: z.string().max(200).optional().describe('Which of the repository\'s workflows it is a run of.'),
    pullRequest: refTo('PullRequest').optional().describe('The pull request that it is a check of.'),
    trigger: z.object({
      event: z.string().min(1).max(100).describe('push, pull-request, schedule, manual, rerun.'),
      actor: actorReference.optional(),
      source: objectReference.optional().describe('The object that the event is about.'),
    }).optional().describe('Why it runs.'),
    trustTier: trustTier.optional().describe('Whether its code is trusted: filled in by the server, a fork\'s is not.'),
    runnerPool: refTo('RunnerPool').optional().describe('Where its jobs run.'),
    steps: z.array(z.object({
      name: stepName.describe('Unique within the pipeline.'),
      needs: z.array(stepName).max(100).optional().describe('Steps that have to succeed first; absent means the step before.'),
      ...stepFields,
      continueOnError: z.boolean().optional().describe('The pipeline goes on when it fails.'),
    })).max(200).optional().describe('What it does; each step becomes a job.'),
    resumeFrom: stepName.optional().describe('Step to begin with: those before it are taken over from the run that this one repeats.'),
    rerunOf: refTo('Pipeline').optional().describe('The run that this one repeats.'),
    external,
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Queued', 'Running', 'Succeeded', 'Failed', 'Cancelled']).optional(),
    conclusion: ciConclusion.optional(),
    currentStep: z.string().optional(),
    resumePoint: z.string().optional().describe('Step from which a repetition would begin.'),
    steps: z.array(z.object({
      name: z.string(),
      phase: z.enum(['Pending', 'Queued', 'Running', 'Succeeded', 'Failed', 'Cancelled', 'Skipped']),
      job: refTo('Job').optional(),
    })).optional(),
    startedAt: timestamp.optional(),
    completedAt: timestamp.optional(),
    durationMs: z.number().int().optional(),
    message: z.string().optional().describe('Why it failed or waits.'),
  }),
  columns: [
    { name: 'Repository', path: 'spec.repository', type: 'ref' },
    { name: 'Workflow', path: 'spec.workflow', type: 'string' },
    { name: 'Ref', path: 'spec.ref', type: 'string' },
    { name: 'Commit', path: 'spec.sha', type: 'string', priority: 1 },
    { name: 'Trust', path: 'spec.trustTier', type: 'string', priority: 1 },
    { name: 'Step', path: 'status.currentStep', type: 'string', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.repository', kind: 'Repository', required: true, owner: true },
    { path: 'spec.pullRequest', kind: 'PullRequest' },
    { path: 'spec.runnerPool', kind: 'RunnerPool' },
    { path: 'spec.rerunOf', kind: 'Pipeline' },
    { path: 'status.steps[].job', kind: 'Job' },
    ...externalRefs,
  ],
  immutable: ['spec.repository', 'spec.ref', 'spec.rerunOf'],
  search: ['spec.workflow', 'spec.ref', 'spec.sha'],
  form: {
    trigger: { advanced: true },
    trustTier: { advanced: true },
    resumeFrom: { advanced: true },
    rerunOf: { advanced: true },
    external: { advanced: true },
  },
});
