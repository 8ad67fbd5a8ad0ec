import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, organizationRef, refTo, timestamp } from '../../kind/fields';
import { fillAbsent } from '../../kind/fillAbsent';
import { external, externalRefs } from '../external/externalEnvelope';
import { bodySource, upgradeBody } from './richText';

/** One thing that keeps a pull request from merging. */
export const mergeBlocker = z.object({
  code: z.enum(['Conflict', 'Draft', 'ApprovalsMissing', 'ChangesRequested', 'ChecksMissing', 'ChecksFailed', 'ConversationUnresolved', 'Archived', 'NothingToMerge', 'SourceMissing', 'TargetMissing', 'MethodNotAllowed']),
  message: z.string(),
});

export const PullRequest = defineKind({
  names: { kind: 'PullRequest', plural: 'pullrequests', singular: 'pullrequest', shortNames: ['pr'], title: 'Pull requests' },
  context: 'forge',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Review unit with source/target refs, title, checks, and merge lifecycle',
  // Providers, and older documents after them, say head and base.
  upgrade: ({ head, base, ...spec }) => upgradeBody(fillAbsent(spec, { sourceBranch: head, targetBranch: base })),
  spec: z.object({
    organizationRef,
    repository: refTo('Repository'),
    title: z.string().min(1).max(500).describe('The change in one line.'),
    body: z.string().max(262_144).optional().describe('Markdown.'),
    bodySource: bodySource.optional().describe('Where the body was converted from.'),
    sourceBranch: z.string().min(1).max(255).describe('Branch that holds the change.'),
    targetBranch: z.string().min(1).max(255).describe('Branch that it merges into.'),
    number: z.number().int().min(1).optional().describe('Number within the repository; assigned on creation.'),
    draft: z.boolean().default(false).describe('Still being worked on: it cannot be merged yet.'),
    state: z.enum(['open', 'closed']).default('open').describe('What people want of it; merging is a verb of its own.'),
    author: actorReference.optional().describe('Who opened it; filled in by the server.'),
    requesters: z.array(actorReference).max(100).optional().describe('Who asked for the run whose work this is; their approvals do not count. Filled in by the server.'),
    assignees: z.array(z.string()).optional().describe('Users and agents that take care of it.'),
    reviewers: z.array(z.string()).optional().describe('Users and agents that are asked to review it.'),
    labels: z.array(z.string()).optional().describe('Words that it is sorted by.'),
    milestone: z.string().max(200).optional().describe('Milestone, sprint or cycle that it is planned for.'),
    dispatchRun: refTo('AgentDispatchRun').optional().describe('The run whose work this is.'),
    external,
  }),
  status: z.object({
    phase: z.enum(['Open', 'Merged', 'Closed']).optional(),
    headSha: z.string().optional().describe('Tip of the source branch.'),
    baseSha: z.string().optional().describe('Tip of the target branch that mergeability was computed against.'),
    mergeBaseSha: z.string().optional(),
    mergeable: z.enum(['Unknown', 'Mergeable', 'Conflicting']).optional(),
    conflictingFiles: z.array(z.string()).optional(),
    blockers: z.array(mergeBlocker).optional().describe('What keeps it from merging; empty when it can merge now.'),
    approvals: z.number().int().optional(),
    requiredApprovals: z.number().int().optional(),
    additions: z.number().int().optional(),
    deletions: z.number().int().optional(),
    changedFiles: z.number().int().optional(),
    commits: z.number().int().optional(),
    commentCount: z.number().int().optional(),
    checks: z.array(z.object({
      name: z.string(),
      state: z.enum(['Pending', 'Succeeded', 'Failed']),
      sha: z.string().optional().describe('Commit that was checked; the check counts for no other.'),
      url: z.string().optional(),
      completedAt: timestamp.optional(),
    })).optional(),
    merge: z.object({
      method: z.enum(['merge', 'squash', 'rebase']),
      sha: z.string().describe('Commit that the target branch points at after the merge.'),
      mergedBy: actorReference,
      mergedAt: timestamp,
      targetBefore: z.string().describe('Where the target branch was before.'),
    }).optional(),
    merging: z.object({
      method: z.enum(['merge', 'squash', 'rebase']),
      sha: z.string(),
      headSha: z.string(),
      targetBefore: z.string(),
      mergedBy: actorReference,
      startedAt: timestamp,
      deleteBranch: z.boolean(),
    }).optional().describe('A merge that is under way. Written before the target branch moves, so that one which a crash cut off is finished with its author and method.'),
    closedAt: timestamp.optional(),
    closedBy: actorReference.optional(),
    headUpdatedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Repository', path: 'spec.repository', type: 'ref' },
    { name: 'Number', path: 'spec.number', type: 'integer' },
    { name: 'Title', path: 'spec.title', type: 'string' },
    { name: 'Source', path: 'spec.sourceBranch', type: 'string', priority: 1 },
    { name: 'Target', path: 'spec.targetBranch', type: 'string', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.repository', kind: 'Repository', required: true, owner: true },
    { path: 'spec.dispatchRun', kind: 'AgentDispatchRun' },
    ...externalRefs,
  ],
  actions: [{ name: 'merge', label: 'Merge', procedure: 'pulls.merge' }],
  immutable: ['spec.repository', 'spec.sourceBranch', 'spec.number'],
  search: ['spec.title', 'spec.body', 'spec.sourceBranch'],
  form: { body: { widget: 'textarea' }, bodySource: { advanced: true }, requesters: { advanced: true }, external: { advanced: true } },
});
