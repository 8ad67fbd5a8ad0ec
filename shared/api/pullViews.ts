/** What the verbs around a pull request's branch, reviewers and merge answer. */
import { z } from 'zod';
import { timestamp } from '../kind/objectMeta';
import { reviewVerdict } from '../kinds/forge/review';
import { inlineCommentInput } from './forge';

export const conflictKind = z.enum(['content', 'add-add', 'modify-delete', 'rename', 'binary', 'symlink', 'submodule', 'type']);
export type ConflictKind = z.output<typeof conflictKind>;

/** One version of a conflicting file. */
export const conflictSide = z.object({
  path: z.string().describe('Where the file is on this side.'),
  sha: z.string().describe('The blob; of a submodule its commit.'),
  mode: z.string(),
  sizeBytes: z.number().int().optional(),
  text: z.string().optional().describe('Absent for binary files, and for those too large to resolve here.'),
});

/** A file that cannot be merged by itself. */
export const conflictFile = z.object({
  path: z.string(),
  kind: conflictKind,
  message: z.string().describe('What conflicts, in words.'),
  resolvable: z.boolean().describe('Whether it can be resolved here.'),
  reason: z.string().optional().describe('Why not, and what to do instead.'),
  ways: z.array(z.enum(['edit', 'ours', 'theirs', 'delete'])).describe('How it can be resolved here: with a text of one\'s own, by one of the sides, or by removing it.'),
  base: conflictSide.optional(),
  ours: conflictSide.optional().describe('The source branch\'s; absent when it removed the file.'),
  theirs: conflictSide.optional().describe('The target branch\'s; absent when it removed the file.'),
  merged: z.string().optional().describe('What git could merge, with markers around what it could not.'),
});
export type ConflictFile = z.output<typeof conflictFile>;

export const conflictsView = z.object({
  baseSha: z.string().describe('Head of the target branch.'),
  headSha: z.string().describe('Head of the source branch.'),
  resolvable: z.boolean().describe('Every file can be resolved here.'),
  files: z.array(conflictFile).describe('Empty: it merges cleanly.'),
  truncated: z.boolean().describe('There are more than these.'),
});
export type ConflictsView = z.output<typeof conflictsView>;

/** The line of a CODEOWNERS file that cannot be understood, and why. */
export const codeOwnersFault = z.object({ line: z.number().int(), column: z.number().int(), text: z.string(), message: z.string() });

export const codeOwnersView = z.object({
  path: z.string().optional().describe('The file that names the owners, in the target branch; absent when there is none.'),
  commitSha: z.string().optional(),
  faults: z.array(codeOwnersFault),
  owners: z.array(z.object({
    owner: z.string().describe('As the file writes it: @ada, @default/platform, ada@example.com.'),
    reviewer: z.string().optional().describe('Who that is here: a user, or team/NAME; absent when nobody is.'),
    problem: z.string().optional().describe('Why nobody can be asked.'),
    files: z.number().int().describe('Changed files that it owns.'),
    satisfied: z.boolean().describe('It, or a member of it, has approved.'),
  })),
  files: z.array(z.object({ path: z.string(), owners: z.array(z.string()), line: z.number().int().describe('The rule that decided.'), satisfied: z.boolean() })).describe('Changed files that have an owner, at most 1,000.'),
  ownedFiles: z.number().int(),
  required: z.boolean().describe('A rule of the target branch asks for an owner\'s approval.'),
});
export type CodeOwnersView = z.output<typeof codeOwnersView>;

/** Owners of what a pull request would change, before there is one. */
export const ownersPreview = z.object({
  path: z.string().optional().describe('The file that names them; absent when there is none.'),
  owners: z.array(z.object({ owner: z.string().describe('As the file writes it.'), files: z.number().int().describe('Changed files that it owns.') })),
  faults: z.number().int().describe('Lines of the file that cannot be understood.'),
});
export type OwnersPreview = z.output<typeof ownersPreview>;

export const viewedMarks = z.object({ items: z.array(z.object({ path: z.string(), sha: z.string() })).describe('Files that were looked at, each with the blob that was: a mark holds while the file has it.') });

/** One's own review that is not submitted yet; nobody else sees it. */
export const pendingReview = z.object({
  state: reviewVerdict.optional(),
  body: z.string().optional(),
  comments: z.array(inlineCommentInput.extend({
    currentLine: z.number().int().optional().describe('Where it is in the change as it is now.'),
    currentStartLine: z.number().int().optional(),
    outdated: z.boolean().describe('Its lines were changed since, or their file is not in the change any more.'),
  })),
  commitSha: z.string().optional(),
  updatedAt: timestamp,
  version: z.string(),
});
export type PendingReview = z.output<typeof pendingReview>;
export const pendingReviewAnswer = z.object({ review: pendingReview.nullable() });

export const provenanceView = z.object({
  items: z.array(z.object({
    sha: z.string(),
    run: z.string().describe('The run that made the commit.'),
    session: z.string().optional().describe('Its AgentSession.'),
    title: z.string().optional(),
    agentStack: z.string().optional(),
    pullRequest: z.string().optional().describe('The pull request that brought it in.'),
  })).describe('Only what the asker may read; a commit that no run made is absent.'),
});
