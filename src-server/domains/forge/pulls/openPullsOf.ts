import { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { PullRequestObject } from './pullObjects';

/** The open pull requests that a repository's branches belong to: those into it, and those from it into others of its organization. */
export async function openPullsOf(resources: ResourceClient, { org, repository }: { org: string; repository: string }): Promise<PullRequestObject[]> {
  const { items } = await resources.list(PullRequest, { org, fieldSelector: 'status.phase=Open' });
  return items.filter(({ spec }) => spec.repository === repository || spec.sourceRepository === repository);
}
