import { isStatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { ForgeContext } from '../forgeContext';
import type { PullEvaluator } from './evaluatePull';

/** Evaluates every open pull request of an organization, or of one repository in it: after rules or settings changed. */
export async function evaluateOpenPulls(ctx: ForgeContext, evaluator: PullEvaluator, scope: { org: string; repository?: string; signal: AbortSignal }): Promise<void> {
  const ofRepository = scope.repository === undefined ? '' : `,spec.repository=${scope.repository}`;
  const { items } = await ctx.resources.list(PullRequest, { org: scope.org, fieldSelector: `status.phase=Open${ofRepository}` }).catch(noneWithoutOrganization);
  for (const { metadata } of items) {
    scope.signal.throwIfAborted();
    await evaluator.evaluate({ org: scope.org, name: metadata.name });
  }
}

function noneWithoutOrganization(error: unknown): { items: [] } {
  if (isStatusError(error, 'NotFound')) return { items: [] };
  throw error;
}
