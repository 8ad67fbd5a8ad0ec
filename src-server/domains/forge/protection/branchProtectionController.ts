import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import type { Controller } from '../../../runtime/controller';
import { findObject } from '../../../runtime/findObject';
import type { ForgeContext } from '../forgeContext';
import type { PullEvaluator } from '../pulls/pullWorld';
import { evaluateOpenPulls } from '../pulls/evaluateOpenPulls';

/** After a rule changed or went, the open pull requests are judged by the rules as they are now. */
export function branchProtectionController(ctx: ForgeContext, evaluator: PullEvaluator): Controller {
  return {
    name: 'branch-protection',
    kind: BranchProtection,
    async reconcile(request, { signal }) {
      const rule = await findObject(ctx.resources, BranchProtection, request);
      if (rule?.status?.phase === 'Active' && rule.status.observedGeneration === rule.metadata.generation) return;
      // A rule that was for one repository may have been for another before, and one that is gone says nothing: all are looked at.
      await evaluateOpenPulls(ctx, evaluator, { org: request.org, signal });
      if (rule === undefined) return;
      await ctx.resources.mutateStatus(BranchProtection, request, (status) => {
        status.phase = 'Active';
        // The generation that was looked at: a later one is another round.
        status.observedGeneration = rule.metadata.generation;
      });
    },
  };
}
