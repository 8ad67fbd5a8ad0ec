import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, httpUrl, organizationRef, timestamp } from '../../kind/fields';
import { external, externalRefs } from '../external/externalEnvelope';

export const Repository = defineKind({
  names: { kind: 'Repository', plural: 'repositories', singular: 'repository', shortNames: ['repo'], title: 'Repositories' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'Repository identity, visibility, repository hosting integration, object storage, and search settings',
  spec: z.object({
    organizationRef,
    visibility: z.enum(['public', 'internal', 'private']).default('private').describe('Who may see the repository.'),
    description: z.string().max(2000).optional().describe('What the repository holds, in a line or two.'),
    defaultBranch: z.string().min(1).max(255).default('main').describe('Branch that clones check out and pull requests target.'),
    archived: z.boolean().default(false).describe('Read-only: pushes and merges are refused.'),
    importFrom: z.object({
      url: z.string().min(1).max(4096).describe('A folder on this machine, or a git address (https, ssh, git).'),
    }).optional().describe('Fill the new repository from here, once.'),
    mergeMethods: z.array(z.enum(['merge', 'squash', 'rebase'])).min(1).default(['merge', 'squash', 'rebase']).describe('Ways in which pull requests may be merged.'),
    deleteBranchOnMerge: z.boolean().default(false).describe('A branch goes when its pull request is merged.'),
    createdBy: actorReference.optional().describe('Who created it; filled in by the server.'),
    hosting: z.object({
      provider: z.string().max(100).optional().describe('Who keeps the bytes: kradle, gitea, github.'),
      externalUrl: z.string().max(2048).optional().describe('Address at that host.'),
    }).optional().describe('Where the repository is kept, when that is not here.'),
    objectStorage: z.object({
      lfs: z.boolean().optional().describe('Large files are kept beside the repository (Git LFS).'),
      storageClass: z.string().max(253).optional().describe('Storage class of the volume, in a cluster.'),
    }).optional().describe('Where large objects go.'),
    search: z.object({
      enabled: z.boolean().optional().describe('Code is found by search.'),
      refs: z.array(z.string().min(1).max(255)).max(100).optional().describe('Branches that are indexed; absent means the default branch.'),
    }).optional().describe('What search knows of the repository.'),
    external,
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
    cloneUrls: z.object({ http: httpUrl.optional(), ssh: z.string().optional() }).optional().describe('Addresses to clone from.'),
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
  refs: externalRefs,
  immutable: ['spec.importFrom'],
  search: ['spec.description'],
  form: {
    'importFrom.url': { label: 'Import from', help: 'A folder on this machine or a git address.', placeholder: 'https://github.com/owner/name.git' },
    createdBy: { advanced: true },
    hosting: { advanced: true },
    objectStorage: { advanced: true },
    search: { advanced: true },
    external: { advanced: true },
  },
});
