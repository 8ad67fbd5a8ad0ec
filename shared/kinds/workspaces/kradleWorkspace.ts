import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectReference, organizationRef, quantity, refTo, timestamp } from '../../kind/fields';
import { runtimeState } from './kradleWorkspaceRuntime';

/** Phases of a workspace. Source: seeds, 003 section 7.1, plus Failed. */
export const workspacePhase = z.enum(['Pending', 'Provisioning', 'Ready', 'InUse', 'Archiving', 'Archived', 'Failed']);

export const KradleWorkspace = defineKind({
  names: { kind: 'KradleWorkspace', plural: 'kradleworkspaces', singular: 'kradleworkspace', shortNames: ['ws'], title: 'Workspaces' },
  context: 'workspaces',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Volume-backed git workspace with PVC lifecycle, repo binding, and runner mount spec',
  aliases: ['AgentWorkspace', 'KrateWorkspace'],
  spec: () => z.object({
    organizationRef,
    repository: refTo('Repository'),
    volumeSpec: z.object({
      type: z.enum(['worktree', 'persistentVolumeClaim', 'emptyDir']),
      size: quantity.optional(),
      storageClassName: z.string().optional(),
      accessModes: z.array(z.string()).optional(),
    }).describe('Where the files are: a git worktree on this machine, or a volume in the cluster.'),
    branch: z.string().max(255).optional().describe('Branch that it is on when nobody has claimed it.'),
    policyRef: refTo('KradleWorkspacePolicy').optional(),
    mountPath: z.string().max(1024).optional().describe('Where a runner finds it; /workspace in a cluster.'),
    pinned: z.boolean().default(false).describe('Never archived by itself.'),
    archiveRequested: z.boolean().default(false).describe('It goes as soon as no run uses it.'),
    associations: z.array(objectReference.extend({ relation: z.string().max(100).optional() })).max(200).optional().describe('Runs, users and sessions that it belongs to.'),
  }),
  status: () => z.object({
    phase: workspacePhase.optional(),
    message: z.string().optional(),
    path: z.string().optional().describe('Folder on the server\'s machine.'),
    claimedBy: refTo('AgentDispatchRun').optional(),
    lastRun: refTo('AgentDispatchRun').optional(),
    claimedAt: timestamp.optional(),
    releasedAt: timestamp.optional(),
    baseSha: z.string().optional(),
    headSha: z.string().optional(),
    branch: z.string().optional(),
    git: z.object({ phase: z.enum(['Cloning', 'Ready', 'Dirty', 'Synced']), dirtyFiles: z.number().int().optional(), unpushedCommits: z.number().int().optional() }).optional(),
    sizeBytes: z.number().int().optional(),
    volume: z.object({
      claimName: z.string().optional(),
      phase: z.enum(['Pending', 'Bound', 'Released']).optional(),
    }).optional().describe('The volume claim, in a cluster.'),
    codespace: z.object({ phase: runtimeState, url: z.string().optional() }).optional(),
    sessions: z.array(z.string()).optional().describe('Agent sessions that work in it.'),
    archivedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Repository', path: 'spec.repository', type: 'ref' },
    { name: 'Branch', path: 'status.branch', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Run', path: 'status.claimedBy', type: 'ref' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.repository', kind: 'Repository', required: true, owner: true },
    { path: 'spec.policyRef', kind: 'KradleWorkspacePolicy' },
    { path: 'status.claimedBy', kind: 'AgentDispatchRun' },
    { path: 'status.lastRun', kind: 'AgentDispatchRun' },
  ],
  actions: [{ name: 'archive', label: 'Archive', procedure: 'agents.archiveWorkspace', destructive: true }],
  authored: false,
});
