import type { z } from 'zod';
import type { pullRequestDiffInput } from '#shared/api/forge';
import type { DiffView } from '#shared/api/git';
import { StatusError } from '#shared/api/status';
import { readDiffPage } from '../views/diffPage';
import { isAncestor } from '../git/history/commits';
import type { GitRepository } from '../git/gitRepositories';
import { mergeTrees } from '../git/writing/mergeability';
import type { OpenPull } from './openPull';

type DiffInput = Pick<z.output<typeof pullRequestDiffInput>, 'path' | 'after' | 'whitespace' | 'from'>;

/** One page of the changes of a pull request, or of what changed in it since a commit. Throws NotFound where there is no such commit. */
export async function readPullDiff({ pullRequest, git, ends }: OpenPull, opts: DiffInput & { signal: AbortSignal }): Promise<DiffView> {
  if (git === undefined || ends === undefined) {
    throw new StatusError('Conflict', `The change of ${pullRequest.metadata.name} cannot be read now: its repository or branch is not there`, { code: 'REPOSITORY_NOT_READY' });
  }
  const { base, head } = ends;
  const { path, after, whitespace, from, signal } = opts;
  const page = { head, path, after, whitespace, signal };
  if (from !== undefined) return readDiffPage(git, { ...page, base: await whatItWouldBe(git, { from, base, signal }), baseSha: from });
  return readDiffPage(git, {
    ...page,
    base,
    ...(pullRequest.status?.baseSha === undefined ? {} : { baseSha: pullRequest.status.baseSha }),
    ...(base === undefined ? {} : { mergeBaseSha: base }),
  });
}

/**
 * What an older head would be on what the branch is based on now, so that what the target brought in between is not shown as changed. Where the
 * two conflict it is the older head as it was.
 */
async function whatItWouldBe(git: GitRepository, { from, base, signal }: { from: string; base: string | undefined; signal: AbortSignal }): Promise<string> {
  if ((await git.objects.info(from))?.type !== 'commit') throw new StatusError('NotFound', `There is no commit ${from} in this repository`, { code: 'REVISION_NOT_FOUND' });
  if (base === undefined || (await isAncestor(git, base, from))) return from;
  const merged = await mergeTrees(git, { ours: from, theirs: base, signal });
  return merged.clean ? merged.tree : from;
}
