/** What the forge's named procedures answer, beyond git's own facts (git.ts) and stored objects. */
import { z } from 'zod';
import { actorReference } from '../kind/fields';
import { timestamp } from '../kind/objectMeta';
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
  state: z.enum(['approved', 'changes_requested', 'commented']),
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
  outdated: z.boolean().describe('The line, or the file, is not in the change any more.'),
  resolved: z.boolean(),
  /** The line as it was. */
  lineText: z.string().optional(),
  comments: z.array(threadComment),
});
export type ReviewThread = z.output<typeof reviewThread>;

export const pullEventType = z.enum([
  'opened', 'released', 'pushed', 'branch_deleted', 'approved', 'changes_requested', 'commented', 'dismissed', 'resolved', 'unresolved', 'retitled', 'retargeted', 'drafted', 'readied', 'closed', 'reopened', 'merged',
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
  method: z.enum(['merge', 'squash', 'rebase']).optional(),
  /** `retitled`, `retargeted`: what it was and became. */
  from: z.string().optional(),
  to: z.string().optional(),
  thread: z.string().optional(),
});
export type TimelineEntry = z.output<typeof timelineEntry>;

export const pullCounts = z.object({ open: z.number().int(), merged: z.number().int(), closed: z.number().int() });
