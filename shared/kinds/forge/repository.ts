import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, timestamp } from '../../kind/fields';

export const Repository = defineKind({
  names: { kind: 'Repository', plural: 'repositories', singular: 'repository', shortNames: ['repo'], title: 'Repositories' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'Repository identity, visibility, repository hosting integration, object storage, and search settings',
  spec: z.object({
    organizationRef,
    visibility: z.enum(['public', 'internal', 'private']).default('private').describe('Who may see the repository.'),
    description: z.string().max(2000).optional(),
    defaultBranch: z.string().min(1).max(255).default('main').describe('Branch that clones check out and pull requests target.'),
    archived: z.boolean().default(false).describe('Read-only: pushes and merges are refused.'),
    importFrom: z.object({
      url: z.string().min(1).max(4096).describe('A folder on this machine, or a git address (https, ssh, git).'),
    }).optional().describe('Fill the new repository from here, once.'),
    mergeMethods: z.array(z.enum(['merge', 'squash', 'rebase'])).min(1).default(['merge', 'squash', 'rebase']).describe('Ways in which pull requests may be merged.'),
    deleteBranchOnMerge: z.boolean().default(false),
    hosting: z.object({ provider: z.string().optional(), externalUrl: z.string().optional() }).optional(),
    objectStorage: z.object({ lfs: z.boolean().optional() }).optional(),
    search: z.object({ enabled: z.boolean().optional() }).optional(),
  }),
  status: z.object({
    phase: z.enum(['Pending', 'Importing', 'Ready', 'Failed', 'Terminating']).optional(),
    /** Why the phase is Failed. */
    message: z.string().optional(),
    empty: z.boolean().optional().describe('It has no commit yet.'),
    defaultBranchHead: z.string().optional().describe('Commit that the default branch points at.'),
    branchCount: z.number().int().optional(),
    tagCount: z.number().int().optional(),
    sizeBytes: z.number().int().optional(),
    pushedAt: timestamp.optional(),
    nextNumber: z.number().int().optional().describe('Number that the next pull request or issue gets.'),
    import: z.object({
      stage: z.string().optional().describe('What git is doing: Receiving objects, Resolving deltas.'),
      percent: z.number().optional(),
      startedAt: timestamp.optional(),
      finishedAt: timestamp.optional(),
    }).optional(),
  }),
  columns: [
    { name: 'Visibility', path: 'spec.visibility', type: 'string' },
    { name: 'Default branch', path: 'spec.defaultBranch', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Size', path: 'status.sizeBytes', type: 'bytes', priority: 1 },
    { name: 'Pushed', path: 'status.pushedAt', type: 'age' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  immutable: ['spec.importFrom'],
  search: ['spec.description'],
  form: {
    'importFrom.url': { label: 'Import from', help: 'A folder on this machine or a git address.', placeholder: 'https://github.com/owner/name.git' },
    hosting: { advanced: true },
    objectStorage: { advanced: true },
    search: { advanced: true },
  },
});
