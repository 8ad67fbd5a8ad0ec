/** Inputs and outputs of reading code, and of changing it without a clone. */
import { z } from 'zod';
import { objectName } from '../kind/objectMeta';
import { diffView, gitCommit } from './git';
import { repositoryParam } from './forge';

/** A branch, tag or commit. Absent: the default branch. */
const ref = z.string().max(255).optional();
const path = z.string().max(4096).default('');

export const whitespace = z.enum(['show', 'ignore-change', 'ignore-all']).default('show').describe('Which changes of white space are shown.');

export const treeInput = repositoryParam.extend({ ref, path, limit: z.coerce.number().int().min(1).max(5000).default(1000), continue: z.string().max(4096).optional() });
export const lastCommitsInput = repositoryParam.extend({ ref, path });
export const blobInput = repositoryParam.extend({ ref, path: z.string().min(1).max(4096) });
export const blameInput = blobInput.extend({ ignoreRevisions: z.boolean().default(true).describe('Look through the commits that .git-blame-ignore-revs lists.') });
export const commitsInput = repositoryParam.extend({
  ref,
  path,
  author: z.string().max(200).optional().describe('Part of the author\'s name or address.'),
  q: z.string().max(200).optional().describe('Part of the message.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  continue: z.string().max(4096).optional(),
});
export const commitInput = repositoryParam.extend({
  sha: z.string().min(4).max(255),
  path: z.string().max(4096).optional().describe('Only this file, whole.'),
  after: z.string().max(4096).optional().describe('Files after this path, from the page before.'),
  whitespace,
});
export const commitRefsInput = repositoryParam.extend({ sha: z.string().min(4).max(255), ref: ref.describe('Whose history the next commit is looked for in; absent: the default branch.') });
export const compareInput = repositoryParam.extend({
  base: z.string().max(255),
  head: z.string().max(255),
  headRepository: objectName.optional().describe('The fork that has the head; default: the repository itself.'),
  direct: z.boolean().default(false).describe('What differs between the two (base..head), and not what head brought since they parted (base...head).'),
  path: z.string().max(4096).optional(),
  after: z.string().max(4096).optional(),
  whitespace,
});
export const searchInput = repositoryParam.extend({
  ref,
  q: z.string().min(2).max(500),
  regex: z.boolean().default(false).describe('q is a POSIX extended regular expression.'),
  caseSensitive: z.boolean().default(false),
  path: z.string().max(4096).optional().describe('Only in this folder or file.'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const filesInput = repositoryParam.extend({ ref });
export const refsInput = repositoryParam.extend({
  q: z.string().max(255).optional().describe('Part of the name.'),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  continue: z.string().max(40).optional(),
});
export const branchesInput = refsInput.extend({
  show: z.enum(['all', 'active', 'stale', 'mine']).default('all').describe('active: a commit in the last three months; stale: none; mine: the last commit is yours.'),
  sort: z.enum(['updated', 'name']).default('updated'),
});
export const createBranchInput = repositoryParam.extend({ name: z.string().min(1).max(255), from: z.string().min(1).max(255) });
export const deleteBranchInput = repositoryParam.extend({ name: z.string().min(1).max(255), expectedSha: z.string().max(64).optional().describe('Refuse (409) when the branch is elsewhere by now.') });
export const restoreBranchInput = repositoryParam.extend({ name: z.string().min(1).max(255) });
export const createTagInput = repositoryParam.extend({ name: z.string().min(1).max(244), from: z.string().min(1).max(255), message: z.string().max(65_536).optional().describe('Present: an annotated tag that says this.') });
export const deleteTagInput = repositoryParam.extend({ name: z.string().min(1).max(244) });

const blameRange = z.object({
  sha: z.string(),
  line: z.number().int().describe('First line of the run, from 1.'),
  lineCount: z.number().int(),
  path: z.string().describe('The file\'s path in that commit.'),
  originalLine: z.number().int().describe('Where the run began in that commit.'),
  previous: z.object({ sha: z.string(), path: z.string() }).optional().describe('The file before that commit; absent where it began.'),
});
export const blameView = z.object({
  commit: gitCommit,
  ranges: z.array(blameRange),
  commits: z.record(z.string(), z.object({ author: z.string(), email: z.string(), at: z.string(), subject: z.string() })).describe('By commit id.'),
  complete: z.boolean().describe('false: the time budget ended first; ask again, the rest is being found out.'),
  ignoresRevisions: z.boolean().describe('Commits of .git-blame-ignore-revs were looked through.'),
});
export type BlameView = z.output<typeof blameView>;

/** Where a commit stands among others. */
export const commitRefs = z.object({
  branches: z.array(z.string()).describe('Branches that contain it, at most 50.'),
  tags: z.array(z.string()).describe('Tags that contain it, at most 50.'),
  next: z.string().optional().describe('The commit that came after it in the history of the ref.'),
  complete: z.boolean().describe('false: looking took too long.'),
});
export const commitDiff = z.object({ commit: gitCommit, diff: diffView });

export const deletedBranch = z.object({ name: z.string(), sha: z.string(), subject: z.string(), deletedBy: z.string(), deletedAt: z.string() });
export const contributor = z.object({ name: z.string(), email: z.string(), commits: z.number().int() });
export const contributorsView = z.object({ total: z.number().int(), items: z.array(contributor).describe('Most commits first, at most 100.') });

/** One file of a commit that is made here. */
const fileChange = z.union([
  z.object({ path: z.string().min(1).max(4096), content: z.string().max(16 * 1024 * 1024), encoding: z.enum(['utf8', 'base64']).default('utf8'), executable: z.boolean().optional(), from: z.string().max(4096).optional().describe('The path that it is moved from.') }),
  z.object({ path: z.string().min(1).max(4096), deleted: z.literal(true) }),
]);
export type FileChange = z.output<typeof fileChange>;
export const commitFilesInput = repositoryParam.extend({
  branch: z.string().min(1).max(255).describe('Branch that the change is made on.'),
  newBranch: z.string().min(1).max(255).optional().describe('Commit to a new branch that begins there.'),
  expectedHeadSha: z.string().max(64).optional().describe('Refuse (409) when one of the files changed since this commit of the branch.'),
  message: z.string().min(1).max(65_536),
  changes: z.array(fileChange).min(1).max(100),
});
export const commitFilesResult = z.object({ branch: z.string(), sha: z.string() });
