import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, organizationRef, refTo, timestamp } from '../../kind/fields';
import { fillAbsent } from '../../kind/fillAbsent';
import { external, externalRefs } from '../external/externalEnvelope';
import { mergeMethod } from './mergeMethod';
import { bodySource, upgradeBody } from './richText';

/** One thing that keeps a pull request from merging. */
export const mergeBlocker = z.object({
  code: z.enum([
    'Conflict', 'Draft', 'ApprovalsMissing', 'ChangesRequested', 'CodeOwnersMissing', 'LastPushApprovalMissing', 'ChecksMissing', 'ChecksFailed', 'ConversationUnresolved', 'BehindTarget', 'UnsignedCommits',
    'Archived', 'NothingToMerge', 'SourceMissing', 'TargetMissing', 'MethodNotAllowed',
  ]),
  message: z.string(),
});

/** Where one reviewer stands: asked, or with a verdict. */
export const reviewerStanding = z.object({
  reviewer: z.string().describe('A user, team/NAME or agent/NAME.'),
  state: z.enum(['Requested', 'Approved', 'ChangesRequested', 'Commented', 'Dismissed']),
  codeOwner: z.boolean().optional().describe('CODEOWNERS names them for a changed file.'),
  requestedBy: actorReference.optional(),
  requestedAt: timestamp.optional(),
  review: z.string().optional().describe('Their latest review that says so.'),
  outdated: z.boolean().optional().describe('The change is another one since they said so.'),
  counts: z.boolean().optional().describe('Their approval counts for what the rules ask.'),
});

export const PullRequest = defineKind({
  names: { kind: 'PullRequest', plural: 'pullrequests', singular: 'pullrequest', shortNames: ['pr'], title: 'Pull requests' },
  context: 'forge',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Review unit with source/target refs, title, checks, and merge lifecycle',
  // Providers, and older documents after them, say head and base.
  upgrade: ({ head, base, ...spec }) => upgradeBody(fillAbsent(spec, { sourceBranch: head, targetBranch: base })),
  spec: () => z.object({
    organizationRef,
    repository: refTo('Repository'),
    title: z.string().min(1).max(500).describe('The change in one line.'),
    body: z.string().max(262_144).optional().describe('Markdown.'),
    bodySource: bodySource.optional().describe('Where the body was converted from.'),
    sourceRepository: refTo('Repository').optional().describe('The fork that has the source branch; absent: the repository itself.'),
    sourceBranch: z.string().min(1).max(255).describe('Branch that holds the change.'),
    targetBranch: z.string().min(1).max(255).describe('Branch that it merges into.'),
    number: z.number().int().min(1).optional().describe('Number within the repository; assigned on creation.'),
    maintainerCanModify: z.boolean().optional().describe('Of one from a fork: whoever may push to the repository may change the source branch by what is done to the pull request. Default: yes.'),
    draft: z.boolean().default(false).describe('Still being worked on: it cannot be merged yet.'),
    state: z.enum(['open', 'closed']).default('open').describe('What people want of it; merging is a verb of its own.'),
    author: actorReference.optional().describe('Who opened it; filled in by the server.'),
    requesters: z.array(actorReference).max(100).optional().describe('Who asked for the run whose work this is; their approvals do not count. Filled in by the server.'),
    assignees: z.array(z.string()).optional().describe('Who takes care of it: users by name, agent/NAME.'),
    reviewers: z.array(z.string()).optional().describe('Who is asked to review it: users by name, team/NAME, agent/NAME.'),
    labels: z.array(z.string()).optional().describe('Words that it is sorted by.'),
    milestone: z.string().max(200).optional().describe('Milestone, sprint or cycle that it is planned for.'),
    dispatchRun: refTo('AgentDispatchRun').optional().describe('The run whose work this is.'),
    reverts: refTo('PullRequest').optional().describe('The merged pull request that this takes back.'),
    external,
  }),
  status: () => z.object({
    phase: z.enum(['Open', 'Merged', 'Closed']).optional(),
    headSha: z.string().optional().describe('Tip of the source branch.'),
    baseSha: z.string().optional().describe('Tip of the target branch that mergeability was computed against.'),
    mergeBaseSha: z.string().optional(),
    behind: z.number().int().optional().describe('Commits of the target that the source lacks.'),
    sourceExists: z.boolean().optional().describe('The source branch is there; one that is gone can be restored from headSha.'),
    sourceRepository: z.object({
      uid: z.string().describe('The fork that it was opened from: another of its name is not it.'),
      exists: z.boolean().describe('The fork is there. Without it the change is what it was last.'),
    }).optional(),
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
    reviewers: z.array(reviewerStanding).max(500).optional().describe('Who is asked to review, and who did.'),
    ownersAsked: z.array(z.string()).max(500).optional().describe('Code owners that were asked once; one who is taken off is not asked again by itself.'),
    codeOwners: z.object({
      path: z.string().describe('The CODEOWNERS file of the target branch.'),
      faults: z.number().int().describe('Lines of it that cannot be understood.'),
      missing: z.array(z.string()).max(200).describe('Owners of changed files, as the file writes them, none of whom has approved for those files.'),
    }).optional(),
    lastPush: z.object({
      sha: z.string(),
      by: actorReference.optional().describe('Absent when nobody knows: the server restarted in between.'),
      at: timestamp,
    }).optional().describe('Who brought the head.'),
    linkedIssues: z.array(z.object({
      name: z.string().describe('Name of the Issue object.'),
      number: z.number().int().optional(),
      repository: z.string().optional(),
      closes: z.boolean().describe('It is closed when this is merged into the default branch.'),
    })).max(100).optional().describe('Issues that the title, body and commits speak of.'),
    autoMerge: z.object({
      method: mergeMethod,
      title: z.string().optional(),
      message: z.string().optional(),
      deleteBranch: z.boolean().optional(),
      setBy: actorReference,
      setAt: timestamp,
    }).optional().describe('It merges by itself, in the name of who set this, as soon as nothing keeps it from merging.'),
    autoMergeEnded: z.object({
      setBy: actorReference,
      at: timestamp,
      by: actorReference.optional().describe('Who took it back; absent where the server did.'),
      reason: z.string().optional(),
    }).optional().describe('How the last one that was set ended, when it did not merge.'),
    merge: z.object({
      method: mergeMethod,
      sha: z.string().describe('Commit that the target branch points at after the merge.'),
      mergedBy: actorReference,
      mergedAt: timestamp,
      targetBefore: z.string().describe('Where the target branch was before.'),
      auto: z.boolean().optional().describe('It merged by itself, as mergedBy had set.'),
    }).optional(),
    merging: z.object({
      method: mergeMethod,
      sha: z.string(),
      headSha: z.string(),
      targetBefore: z.string(),
      mergedBy: actorReference,
      startedAt: timestamp,
      deleteBranch: z.boolean(),
      auto: z.boolean().optional(),
    }).optional().describe('A merge that is under way. Written before the target branch moves, so that one which a crash cut off is finished with its author and method.'),
    settled: z.boolean().optional().describe('What follows from the merge is done: issues are closed.'),
    closedAt: timestamp.optional(),
    closedBy: actorReference.optional(),
    headUpdatedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Repository', path: 'spec.repository', type: 'ref' },
    { name: 'Number', path: 'spec.number', type: 'integer' },
    { name: 'Title', path: 'spec.title', type: 'string' },
    { name: 'Fork', path: 'spec.sourceRepository', type: 'ref', priority: 1 },
    { name: 'Source', path: 'spec.sourceBranch', type: 'string', priority: 1 },
    { name: 'Target', path: 'spec.targetBranch', type: 'string', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.repository', kind: 'Repository', required: true, owner: true },
    // The change is for the readers of the repository that it would come to; the fork, and what works in it, is not.
    { path: 'spec.sourceRepository', kind: 'Repository', unbound: true },
    { path: 'spec.dispatchRun', kind: 'AgentDispatchRun', unbound: true },
    { path: 'spec.reverts', kind: 'PullRequest' },
    ...externalRefs,
  ],
  actions: [{ name: 'merge', label: 'Merge', procedure: 'pulls.merge' }],
  fieldVerbs: { 'spec.labels': 'label', 'spec.milestone': 'label', 'spec.assignees': 'assign', 'spec.reviewers': 'request-review' },
  immutable: ['spec.repository', 'spec.sourceRepository', 'spec.sourceBranch', 'spec.number', 'spec.reverts'],
  search: ['spec.title', 'spec.body', 'spec.sourceBranch', 'spec.sourceRepository'],
  form: { body: { widget: 'textarea' }, bodySource: { advanced: true }, requesters: { advanced: true }, reverts: { advanced: true }, external: { advanced: true } },
});
