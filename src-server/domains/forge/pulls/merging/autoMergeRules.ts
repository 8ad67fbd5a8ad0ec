import { headLabel } from '#shared/api/headLabel';
import type { StatusOf } from '#shared/kind/defineKind';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import type { ForgeContext } from '../../forgeContext';
import type { PullRequestObject } from '../pullObjects';
import type { PullWorld } from '../pullWorld';
import type { PullEvent } from '../pullEvents';
import { sourceMover } from '../branches/pullSource';

/**
 * Why a pull request must not merge by itself any more, though somebody has set that it shall: what they looked at is not what would be
 * merged. A push of somebody who may not write ends it, as on GitHub; so does one of a run.
 */
export async function autoMergeObstacle(ctx: ForgeContext, { pullRequest, repository, origin, source }: PullWorld): Promise<string | undefined> {
  const { autoMerge, headSha } = pullRequest.status ?? {};
  if (autoMerge === undefined || source === undefined || source === headSha) return undefined;
  const mover = sourceMover(ctx, origin, source);
  // Who pushes to a branch of the repository may write there; who pushes to a fork perhaps not.
  if (mover === undefined && origin.state === 'fork') return `Somebody pushed to ${headLabel(pullRequest.spec)}, and nobody knows any more who that was`;
  if (mover === undefined || mover.kind === 'system') return undefined;
  const { organizationRef: org } = pullRequest.spec;
  const actor = await ctx.actorOf(org, mover);
  if (actor === undefined) return `${mover.name} pushed to ${headLabel(pullRequest.spec)}`;
  const { allowed } = await ctx.resources.as(actor).may('push', Repository, { org, name: repository.metadata.name });
  return allowed ? undefined : `${mover.name}, who may not push any more, pushed to ${headLabel(pullRequest.spec)}`;
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
