import type { StatusOf } from '#shared/kind/defineKind';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { type ForgeContext, moverKey } from '../forgeContext';
import type { PullRequestObject } from './approvals';
import type { PullWorld } from './evaluatePull';
import type { PullEvent } from './pullEvents';

/**
 * Why a pull request must not merge by itself any more, though somebody has set that it shall: what they looked at is not what would be
 * merged. A push of somebody who may not write ends it, as on GitHub; so does one of a run.
 */
export async function autoMergeObstacle(ctx: ForgeContext, { pullRequest, repository, git, source }: PullWorld): Promise<string | undefined> {
  const { autoMerge, headSha } = pullRequest.status ?? {};
  if (autoMerge === undefined || source === undefined || source === headSha) return undefined;
  const mover = ctx.movers.get(moverKey(git.path, source));
  if (mover === undefined || mover.kind === 'system') return undefined;
  const { organizationRef: org } = pullRequest.spec;
  const actor = await ctx.actorOf(org, mover);
  if (actor === undefined) return `${mover.name} pushed to ${pullRequest.spec.sourceBranch}`;
  const { allowed } = await ctx.resources.as(actor).may('push', Repository, { org, name: repository.metadata.name });
  return allowed ? undefined : `${mover.name}, who may not push any more, pushed to ${pullRequest.spec.sourceBranch}`;
}

/** What the status says from now on: it does not merge by itself any more, and why. */
export function endAutoMerge(status: StatusOf<typeof PullRequest>, how: { at: string; reason?: string | undefined; actor?: PullEvent['actor'] }): void {
  const { setBy } = status.autoMerge ?? {};
  delete status.autoMerge;
  if (setBy === undefined) return;
  status.autoMergeEnded = { setBy, at: how.at, ...(how.actor === undefined ? {} : { by: how.actor }), ...(how.reason === undefined ? {} : { reason: how.reason }) };
}

export function autoMergeCancelled(pullRequest: PullRequestObject, { at, reason, actor }: { at: string; reason?: string; actor?: PullEvent['actor'] }): PullEvent {
  const setAt = pullRequest.status?.autoMerge?.setAt ?? at;
  return { id: `auto-merge-cancelled/${setAt}`, at, type: 'auto_merge_cancelled', ...(actor === undefined ? {} : { actor }), ...(reason === undefined ? {} : { data: { reason } }) };
}
