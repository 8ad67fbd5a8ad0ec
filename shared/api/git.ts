/** Shapes of git facts as every door serves them. */
import { z } from 'zod';

export const gitPerson = z.object({ name: z.string(), email: z.string(), at: z.string().describe('RFC 3339 with the author\'s own offset.') });

export const gitCommit = z.object({
  sha: z.string(),
  parents: z.array(z.string()),
  tree: z.string(),
  subject: z.string().describe('First line of the message.'),
  body: z.string().describe('The rest of the message.'),
  author: gitPerson,
  committer: gitPerson,
});
export type GitCommit = z.output<typeof gitCommit>;

export const commitPage = z.object({ items: z.array(gitCommit), continue: z.string().optional() });

export const gitBranch = z.object({
  name: z.string(),
  sha: z.string(),
  subject: z.string(),
  author: z.string(),
  authorEmail: z.string(),
  committedAt: z.string(),
  isDefault: z.boolean(),
  protected: z.boolean(),
  ahead: z.number().int().optional().describe('Commits that the default branch lacks.'),
  behind: z.number().int().optional().describe('Commits of the default branch that it lacks.'),
});
export type GitBranch = z.output<typeof gitBranch>;

export const gitTag = z.object({ name: z.string(), sha: z.string(), subject: z.string(), taggedAt: z.string(), annotated: z.boolean() });

export const treeEntry = z.object({
  name: z.string(),
  path: z.string(),
  type: z.enum(['tree', 'blob', 'symlink', 'submodule']),
  mode: z.string(),
  sha: z.string(),
  sizeBytes: z.number().int().optional(),
  submoduleUrl: z.string().optional().describe('Where the submodule comes from, as .gitmodules says.'),
});
export type TreeEntry = z.output<typeof treeEntry>;

/** One directory at one commit. */
export const treePage = z.object({
  /** The commit that the ref resolved to. */
  commit: gitCommit,
  ref: z.string(),
  path: z.string(),
  entries: z.array(treeEntry).describe('Directories first, then by name.'),
  continue: z.string().optional(),
  total: z.number().int(),
  readme: z.object({ path: z.string(), text: z.string() }).optional(),
});
export type TreePage = z.output<typeof treePage>;

/** The last commit that touched each entry of a directory; computed apart because it may take longer than the listing. */
export const lastCommits = z.object({
  entries: z.record(z.string(), z.object({ sha: z.string(), subject: z.string(), author: z.string(), at: z.string() })),
  complete: z.boolean().describe('false: the time budget ended first; ask again, the rest is being computed.'),
});

export const blobView = z.object({
  commit: gitCommit,
  ref: z.string(),
  path: z.string(),
  sha: z.string(),
  sizeBytes: z.number().int(),
  mode: z.string(),
  binary: z.boolean(),
  text: z.string().optional().describe('Absent for binary files and when the file is too large to show.'),
  truncated: z.boolean(),
  language: z.string().optional(),
  lfs: z.object({ oid: z.string(), sizeBytes: z.number().int(), stored: z.boolean().describe('Its bytes are here, and raw gives them.') }).optional(),
  linkTarget: z.string().optional().describe('Of a symbolic link: the path in the repository that it leads to; absent when it leads nowhere or outside.'),
});
export type BlobView = z.output<typeof blobView>;

export const diffLine = z.object({
  type: z.enum(['context', 'add', 'delete']),
  text: z.string(),
  oldLine: z.number().int().optional(),
  newLine: z.number().int().optional(),
  noNewline: z.boolean().optional(),
});
export const diffHunk = z.object({
  oldStart: z.number().int(),
  oldLines: z.number().int(),
  newStart: z.number().int(),
  newLines: z.number().int(),
  heading: z.string(),
  lines: z.array(diffLine),
});
export const diffFile = z.object({
  path: z.string(),
  oldPath: z.string().optional(),
  status: z.enum(['added', 'modified', 'deleted', 'renamed', 'copied', 'typechange']),
  similarity: z.number().int().optional(),
  oldMode: z.string().optional(),
  newMode: z.string().optional(),
  oldSha: z.string().optional(),
  newSha: z.string().optional(),
  binary: z.boolean(),
  additions: z.number().int(),
  deletions: z.number().int(),
  hunks: z.array(diffHunk),
  /** Hunks were left out because the file\'s diff is too large; fetch the file alone to see more. */
  truncated: z.boolean(),
});
export type DiffFile = z.output<typeof diffFile>;
export type DiffHunk = z.output<typeof diffHunk>;
export type DiffLine = z.output<typeof diffLine>;

export const diffView = z.object({
  baseSha: z.string(),
  headSha: z.string(),
  mergeBaseSha: z.string().optional(),
  files: z.array(diffFile),
  totalFiles: z.number().int(),
  additions: z.number().int(),
  deletions: z.number().int(),
  uncounted: z.boolean().optional().describe('There are too many files to count the lines of all: additions and deletions are of the files given here.'),
  /** Files after these were left out; page with `after`. */
  truncated: z.boolean(),
});
export type DiffView = z.output<typeof diffView>;

export const searchHit = z.object({ path: z.string(), line: z.number().int(), column: z.number().int().describe('Byte of the line that the match begins at, from 1.'), text: z.string() });
