import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, objectName, organizationRef, refTo, timestamp } from '../../kind/fields';
import { external, externalRefs } from '../external/externalEnvelope';
import { bodySource, upgradeBody } from './richText';

/** Said about an issue. */
export const issueComment = z.object({
  id: z.string().min(1).max(100).describe('Unique within the issue.'),
  author: actorReference.optional(),
  body: z.string().min(1).max(65_536).describe('Markdown.'),
  createdAt: timestamp.optional(),
  editedAt: timestamp.optional(),
});

export const Issue = defineKind({
  names: { kind: 'Issue', plural: 'issues', singular: 'issue', title: 'Issues' },
  context: 'forge',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Work item of a project, with labels, comments and its counterpart at an external backend, about any number of repositories',
  upgrade: upgradeBody,
  spec: () => z.object({
    organizationRef,
    title: z.string().min(1).max(500).describe('The work in one line.'),
    body: z.string().max(262_144).optional().describe('Markdown.'),
    bodySource: bodySource.optional().describe('Where the body was converted from.'),
    project: refTo('KradleProject').optional().describe('The project whose board it is on.'),
    repositories: z.array(objectName).max(100).optional().describe('Repositories that it is about; none is fine.'),
    number: z.number().int().min(1).optional().describe('Number within its first repository, which pull requests share; assigned after creation, and then it stays.'),
    state: z.enum(['open', 'closed']).default('open').describe('Whether there is still something to do.'),
    stateReason: z.enum(['completed', 'not-planned', 'duplicate', 'reopened']).optional().describe('Why it is in this state.'),
    column: z.string().min(1).max(63).optional().describe('Column of the project\'s board; absent puts it into the first.'),
    rank: z.string().max(100).optional().describe('Place within the column: cards are in the order of these texts.'),
    priority: z.enum(['urgent', 'high', 'medium', 'low']).optional().describe('How soon it should be done.'),
    labels: z.array(z.string().min(1).max(100)).max(100).optional().describe('Words that it is sorted by.'),
    assignees: z.array(z.string().min(1).max(253)).max(100).optional().describe('Users and agents that work on it.'),
    author: actorReference.optional().describe('Who opened it; filled in by the server.'),
    milestone: z.string().max(200).optional().describe('Milestone, sprint or cycle that it is planned for.'),
    dueAt: timestamp.optional().describe('When it should be done.'),
    parent: refTo('Issue').optional().describe('The larger issue that it is a part of.'),
    blockedBy: z.array(objectName).max(100).optional().describe('Issues that have to be done first.'),
    pullRequest: refTo('PullRequest').optional().describe('The pull request that this is, where a provider counts pull requests as issues.'),
    comments: z.array(issueComment).max(1000).optional().describe('What was said about it, oldest first.'),
    external,
  }),
  status: () => z.object({
    phase: z.enum(['Open', 'InProgress', 'InReview', 'Closed']).optional(),
    commentCount: z.number().int().optional(),
    createdAt: timestamp.optional().describe('When it was opened, where that was before it came here.'),
    updatedAt: timestamp.optional(),
    closedAt: timestamp.optional(),
    closedBy: actorReference.optional(),
    closedByPullRequest: z.string().optional().describe('The pull request whose merge closed it.'),
    pullRequests: z.array(z.object({
      name: z.string(),
      closes: z.boolean().describe('Merging it closes the issue.'),
    })).max(100).optional().describe('Pull requests that speak of it.'),
  }),
  columns: [
    { name: 'Title', path: 'spec.title', type: 'string' },
    { name: 'Project', path: 'spec.project', type: 'ref' },
    { name: 'Repositories', path: 'spec.repositories', type: 'string', priority: 1 },
    { name: 'State', path: 'spec.state', type: 'string' },
    { name: 'Column', path: 'spec.column', type: 'string' },
    { name: 'Priority', path: 'spec.priority', type: 'string', priority: 1 },
    { name: 'Assignees', path: 'spec.assignees', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.project', kind: 'KradleProject' },
    { path: 'spec.repositories[]', kind: 'Repository' },
    { path: 'spec.parent', kind: 'Issue' },
    { path: 'spec.blockedBy[]', kind: 'Issue' },
    { path: 'spec.pullRequest', kind: 'PullRequest' },
    ...externalRefs,
  ],
  search: ['spec.title', 'spec.body', 'spec.labels', 'spec.milestone'],
  form: {
    body: { widget: 'textarea' },
    bodySource: { advanced: true },
    number: { advanced: true },
    rank: { advanced: true },
    stateReason: { advanced: true },
    author: { advanced: true },
    pullRequest: { advanced: true },
    comments: { advanced: true },
    external: { advanced: true },
  },
});
