/** What the forge's named procedures answer, beyond git's own facts (git.ts) and stored objects. */
import { z } from 'zod';
import { actorReference } from '../kind/fields';
import { timestamp } from '../kind/objectMeta';
import { mergeMethod } from '../kinds/forge/mergeMethod';
import { reviewVerdict } from '../kinds/forge/review';
import { gitCommit } from './git';

/** One comment of a conversation. */
export const threadComment = z.object({
  /** `review-name/comment-id`. */
  id: z.string(),
  review: z.string(),
  author: actorReference.optional(),
  body: z.string().describe('Markdown.'),
  at: timestamp,
  /** Verdict of the review that the comment came with. */
  state: reviewVerdict,
  suggestion: z.object({
    text: z.string().describe('What the lines shall become; empty removes them.'),
    applicable: z.boolean(),
    reason: z.string().optional().describe('Why it cannot be applied now.'),
    appliedIn: z.string().optional().describe('Commit that it was applied in.'),
  }).optional().describe('The comment\'s first ```suggestion fence.'),
});

/** A conversation on a line, a range or a file of the diff, with its place in the present head. */
export const reviewThread = z.object({
  /** `review-name/comment-id` of the first comment. */
  id: z.string(),
  /** Where the file is now. */
  path: z.string(),
  side: z.enum(['old', 'new']),
  /** The line that was commented; absent for a comment on the file. */
  line: z.number().int().optional(),
  startLine: z.number().int().optional(),
  /** Where that line is in the present head; absent when it is outdated or the comment is on the file. */
  currentLine: z.number().int().optional(),
  currentStartLine: z.number().int().optional().describe('Where the first line of the range is now.'),
  outdated: z.boolean().describe('The line, or the file, is not in the change any more.'),
  resolved: z.boolean(),
  /** Head that it was started on. */
  commitSha: z.string().optional(),
  /** The line as it was. */
  lineText: z.string().optional(),
  comments: z.array(threadComment),
});
export type ReviewThread = z.output<typeof reviewThread>;

export const pullEventType = z.enum([
  'opened', 'released', 'pushed', 'branch_deleted', 'approved', 'changes_requested', 'commented', 'dismissed', 'resolved', 'unresolved', 'retitled', 'retargeted', 'drafted', 'readied', 'closed', 'reopened', 'merged',
  'review_requested', 'review_request_removed', 'suggestions_applied', 'conflicts_resolved', 'branch_updated', 'branch_restored', 'auto_merge_set', 'auto_merge_cancelled', 'reverted', 'issue_closed', 'labeled', 'unlabeled', 'assigned', 'unassigned',
]);
export type PullEventType = z.output<typeof pullEventType>;

/** One thing that happened to a pull request. */
export const timelineEntry = z.object({
  id: z.string(),
  at: timestamp,
  type: pullEventType,
  actor: actorReference.optional(),
  /** `approved`, `changes_requested`, `commented`: the review. */
  review: z.string().optional(),
  body: z.string().optional(),
  commentCount: z.number().int().optional(),
  /** `released`: the run whose work was let out of its workspace. */
  run: z.string().optional(),
  /** `pushed`: the head before and after. */
  before: z.string().optional(),
  after: z.string().optional(),
  /** `pushed`: the commits that came, newest first, at most 50; empty when history was rewritten. */
  commits: z.array(gitCommit).optional(),
  forced: z.boolean().optional(),
  /** `merged`. */
  sha: z.string().optional(),
  method: mergeMethod.optional(),
  /** `retitled`, `retargeted`: what it was and became. */
  from: z.string().optional(),
  to: z.string().optional(),
  thread: z.string().optional(),
  /** `review_requested`, `review_request_removed`: who. */
  reviewers: z.array(z.string()).optional(),
  /** `labeled`, `unlabeled`: which. */
  labels: z.array(z.string()).optional(),
  /** `assigned`, `unassigned`: who. */
  assignees: z.array(z.string()).optional(),
  /** `dismissed`, `auto_merge_cancelled`: why. */
  reason: z.string().optional(),
  /** `merged`: by itself, as the actor had set. */
  auto: z.boolean().optional(),
  /** `reverted`: the pull request that takes it back. */
  pullRequest: z.string().optional(),
  /** `issue_closed`. */
  issue: z.string().optional(),
  /** `suggestions_applied`: comments, each `review-name/comment-id`. */
  comments: z.array(z.string()).optional(),
});
export type TimelineEntry = z.output<typeof timelineEntry>;

export const pullCounts = z.object({ open: z.number().int(), merged: z.number().int(), closed: z.number().int() });
