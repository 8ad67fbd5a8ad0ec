import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, organizationRef, refTo, timestamp } from '../../kind/fields';
import { external, externalRefs } from '../external/externalEnvelope';
import { bodySource, upgradeBody } from './richText';

/** What a review says of the change; a comment is no verdict. */
export const reviewVerdict = z.enum(['approved', 'changes_requested', 'commented']);

/** A comment on a line (or range) of the diff, or on a whole file. */
export const inlineComment = z.object({
  id: z.string().describe('Unique within the review.'),
  path: z.string().min(1),
  side: z.enum(['old', 'new']).default('new').describe('Which side of the diff the line is counted on.'),
  line: z.number().int().min(1).optional().describe('Absent: the comment is on the file.'),
  startLine: z.number().int().min(1).optional().describe('First line of a range that ends at line.'),
  body: z.string().min(1).max(65_536).describe('Markdown.'),
  commitSha: z.string().optional().describe('Head that the comment was written on.'),
  lineText: z.string().max(2000).optional().describe('The line as it was, so that a stale anchor can be shown.'),
  inReplyTo: z.string().optional().describe('`review-name/comment-id` of the comment that this answers.'),
  resolved: z.boolean().optional(),
  appliedIn: z.string().optional().describe('Commit that its suggestion was applied in. Filled in by the server.'),
});

export const Review = defineKind({
  names: { kind: 'Review', plural: 'reviews', singular: 'review', title: 'Reviews' },
  context: 'forge',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Approval, comment, or change-request record for a pull request',
  upgrade: upgradeBody,
  spec: () => z.object({
    organizationRef,
    pullRequest: refTo('PullRequest'),
    state: reviewVerdict.default('commented').describe('The verdict; a comment is none.'),
    body: z.string().max(262_144).optional().describe('Markdown.'),
    bodySource: bodySource.optional().describe('Where the body was converted from.'),
    author: actorReference.optional().describe('Filled in by the server.'),
    commitSha: z.string().optional().describe('Head that was reviewed.'),
    comments: z.array(inlineComment).max(500).optional().describe('What was said to single lines and files.'),
    external,
  }),
  status: () => z.object({
    phase: z.enum(['Submitted', 'Dismissed']).optional(),
    dismissedReason: z.string().optional(),
    dismissedBy: actorReference.optional().describe('Absent when a push took it back.'),
    dismissedAt: timestamp.optional(),
    submittedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Pull request', path: 'spec.pullRequest', type: 'ref' },
    { name: 'Author', path: 'spec.author.name', type: 'string' },
    { name: 'State', path: 'spec.state', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.pullRequest', kind: 'PullRequest', required: true, owner: true }, ...externalRefs],
  immutable: ['spec.pullRequest'],
  search: ['spec.body', 'spec.author.name'],
  form: { bodySource: { advanced: true }, external: { advanced: true } },
});
