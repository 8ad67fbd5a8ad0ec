import { formatSignature } from '../git/objects/commitObject';
import { editTree } from '../git/writing/editTree';
import type { GitRepository } from '../git/gitRepositories';
import { EMPTY_TREE } from '../git/objects/objectId';
import { branchRef } from '../git/refs/refName';
import { updateRef } from '../git/refs/refs';
import { newCommit, newObject, writeObjects } from '../git/writing/writeObjects';
import type { CommitIdentity } from './commitIdentity';

const FILE_MODE = '100644';

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

/** Makes a branch with one commit that holds these files, without a worktree. Throws Conflict (REF_CHANGED) when the branch is there. */
export async function makeFirstCommit(git: GitRepository, options: FirstCommitOptions): Promise<void> {
  const blobs = options.files.map(({ path, content }) => ({ path, blob: newObject('blob', Buffer.from(content)) }));
  const { tree, objects } = await editTree(git, EMPTY_TREE, new Map(blobs.map(({ path, blob }) => [path, { mode: FILE_MODE, sha: blob.oid }])));
  const signature = formatSignature(options.by, options.at);
  const commit = newCommit(git, { tree, parents: [], author: signature, committer: signature, encoding: undefined, message: Buffer.from(`${options.message.trim()}\n`) });
  await writeObjects(git, [...blobs.map(({ blob }) => blob), ...objects, commit]);
  await updateRef(git, { ref: branchRef(options.branch), newOid: commit.oid, expectedOid: undefined, reason: 'first commit' });
}
