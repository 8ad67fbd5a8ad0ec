import { formatSignature } from '../objects/commitObject';
import type { GitRepository } from '../gitRepositories';
import { writeCommit } from './merge';
import { mergeTrees, type TreeMerge } from './mergeability';

/**
 * Merges two trees over a third that they have in common by decree, as `git merge-tree --merge-base` does from 2.40 on: history is made to
 * fit, by two commits that have the third as their one parent. `base` is a commit; `ours` and `theirs` are trees.
 */
export async function mergeOver(repository: GitRepository, merge: { base: string; ours: string; theirs: string; now: Date; signal?: AbortSignal | undefined }): Promise<TreeMerge> {
  const by = formatSignature({ name: 'kradle', email: 'kradle@localhost' }, merge.now);
  const stand = (tree: string, side: string): Promise<string> => writeCommit(repository, { tree, parents: [merge.base], author: by, committer: by, encoding: undefined, message: Buffer.from(`${side}\n`) });
  const [ours, theirs] = [await stand(merge.ours, 'ours'), await stand(merge.theirs, 'theirs')];
  return mergeTrees(repository, { ours, theirs, signal: merge.signal });
}
