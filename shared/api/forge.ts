/** Inputs of the forge's named procedures. */
import { z } from 'zod';
import { commitId } from '../kind/fields';
import { objectName } from '../kind/objectMeta';
import { mergeMethod } from '../kinds/forge/mergeMethod';
import { mirrorSpec } from '../kinds/forge/repositoryOrigin';
import { reviewVerdict } from '../kinds/forge/review';
import { expectedVersion, orgParam } from './paging';

export const repositoryParam = orgParam.extend({ repository: objectName });
export const deleteRepositoryInput = repositoryParam.extend({ resourceVersion: expectedVersion });

export const createRepositoryInput = orgParam.extend({
  name: objectName.max(100),
  visibility: z.enum(['public', 'internal', 'private']).default('private'),
  description: z.string().max(2000).optional(),
  defaultBranch: z.string().max(255).optional(),
  /** A folder on the server\'s machine or a git address; the repository is filled from it. */
  importFrom: z.string().max(4096).optional(),
  importCredential: objectName.optional().describe('Secret that the source is shown: username and password, a token, or privateKey.'),
  importLfs: z.boolean().default(true).describe('Large files (Git LFS) are fetched, too, where the source has them.'),
  template: z.boolean().default(false).describe('New repositories may be made from it.'),
  mirror: z.object(mirrorSpec.shape).optional().describe('Keep it the same as a repository elsewhere.'),
  /** Makes a first commit with a README, so that there is something to clone. */
  initialize: z.boolean().default(false),
});

export const createPullRequestInput = orgParam.extend({
  repository: objectName,
  title: z.string().min(1).max(500),
  body: z.string().max(262_144).optional(),
  sourceRepository: objectName.optional().describe('The fork that has the source branch; default: the repository itself.'),
  sourceBranch: z.string().min(1).max(255),
  /** Default: the repository\'s default branch. */
  targetBranch: z.string().min(1).max(255).optional(),
  draft: z.boolean().default(false),
  maintainerCanModify: z.boolean().optional().describe('Of one from a fork: whoever may push to the repository may change the source branch by what is done to the pull request. Default: true.'),
});
export const pullRequestParam = orgParam.extend({ pr: objectName.describe('Name of the PullRequest object: REPOSITORY-NUMBER.') });

export const inlineCommentInput = z.object({
  path: z.string().min(1).max(4096),
  side: z.enum(['old', 'new']).default('new'),
  line: z.number().int().min(1).optional(),
  startLine: z.number().int().min(1).optional(),
  body: z.string().min(1).max(65_536),
  /** `review-name/comment-id` of the comment that this answers. */
  inReplyTo: z.string().max(400).optional(),
  commitSha: commitId.optional().describe('Commit that the lines are counted on: the head, which it is by default, or a commit of the change whose lines the head still has.'),
});
export const addReviewInput = pullRequestParam.extend({
  state: reviewVerdict.default('commented'),
  body: z.string().max(262_144).optional(),
  comments: z.array(inlineCommentInput).max(200).default([]),
  /** Head that was looked at; a review of an older head is marked stale. */
  commitSha: z.string().max(64).optional(),
  pending: z.boolean().default(false).describe('Submit one\'s pending review: its comments come before these, its body stands where none is given, and it is gone then.'),
});
export const resolveThreadInput = pullRequestParam.extend({ thread: z.string().max(400).describe('`review-name/comment-id` of the thread\'s first comment.'), resolved: z.boolean() });
export const mergeInput = pullRequestParam.extend({
  method: mergeMethod.default('merge'),
  title: z.string().max(500).optional(),
  message: z.string().max(65_536).optional(),
  /** Refuse (409) when the source branch moved past this commit. */
  expectedHeadSha: z.string().max(64).optional(),
  deleteBranch: z.boolean().optional(),
});
export const updatePullRequestInput = pullRequestParam.extend({
  title: z.string().min(1).max(500).optional(),
  body: z.string().max(262_144).optional(),
  state: z.enum(['open', 'closed']).optional(),
  draft: z.boolean().optional(),
  targetBranch: z.string().min(1).max(255).optional(),
  labels: z.array(z.string().min(1).max(100)).max(100).optional().describe('All of its labels from now on.'),
  assignees: z.array(z.string().min(1).max(260)).max(100).optional().describe('All who take care of it from now on: users by name, agent/NAME.'),
  maintainerCanModify: z.boolean().optional().describe('Of one from a fork: whoever may push to the repository may change the source branch.'),
});
/** Seeds, 003, route 20: how a check ended, in our words or as the status of a pipeline. */
export const completeCheckInput = pullRequestParam.extend({
  name: z.string().min(1).max(200).describe('Name of the check, as branch protection asks for it.'),
  state: z.enum(['Pending', 'Succeeded', 'Failed']),
  sha: z.string().max(64).optional().describe('Commit that was checked; default: the head. Refused (409) when the head is another.'),
  url: z.url({ protocol: /^https?$/ }).max(2048).optional().describe('Where its log is.'),
});
export const pullRequestDiffInput = pullRequestParam.extend({
  path: z.string().max(4096).optional(),
  after: z.string().max(4096).optional(),
  whitespace: z.enum(['show', 'ignore-change', 'ignore-all']).default('show').describe('ignore-change: what differs only in the amount of white space is left out; ignore-all: in any white space.'),
  from: z.string().regex(/^[0-9a-f]{40}$/, 'must be a full commit id').optional().describe('Only what changed since this commit, a head that the pull request had.'),
});
