/** Inputs of the verbs around a pull request's branch, reviewers and merge; those of the others are in forge.ts. */
import { z } from 'zod';
import { commitId } from '../kind/fields';
import { objectName } from '../kind/objectMeta';
import { mergeMethod } from '../kinds/forge/mergeMethod';
import { reviewVerdict } from '../kinds/forge/review';
import { inlineCommentInput, pullRequestParam, repositoryParam } from './forge';

/** What the asker saw on the source branch: the verb is refused (409, HEAD_MOVED) when it has something else. */
const expectedHeadSha = commitId.optional().describe('Refuse (409) when the source branch moved past this commit.');
const path = z.string().min(1).max(4096);

/** Who is asked for a review: a user by name, `team/NAME` or `agent/NAME`. */
export const reviewerName = z.string().max(260).regex(/^(?:(?:team|agent)\/)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'must be the name of a user, or team/NAME, or agent/NAME');

export const updateBranchInput = pullRequestParam.extend({
  method: z.enum(['merge', 'rebase']).default('merge').describe('merge: the target is merged into the source branch. rebase: its commits are replayed on the target.'),
  expectedHeadSha,
});

export const resolveConflictsInput = pullRequestParam.extend({
  expectedHeadSha: commitId.describe('Head of the source branch that was resolved; refused (409) when it moved.'),
  expectedBaseSha: commitId.describe('Head of the target branch that was resolved; refused (409) when it moved.'),
  files: z.array(z.object({
    path,
    content: z.string().max(4 * 1024 * 1024).optional().describe('The whole text of the file as it shall be.'),
    take: z.enum(['ours', 'theirs']).optional().describe('One side as it is: ours is the source branch, theirs the target.'),
    deleted: z.literal(true).optional().describe('The file goes.'),
  })).min(1).max(200).describe('Every file that conflicts, each with one of content, take and deleted.'),
  message: z.string().max(65_536).optional().describe('Message of the merge commit.'),
});

export const revertInput = pullRequestParam.extend({
  title: z.string().min(1).max(500).optional(),
  body: z.string().max(262_144).optional(),
  branch: z.string().min(1).max(255).optional().describe('Name of the new branch; default: revert-NUMBER-SOURCE.'),
  draft: z.boolean().default(false),
});

export const applySuggestionsInput = pullRequestParam.extend({
  comments: z.array(z.string().max(400)).min(1).max(100).describe('Comments with a suggestion, each `review-name/comment-id`; all of them become one commit.'),
  title: z.string().max(500).optional().describe('First line of the commit.'),
  message: z.string().max(65_536).optional(),
  expectedHeadSha,
});

export const dismissReviewInput = pullRequestParam.extend({ review: objectName, reason: z.string().trim().min(1).max(2000) });

export const requestReviewInput = pullRequestParam.extend({ reviewers: z.array(reviewerName).min(1).max(100).describe('Users, team/NAME, agent/NAME. Who reviewed already is asked again.') });
export const removeReviewRequestInput = pullRequestParam.extend({ reviewer: reviewerName });

export const setViewedInput = pullRequestParam.extend({
  path,
  /** Blob on the new side of the diff, or on the old side of a deleted file. */
  sha: commitId.optional().describe('The blob that was looked at: the mark holds while the file has it. Default: the blob that it has now.'),
  viewed: z.boolean().default(true).describe('false takes the mark back.'),
});

export const savePendingReviewInput = pullRequestParam.extend({
  state: reviewVerdict.optional().describe('The verdict that is leant to so far.'),
  body: z.string().max(262_144).optional(),
  comments: z.array(inlineCommentInput).max(200).default([]),
  /** Head that the comments were written on. */
  commitSha: commitId.optional(),
  version: z.string().max(64).optional().describe('The version that was read: refused (409) when another window has saved since.'),
});

export const setAutoMergeInput = pullRequestParam.extend({
  method: mergeMethod.default('merge'),
  title: z.string().max(500).optional(),
  message: z.string().max(65_536).optional(),
  deleteBranch: z.boolean().optional(),
  expectedHeadSha,
});

export const provenanceInput = repositoryParam.extend({ sha: z.array(commitId).min(1).max(500).describe('Commits that are asked about.') });

export const previewOwnersInput = repositoryParam.extend({
  base: z.string().min(1).max(255).describe('Branch that it would merge into.'),
  head: z.string().min(1).max(255).describe('Branch with the change.'),
  headRepository: objectName.optional().describe('The fork that has the branch; default: the repository itself.'),
});
