import { namedController } from '../../../runtime/namedController';
import type { ForgePart } from '../forgePart';
import { pullRequestController } from './pullRequestController';
import { pullRequestStrategy } from './pullRequestStrategy';
import { createPullRouter } from './pullRouter';
import type { PullRouterDeps } from './pullRouterDeps';
import { reviewController } from './reviews/reviewController';
import { reviewStrategy } from './reviews/reviewStrategy';

/** Pull requests and their reviews. */
export interface Pulls extends ForgePart {
  readonly router: ReturnType<typeof createPullRouter>;
}

export function createPulls(deps: PullRouterDeps): Pulls {
  const { ctx, facts } = deps;
  const strategyDeps = { git: ctx.git, repositoriesRoot: ctx.repositoriesRoot, facts };
  return {
    router: createPullRouter(deps),
    controllers: [namedController(ctx, (own) => pullRequestController(own, deps)), namedController(ctx, reviewController)],
    strategies: [pullRequestStrategy(strategyDeps), reviewStrategy(strategyDeps)],
  };
}
