import { isStatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { ForgeContext } from '../forgeContext';
import type { PullEvaluator } from './pullWorld';
import { openPullsOf } from './openPullsOf';

/** Evaluates every open pull request of an organization, or of one repository in it, those from it into others included: after rules or settings changed. */
export async function evaluateOpenPulls(ctx: ForgeContext, evaluator: PullEvaluator, scope: { org: string; repository?: string; signal: AbortSignal }): Promise<void> {
  const { org, repository, signal } = scope;
  const listed = repository === undefined ? ctx.resources.list(PullRequest, { org, fieldSelector: 'status.phase=Open' }).then(({ items }) => items) : openPullsOf(ctx.resources, { org, repository });
  for (const { metadata } of await listed.catch(noneWithoutOrganization)) {
    signal.throwIfAborted();
    await evaluator.evaluate({ org, name: metadata.name });
  }
}

function noneWithoutOrganization(error: unknown): [] {
  if (isStatusError(error, 'NotFound')) return [];
  throw error;
}
