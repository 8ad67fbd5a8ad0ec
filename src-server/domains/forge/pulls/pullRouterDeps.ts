import type { ForgeContext } from '../forgeContext';
import type { RefsMoved } from '../push/refsMoved';
import type { PullEvaluator } from './pullWorld';
import type { PullFactsReader } from './pullFacts';

/** What the procedures of pull requests work with. */
export interface PullRouterDeps {
  readonly ctx: ForgeContext;
  readonly evaluator: PullEvaluator;
  readonly facts: PullFactsReader;
  readonly refsMoved: RefsMoved;
}
