import { Repository } from '#shared/kinds/forge/repository';
import type { Controller } from '../../../runtime/controller';
import { findObject } from '../../../runtime/findObject';
import type { ForgeContext } from '../forgeContext';
import type { PullEvaluator } from '../pulls/pullWorld';
import { evaluateOpenPulls } from '../pulls/evaluateOpenPulls';
import type { RepositoryLifecycle } from './repositoryLifecycle';

const WAIT_FOR_DEPENDENTS_MS = 250;

/** Keeps the bytes of repositories in line with their objects, and pull requests with the settings of their repository. */
export function repositoryController(ctx: ForgeContext, opts: { lifecycle: RepositoryLifecycle; evaluator: PullEvaluator }): Controller {
  // By uid, the generation that was compared with the bytes since the start: every push refreshes the status itself, so that this
  // controller's own writes need no second look.
  const compared = new Map<string, number>();
  return {
    name: 'repository',
    kind: Repository,
    concurrency: 4,
    async reconcile(request, { signal }) {
      const object = await findObject(ctx.resources, Repository, request);
      // What a fork that is gone had is all that its pull requests have from now on.
      if (object === undefined) return evaluateOpenPulls(ctx, opts.evaluator, { org: request.org, repository: request.name, signal });
      const { uid, generation, deletionTimestamp } = object.metadata;
      const settled = object.status?.phase === 'Ready' && object.status.observedGeneration === generation;
      if (settled && deletionTimestamp === undefined && compared.get(uid) === generation) return;
      if ((await opts.lifecycle.advance(request)) === 'again') return { requeueAfterMs: WAIT_FOR_DEPENDENTS_MS };
      if (deletionTimestamp !== undefined) {
        compared.delete(uid);
        return;
      }
      // One that came back from among the deleted is the same as before, and seen anew.
      const isBack = object.spec.forkOf !== undefined && !compared.has(uid);
      if (isBack || object.status?.observedGeneration !== generation) await evaluateOpenPulls(ctx, opts.evaluator, { org: request.org, repository: request.name, signal });
      compared.set(uid, generation);
    },
  };
}
