import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import type { ForgeContext } from '../../forgeContext';
import type { PullRequestObject } from '../pullObjects';
import { closeLinkedIssues } from '../links/issueLinks';

/**
 * Does what follows from a merge, once: closes the issues that it closes. A server that was killed in between does the rest when it starts
 * again.
 */
export async function settleMerged(ctx: ForgeContext, pullRequest: PullRequestObject): Promise<PullRequestObject> {
  const { status, spec, metadata } = pullRequest;
  if (status?.merge === undefined || status.settled === true) return pullRequest;
  const { organizationRef: org } = spec;
  const repository = await ctx.resources.find(Repository, { org, name: spec.repository });
  if (spec.targetBranch === repository?.spec.defaultBranch) await closeLinkedIssues(ctx, pullRequest, status.merge.mergedBy);
  return ctx.resources.mutateStatus(PullRequest, { org, name: metadata.name }, (draft) => {
    draft.settled = true;
  });
}
