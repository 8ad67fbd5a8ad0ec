import { headLabel } from '#shared/api/headLabel';
import { StatusError } from '#shared/api/status';
import type { PullWorld } from './pullWorld';
import type { PullRequestObject } from './pullObjects';

/** Throws Conflict for a pull request that is merged or closed, or whose source is elsewhere than was seen. */
export function requireOpen({ pullRequest, source }: PullWorld, expectedHeadSha: string | undefined): void {
  const { name } = pullRequest.metadata;
  if (pullRequest.status?.phase === 'Merged') {
    const by = pullRequest.status.merge?.mergedBy.name;
    throw new StatusError('Conflict', `${name} is merged already${by === undefined ? '' : `, by ${by}`}`, { code: 'PULL_REQUEST_MERGED' });
  }
  if (pullRequest.status?.phase === 'Closed') throw new StatusError('Conflict', `${name} is closed; reopen it first`, { code: 'PULL_REQUEST_CLOSED' });
  requireHead(pullRequest, source, expectedHeadSha);
}

/** Throws Conflict (HEAD_MOVED) when the source branch has something else than was seen. */
function requireHead({ spec }: PullRequestObject, source: string | undefined, expectedHeadSha: string | undefined): void {
  if (expectedHeadSha === undefined || source === expectedHeadSha) return;
  throw new StatusError('Conflict', `${headLabel(spec)} has changed since you looked: it is at ${source?.slice(0, 10) ?? 'no commit'} now. Look at the change again`, { code: 'HEAD_MOVED' });
}
