import { Repository } from '#shared/kinds/forge/repository';
import { requireAlso } from '../../../../resources/requireAlso';
import type { StrategyContext } from '../../../../resources/strategy';
import type { PullRequestObject } from '../pullObjects';

/**
 * Throws unless whoever asks may open a fork's branch to those who may push to the repository: that takes the right to push to the fork. Asks nothing
 * where it is open already.
 */
export async function requireOpensFork(ctx: Pick<StrategyContext, 'actor' | 'resources'>, { spec }: PullRequestObject): Promise<void> {
  const { organizationRef: org, sourceRepository, maintainerCanModify } = spec;
  if (sourceRepository !== undefined && maintainerCanModify === false) await requireAlso(ctx, 'push', { kind: Repository, org, name: sourceRepository });
}
