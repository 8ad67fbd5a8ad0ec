import type { z } from 'zod';
import type { pullRequestDiffInput } from '#shared/api/forge';
import type { DiffView } from '#shared/api/git';
import { StatusError } from '#shared/api/status';
import { readDiffPage } from '../diffPage';
import type { OpenPull } from './openPull';

type DiffInput = Pick<z.output<typeof pullRequestDiffInput>, 'path' | 'after' | 'whitespace' | 'from'>;

/** One page of the changes of a pull request. */
export async function readPullDiff({ pullRequest, git, ends }: OpenPull, opts: DiffInput & { signal: AbortSignal }): Promise<DiffView> {
  if (git === undefined || ends === undefined) {
    throw new StatusError('Conflict', `The change of ${pullRequest.metadata.name} cannot be read now: its repository or branch is not there`, { code: 'REPOSITORY_NOT_READY' });
  }
  const { base, head } = ends;
  return readDiffPage(git, {
    base,
    head,
    ...(pullRequest.status?.baseSha === undefined ? {} : { baseSha: pullRequest.status.baseSha }),
    ...(base === undefined ? {} : { mergeBaseSha: base }),
    path: opts.path,
    after: opts.after,
    signal: opts.signal,
  });
}
