import { namedController } from '../../../runtime/namedController';
import type { ForgeContext } from '../forgeContext';
import type { ForgePart } from '../forgePart';
import type { PullEvaluator } from '../pulls/pullWorld';
import { branchProtectionController } from './branchProtectionController';
import { branchProtectionStrategy } from './branchProtectionStrategy';
import { refPolicyController } from './refPolicyController';
import { refPolicyStrategy } from './refPolicyStrategy';

/** The rules of branches and tags as objects; `policies/` asks them about a push. */
export function createProtection(ctx: ForgeContext, evaluator: PullEvaluator): ForgePart {
  return {
    controllers: [namedController(ctx, (own) => branchProtectionController(own, evaluator)), namedController(ctx, refPolicyController)],
    strategies: [branchProtectionStrategy, refPolicyStrategy],
  };
}
