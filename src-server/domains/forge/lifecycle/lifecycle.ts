import type { ForgePart } from '../forgePart';
import type { Mirrors } from '../mirrors/mirrors';
import type { RepositoryImports } from '../repositories/repositoryImports';
import { lifecycleControllers } from './lifecycleControllers';
import { createLifecycleRouter } from './lifecycleRouter';
import { createRepositoryVerbs, type RepositoryVerbsDeps } from './repositoryVerbs';

/** What happens to repositories as a whole: forks, moves, deletion and what comes back. */
export interface Lifecycle extends ForgePart {
  readonly router: ReturnType<typeof createLifecycleRouter>;
}

export interface LifecycleDeps extends RepositoryVerbsDeps {
  readonly mirrors: Mirrors;
  readonly imports: RepositoryImports;
}

export function createLifecycle(deps: LifecycleDeps): Lifecycle {
  const { mirrors, imports } = deps;
  return {
    router: createLifecycleRouter({ verbs: createRepositoryVerbs(deps), mirrors, imports }),
    controllers: lifecycleControllers(deps),
  };
}
