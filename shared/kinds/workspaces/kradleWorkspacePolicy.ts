import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, organizationRef, quantity } from '../../kind/fields';

export const KradleWorkspacePolicy = defineKind({
  names: { kind: 'KradleWorkspacePolicy', plural: 'kradleworkspacepolicies', singular: 'kradleworkspacepolicy', title: 'Workspace policies' },
  context: 'workspaces',
  storage: 'config',
  placement: 'org',
  purpose: 'Git worktree provisioning, cleanup, retention, and trust tier policies',
  aliases: ['AgentWorkspacePolicy'],
  spec: z.object({
    organizationRef,
    mode: z.enum(['isolated-worktree', 'shared-worktree', 'volume', 'ephemeral']).default('isolated-worktree'),
    retentionPolicy: z.object({
      keepAfterSuccess: duration.optional().describe('How long a workspace stays after its work was written back; default 1d.'),
      keepAfterFailure: duration.optional().describe('How long a failed run\'s workspace stays; default 7d.'),
      maxWorkspaces: z.number().int().min(1).optional(),
      diskBudget: quantity.optional(),
    }).describe('When workspaces go. One with work that is in no branch of the forge is never removed.'),
    warmWorktrees: z.number().int().min(0).max(20).default(1).describe('Ready worktrees kept for each repository, so that a run starts at once.'),
    requiresApproval: z.boolean().default(false).describe('A person approves each run before it starts.'),
    trustTier: z.enum(['trusted', 'untrusted']).optional(),
    maxConcurrentRuns: z.number().int().min(1).max(100).optional(),
    cleanup: z.object({ removeIgnoredFiles: z.boolean().optional() }).optional(),
  }),
  status: z.object({ phase: z.enum(['Active']).optional() }),
  columns: [
    { name: 'Mode', path: 'spec.mode', type: 'string' },
    { name: 'Warm', path: 'spec.warmWorktrees', type: 'integer' },
    { name: 'Approval', path: 'spec.requiresApproval', type: 'boolean' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
});
