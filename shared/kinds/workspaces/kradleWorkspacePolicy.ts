import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, organizationRef, quantity } from '../../kind/fields';

export const KradleWorkspacePolicy = defineKind({
  names: { kind: 'KradleWorkspacePolicy', plural: 'kradleworkspacepolicies', singular: 'kradleworkspacepolicy', title: 'Workspace policies' },
  context: 'workspaces',
  storage: 'config',
  placement: 'org',
  purpose: 'Git worktree provisioning, cleanup, retention, and trust tier policies',
  aliases: ['AgentWorkspacePolicy', 'KrateWorkspacePolicy'],
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    mode: z.enum(['isolated-worktree', 'shared-worktree', 'volume', 'ephemeral']).default('isolated-worktree').describe('What a run works in: a git worktree of its own, one that it shares, a volume of the cluster, or nothing that stays.'),
    retentionPolicy: z.object({
      keepAfterSuccess: duration.optional().describe('How long a workspace stays after its work was written back; default 1d.'),
      keepAfterFailure: duration.optional().describe('How long a failed run\'s workspace stays; default 7d.'),
      maxWorkspaces: z.number().int().min(1).optional().describe('Workspaces of a repository at most.'),
      diskBudget: quantity.optional().describe('Bytes of all workspaces at most.'),
    }).describe('When workspaces go. One with work that is in no branch of the forge is never removed.'),
    warmWorktrees: z.number().int().min(0).max(20).default(1).describe('Ready worktrees kept for each repository, so that a run starts at once.'),
    requiresApproval: z.boolean().default(false).describe('A person approves each run before it starts.'),
    trustTier: z.enum(['trusted', 'untrusted']).optional().describe('untrusted: for code of people who cannot push here.'),
    maxConcurrentRuns: z.number().int().min(1).max(100).optional().describe('Runs of one agent at the same time.'),
    volume: z.object({ size: quantity.optional(), storageClassName: z.string().max(253).optional() }).optional().describe('The volume of a workspace, in a cluster.'),
    allowedTools: z.array(z.string().min(1).max(200)).max(500).optional().describe('Tools that agents may use in it; absent allows each.'),
    deniedTools: z.array(z.string().min(1).max(200)).max(500).optional().describe('Tools that nobody has in these workspaces.'),
    cleanup: z.object({ removeIgnoredFiles: z.boolean().optional() }).optional().describe('What is done to a workspace before its next run.'),
  }),
  status: () => z.object({ phase: z.enum(['Active']).optional() }),
  columns: [
    { name: 'Mode', path: 'spec.mode', type: 'string' },
    { name: 'Warm', path: 'spec.warmWorktrees', type: 'integer' },
    { name: 'Approval', path: 'spec.requiresApproval', type: 'boolean' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
});
