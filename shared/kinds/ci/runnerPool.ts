import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, objectName, organizationRef, quantity, refTo, timestamp } from '../../kind/fields';
import { computeResources, trustTier } from './ciFields';

export const RunnerPool = defineKind({
  names: { kind: 'RunnerPool', plural: 'runnerpools', singular: 'runnerpool', shortNames: ['pool'], title: 'Runner pools' },
  context: 'ci',
  storage: 'config',
  placement: 'org',
  purpose: 'Runners for pipelines and agents: how many are warm and how many there may be, what they run on, cache and trust',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call the pool.'),
    warmReplicas: z.number().int().min(0).max(1000).describe('Runners that wait for work. At most as many as maxReplicas.'),
    maxReplicas: z.number().int().min(1).max(1000).describe('Runners that there may be at a time.'),
    autoscale: z.boolean().default(true).describe('Runners beyond the warm ones come and go with the work; otherwise the warm ones are all.'),
    idleTimeout: duration.optional().describe('A runner beyond the warm ones ends after so long without work.'),
    image: z.string().min(1).max(500).default('ubuntu:24.04').describe('Container image of the runners.'),
    labels: z.array(z.string().min(1).max(100)).max(50).optional().describe('What work asks for to come here: linux, gpu.'),
    trustTier: trustTier.default('untrusted'),
    serviceAccountRef: refTo('AgentServiceAccount').optional().describe('The identity that the runners have of their own.'),
    allowedRepositories: z.array(objectName).max(1000).optional().describe('Repositories whose work runs here; absent means all.'),
    resources: computeResources.optional().describe('CPU and memory of one runner.'),
    cache: z.object({
      enabled: z.boolean().default(true),
      scope: z.enum(['pool', 'repository', 'branch']).default('repository').describe('Who shares a cache. Work that is not trusted writes to none that trusted work reads.'),
      size: quantity.optional().describe('Largest cache: 10Gi.'),
      maxAge: duration.optional().describe('An entry that nobody used for so long is dropped.'),
      storageClass: z.string().max(253).optional().describe('Storage class of the volume that holds it, in a cluster.'),
    }).optional().describe('What runners keep from one piece of work to the next.'),
    nodeSelector: z.record(z.string(), z.string()).optional().describe('Labels of the nodes that runners are put on, in a cluster.'),
  }),
  status: () => z.object({
    phase: z.enum(['Empty', 'Idle', 'Active']).optional().describe('No runner, none that works, one or more that work.'),
    scaling: z.enum(['ScalingUp', 'ScalingDown', 'Stable']).optional(),
    replicas: z.number().int().optional(),
    idleReplicas: z.number().int().optional(),
    runningReplicas: z.number().int().optional(),
    queuedJobs: z.number().int().optional().describe('Work that waits for a runner.'),
    runners: z.array(z.object({
      name: z.string(),
      phase: z.enum(['Idle', 'Running', 'Terminating']),
      job: refTo('Job').optional(),
      startedAt: timestamp.optional(),
    })).optional(),
    message: z.string().optional().describe('What keeps the pool from being as large as it should be.'),
  }),
  columns: [
    { name: 'Warm', path: 'spec.warmReplicas', type: 'integer' },
    { name: 'Max', path: 'spec.maxReplicas', type: 'integer' },
    { name: 'Runners', path: 'status.replicas', type: 'integer' },
    { name: 'Running', path: 'status.runningReplicas', type: 'integer' },
    { name: 'Trust', path: 'spec.trustTier', type: 'string' },
    { name: 'Image', path: 'spec.image', type: 'string', priority: 1 },
    { name: 'Scaling', path: 'status.scaling', type: 'string', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.serviceAccountRef', kind: 'AgentServiceAccount' },
    { path: 'spec.allowedRepositories[]', kind: 'Repository' },
    { path: 'status.runners[].job', kind: 'Job' },
  ],
  search: ['spec.displayName', 'spec.labels', 'spec.image'],
  form: {
    resources: { advanced: true },
    cache: { advanced: true },
    nodeSelector: { advanced: true },
    idleTimeout: { advanced: true },
    serviceAccountRef: { advanced: true },
  },
});
