import type { CommitIdentity } from './commitIdentity';
import { formatSignature } from '../git/commitObject';
import type { GitRepository } from '../git/gitRepositories';
import { writeCommit } from '../git/merge';
import { branchRef } from '../git/refName';
import { updateRef } from '../git/refs';
import { pathParts } from '../git/tree';

export interface NewFile {
  readonly path: string;
  readonly content: string | Buffer;
}

export interface FirstCommitOptions {
  /** Must not exist yet. */
  readonly branch: string;
  readonly files: readonly NewFile[];
  readonly message: string;
  readonly by: CommitIdentity;
  readonly at: Date;
}

interface Folder {
  readonly files: Map<string, string>;
  readonly folders: Map<string, Folder>;
}

/** Makes a branch with one commit that holds these files, without a worktree. Throws Conflict (REF_CHANGED) when the branch is there. */
export async function makeFirstCommit(git: GitRepository, options: FirstCommitOptions): Promise<void> {
  const root: Folder = { files: new Map(), folders: new Map() };
  for (const { path, content } of options.files) place(root, pathParts(path), await write(git, ['hash-object', '-w', '--stdin'], content));
  const signature = formatSignature(options.by, options.at);
  const sha = await writeCommit(git, {
    tree: await writeFolder(git, root),
    parents: [],
    author: signature,
    committer: signature,
    encoding: undefined,
    message: Buffer.from(`${options.message.trim()}\n`),
  });
  await updateRef(git, { ref: branchRef(options.branch), newOid: sha, expectedOid: undefined, reason: 'first commit' });
}

function place(folder: Folder, parts: readonly string[], blob: string): void {
  const [name = '', ...rest] = parts;
  if (rest.length === 0) {
    folder.files.set(name, blob);
    return;
  }
  const inside = folder.folders.get(name) ?? { files: new Map(), folders: new Map() };
  folder.folders.set(name, inside);
  place(inside, rest, blob);
}

async function writeFolder(git: GitRepository, folder: Folder): Promise<string> {
  const entries = [...folder.files].map(([name, blob]) => `100644 blob ${blob}\t${name}\0`);
  for (const [name, inside] of folder.folders) entries.push(`040000 tree ${await writeFolder(git, inside)}\t${name}\0`);
  return write(git, ['mktree', '-z'], entries.join(''));
}

async function write(git: GitRepository, args: readonly string[], input: string | Buffer): Promise<string> {
  return (await git.git.run(args, { gitDir: git.path, input })).stdout.toString().trim();
}
