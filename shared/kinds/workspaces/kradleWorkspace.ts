import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, quantity, refTo, timestamp } from '../../kind/fields';

/** Phases of a workspace. Source: seeds, 003 section 7.1, plus Failed. */
export const workspacePhase = z.enum(['Pending', 'Provisioning', 'Ready', 'InUse', 'Archiving', 'Archived', 'Failed']);

export const KradleWorkspace = defineKind({
  names: { kind: 'KradleWorkspace', plural: 'kradleworkspaces', singular: 'kradleworkspace', shortNames: ['ws'], title: 'Workspaces' },
  context: 'workspaces',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Volume-backed git workspace with PVC lifecycle, repo binding, and runner mount spec',
  aliases: ['AgentWorkspace'],
  spec: z.object({
    organizationRef,
    repository: refTo('Repository'),
    volumeSpec: z.object({
      type: z.enum(['worktree', 'persistentVolumeClaim', 'emptyDir']),
      size: quantity.optional(),
      storageClassName: z.string().optional(),
      accessModes: z.array(z.string()).optional(),
    }).describe('Where the files are: a git worktree on this machine, or a volume in the cluster.'),
    branch: z.string().max(255).optional(),
    policyRef: refTo('KradleWorkspacePolicy').optional(),
    mountPath: z.string().optional(),
    pinned: z.boolean().default(false).describe('Never archived by itself.'),
    archiveRequested: z.boolean().default(false),
  }),
  status: z.object({
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
  ],
  actions: [{ name: 'archive', label: 'Archive', procedure: 'agents.archiveWorkspace', destructive: true }],
  authored: false,
});
