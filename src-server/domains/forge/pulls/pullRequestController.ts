import { orgOfNamespace } from '#shared/kind/names';
import type { KradleObject } from '#shared/kind/defineKind';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Review } from '#shared/kinds/forge/review';
import type { Controller, ReconcileRequest } from '../../../runtime/controller';
import { findObject } from '../../../runtime/findObject';
import type { ForgeContext } from '../forgeContext';
import { mergeIfReady } from './merging/autoMerge';
import type { MergeDeps } from './merging/mergePull';
import { finalizePull, PULL_FINALIZER } from './pullFinalizer';

/** Keeps the status of pull requests true after changes of themselves and of their reviews; refs that move come through `refsMoved`. */
export function pullRequestController(ctx: ForgeContext, deps: Pick<MergeDeps, 'evaluator' | 'refsMoved'>): Controller {
  const { evaluator } = deps;
  return {
    name: 'pull-request',
    kind: PullRequest,
    watches: [{ kind: Review, map: toPullRequest }],
    async reconcile(request) {
      const found = await findObject(ctx.resources, PullRequest, request);
      if (found === undefined) return;
      if (found.metadata.deletionTimestamp !== undefined) return finalizePull(ctx, found);
      if (!(found.metadata.finalizers ?? []).includes(PULL_FINALIZER)) {
        await ctx.resources.mutate(PullRequest, request, (draft) => {
          draft.metadata.finalizers = [...new Set([...(draft.metadata.finalizers ?? []), PULL_FINALIZER])];
        });
      }
      await evaluator.evaluate(request);
      await mergeIfReady({ ...deps, ctx }, request);
    },
  };
}

function toPullRequest(review: KradleObject): ReconcileRequest[] {
  const org = orgOfNamespace(review.metadata.namespace);
  const { pullRequest } = review.spec;
  return org === undefined || typeof pullRequest !== 'string' ? [] : [{ org, name: pullRequest }];
}
