import { changeId } from '../../git/history/changeId';
import { mergeBase } from '../../git/history/commits';
import type { GitRepository } from '../../git/gitRepositories';
import { LruCache } from '../../git/lruCache';
import type { ReviewObject } from '../pullObjects';

/** By repository and the three commits. */
const answers = new LruCache<boolean>(50_000);

/**
 * Does a pull request change the same at two heads? It does after a rebase and after the target was merged in, where nothing else came with
 * it. Each head is compared with where it left the target. When it cannot be told, it does not.
 */
export async function isSameChange(git: GitRepository, target: string, heads: { before: string; after: string }): Promise<boolean> {
  const { before, after } = heads;
  if (before === after) return true;
  const key = [git.path, target, before, after].join('\0');
  const known = answers.get(key);
  if (known !== undefined) return known;
  const same = await compare(git, target, heads);
  answers.set(key, same);
  return same;
}

async function compare(git: GitRepository, target: string, { before, after }: { before: string; after: string }): Promise<boolean> {
  if ((await git.objects.info(before)) === undefined) return false;
  const [beforeBase, afterBase] = await Promise.all([mergeBase(git, target, before), mergeBase(git, target, after)]);
  if (beforeBase === undefined || afterBase === undefined) return false;
  const [left, right] = await Promise.all([changeId(git, beforeBase, before), changeId(git, afterBase, after)]);
  return left !== undefined && left === right;
}

/** Names of the reviews that were given on another change than the present one. */
export async function findOutdatedReviews(git: GitRepository, reviews: readonly ReviewObject[], present: { target: string | undefined; head: string | undefined }): Promise<Set<string>> {
  const { target, head } = present;
  const outdated = new Set<string>();
  for (const { metadata, spec, status } of reviews) {
    if (status?.phase === 'Dismissed' || spec.commitSha === head) continue;
    const same = spec.commitSha !== undefined && head !== undefined && target !== undefined && (await isSameChange(git, target, { before: spec.commitSha, after: head }));
    if (!same) outdated.add(metadata.name);
  }
  return outdated;
}
