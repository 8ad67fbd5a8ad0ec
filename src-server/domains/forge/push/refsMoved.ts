import type { Background } from '../concurrency/background';
import type { ForgeContext } from '../forgeContext';
import type { PullEvaluator } from '../pulls/pullWorld';
import { openPullsOf } from '../pulls/openPullsOf';
import { refreshRepository } from '../repositories/repositoryStatus';

/** Tells the forge that references of a repository moved. */
export type RefsMoved = (moved: { readonly org: string; readonly repository: string; readonly refs: readonly string[] }) => Promise<void>;

/**
 * Brings the repository's status up to date, which is awaited, and then in the background the open pull requests that the moved
 * branches belong to. What a stop cuts off the controllers do at the next start, from the branches as they are.
 */
export function createRefsMoved(ctx: ForgeContext, opts: { evaluator: PullEvaluator; background: Background }): RefsMoved {
  /** The references have moved: that nothing can be read just now must not look as if they had not. */
  async function refresh(org: string, name: string): Promise<void> {
    try {
      await refreshRepository(ctx, { org, name }, { pushed: true });
    } catch (error) {
      ctx.log.warn({ err: error, org, repository: name }, 'repository status not refreshed; trying once more');
      opts.background.run(`refresh/${org}/${name}`, async () => {
        await refreshRepository(ctx, { org, name }, { pushed: true });
      });
    }
  }

  return async ({ org, repository, refs }) => {
    await refresh(org, repository);
    ctx.serving.maintenance.noteMoved(org, repository);
    const branches = new Set(refs.filter((ref) => ref.startsWith('refs/heads/')).map((ref) => ref.slice('refs/heads/'.length)));
    if (branches.size === 0) return;
    for (const { metadata, spec } of await openPullsOf(ctx.resources, { org, repository })) {
      const isSource = (spec.sourceRepository ?? spec.repository) === repository && branches.has(spec.sourceBranch);
      const isTarget = spec.repository === repository && branches.has(spec.targetBranch);
      if (!isSource && !isTarget) continue;
      const ref = { org, name: metadata.name };
      opts.background.run(`pull/${org}/${metadata.name}`, async () => {
        await opts.evaluator.evaluate(ref);
      });
    }
  };
}
