import type { z } from 'zod';
import type { setAutoMergeInput } from '#shared/api/pulls';
import { isStatusError, StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { timestampOf } from '../../../../app/clock';
import { toActorReference } from '../../../../resources/actorReference';
import type { ObjectRef, ResourceClient } from '../../../../resources/resourceClient';
import { actingAs } from '../../../../runtime/actingAs';
import type { PullRequestObject } from '../pullObjects';
import { autoMergeCancelled, endAutoMerge } from './autoMergeRules';
import { requireAllowedMethod } from './blockers';
import { pullLock } from '../pullWorld';
import { type MergeDeps, mergePull } from './mergePull';
import { requireOpen } from '../requireOpen';
import { notePullEvents } from '../pullEvents';
import { protectionOfPull } from '../protectionOfPull';

/**
 * Lets a pull request merge by itself as soon as nothing keeps it from merging, in the name of whoever `resources` acts for. They must be
 * allowed to merge now, and are asked about again when it happens. Merges at once where nothing is in the way.
 *
 * @throws as a merge does, but for blockers.
 */
export async function setAutoMerge(deps: MergeDeps, resources: ResourceClient, input: z.output<typeof setAutoMergeInput>): Promise<PullRequestObject> {
  const { org, pr, method, title, message, deleteBranch, expectedHeadSha } = input;
  const ref = { org, name: pr };
  if (resources.actor.kind === 'run') throw new StatusError('Forbidden', 'A run cannot merge its own work; a person decides that');
  await resources.require('set-auto-merge', PullRequest, ref);
  await resources.get(PullRequest, ref);
  const ctx = actingAs(deps.ctx, 'set-auto-merge', resources.actor);
  const setBy = toActorReference(resources.actor);
  await ctx.locks.run(pullLock(ref), async () => {
    const found = await deps.evaluator.evaluateLocked(ref);
    const world = found === undefined ? undefined : await deps.evaluator.readWorld(found);
    if (world === undefined) throw new StatusError('NotFound', `There is no PullRequest "${pr}" in organization "${org}"`);
    requireOpen(world, expectedHeadSha);
    requireAllowedMethod(world.pullRequest, { method, mergeMethods: world.repository.spec.mergeMethods, protection: await protectionOfPull(ctx, world.pullRequest) });
    const setAt = timestampOf(ctx.clock);
    const { metadata } = await ctx.resources.mutateStatus(PullRequest, ref, (status) => {
      delete status.autoMergeEnded;
      status.autoMerge = {
        method, setBy, setAt,
        ...(title === undefined ? {} : { title }), ...(message === undefined ? {} : { message }), ...(deleteBranch === undefined ? {} : { deleteBranch }),
      };
    });
    await notePullEvents(ctx.eventLog, { ...world.pullRequest, metadata }, [{ id: `auto-merge-set/${setAt}`, at: setAt, type: 'auto_merge_set', actor: setBy, data: { method } }]);
  });
  await mergeIfReady(deps, ref);
  return ctx.resources.get(PullRequest, ref);
}

/** Takes it back. Whoever may edit the pull request may: it only makes people look once more. */
export async function cancelAutoMerge(deps: MergeDeps, resources: ResourceClient, { org, pr }: { org: string; pr: string }): Promise<PullRequestObject> {
  const ref = { org, name: pr };
  await resources.require('cancel-auto-merge', PullRequest, ref);
  const ctx = actingAs(deps.ctx, 'cancel-auto-merge', resources.actor);
  return ctx.locks.run(pullLock(ref), () => cancelLocked(deps, ref, { actor: toActorReference(resources.actor), resources: ctx.resources }));
}

/**
 * Merges a pull request that somebody has set to merge by itself, if nothing is in the way. Called after every change of one, so it is tried
 * again whatever ended the attempt before; what was set is in its status, so a restart forgets nothing. Whoever has set it and may not
 * merge any more ends it.
 */
export async function mergeIfReady(deps: MergeDeps, ref: ObjectRef): Promise<void> {
  const { ctx } = deps;
  const pullRequest = await ctx.resources.find(PullRequest, ref);
  const { autoMerge, phase, blockers, headSha } = pullRequest?.status ?? {};
  if (pullRequest === undefined || autoMerge === undefined || phase !== 'Open' || blockers === undefined || blockers.length > 0 || headSha === undefined) return;
  const { setBy, setAt: _setAt, ...how } = autoMerge;
  const actor = await ctx.actorOf(ref.org, setBy);
  if (actor === undefined) return cancelBecause(deps, ref, `${setBy.name}, who had set it, is not there any more`);
  const trail = actor.trail?.group();
  const resources = ctx.resources.as(trail === undefined ? actor : { ...actor, trail });
  try {
    await mergePull(deps, resources, { ...ref, pr: ref.name, ...how, expectedHeadSha: headSha, auto: true });
    await trail?.settle();
  } catch (error) {
    await trail?.settle(error instanceof Error ? error.message : undefined);
    if (isStatusError(error, 'Forbidden') || isStatusError(error, 'NotFound')) return cancelBecause(deps, ref, `${setBy.name}, who had set it, may not merge any more`);
    // Something came in between: what changes it will call again.
    if (isStatusError(error, 'Conflict') && WAITS.has(error.code ?? '')) return;
    if (isStatusError(error, 'Conflict') || isStatusError(error, 'Invalid')) return cancelBecause(deps, ref, error.message);
    throw error;
  }
}

const WAITS: ReadonlySet<string> = new Set(['MERGE_BLOCKED', 'HEAD_MOVED', 'REF_CHANGED', 'PULL_REQUEST_MERGED', 'PULL_REQUEST_CLOSED']);

async function cancelBecause(deps: MergeDeps, ref: ObjectRef, reason: string): Promise<void> {
  await deps.ctx.locks.run(pullLock(ref), () => cancelLocked(deps, ref, { reason, resources: deps.ctx.resources }));
}

async function cancelLocked(deps: MergeDeps, ref: ObjectRef, by: { actor?: ReturnType<typeof toActorReference>; reason?: string; resources: ResourceClient }): Promise<PullRequestObject> {
  const { resources, actor, reason } = by;
  const pullRequest = await deps.ctx.resources.get(PullRequest, ref);
  if (pullRequest.status?.autoMerge === undefined || pullRequest.status.phase === 'Merged') return pullRequest;
  const at = timestampOf(deps.ctx.clock);
  await notePullEvents(deps.ctx.eventLog, pullRequest, [autoMergeCancelled(pullRequest, { at, ...(actor === undefined ? {} : { actor }), ...(reason === undefined ? {} : { reason }) })]);
  return resources.mutateStatus(PullRequest, ref, (status) => endAutoMerge(status, { at, reason, actor }));
}
