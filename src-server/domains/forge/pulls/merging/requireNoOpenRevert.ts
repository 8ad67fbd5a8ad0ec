import { StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { ForgeContext } from '../../forgeContext';
import type { PullRequestObject } from '../pullObjects';

/** Throws AlreadyExists, naming it, when a pull request that takes this one back is open. */
export async function requireNoOpenRevert(ctx: ForgeContext, pullRequest: PullRequestObject): Promise<void> {
  const { items } = await ctx.resources.list(PullRequest, { org: pullRequest.spec.organizationRef, fieldSelector: `spec.reverts=${pullRequest.metadata.name}` });
  const open = items.find(({ spec, status, metadata }) => spec.state === 'open' && status?.phase !== 'Merged' && metadata.deletionTimestamp === undefined);
  if (open === undefined) return;
  throw new StatusError('AlreadyExists', `There is already an open pull request that reverts ${pullRequest.metadata.name}: ${open.metadata.name}`, {
    code: 'PULL_REQUEST_EXISTS', resource: `PullRequest/${open.metadata.namespace}/${open.metadata.name}`,
  });
}
