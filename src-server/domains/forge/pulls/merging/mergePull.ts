import type { z } from 'zod';
import type { mergeInput } from '#shared/api/forge';
import { isStatusError, StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../../../app/clock';
import type { Actor } from '../../../../resources/actor';
import type { ResourceClient } from '../../../../resources/resourceClient';
import { toActorReference } from '../../../../resources/actorReference';
import { actingAs } from '../../../../runtime/actingAs';
import { isAdministrator } from '../../permissions/administrators';
import { commitIdentityOf } from '../../repositories/commitIdentity';
import type { ForgeContext } from '../../forgeContext';
import { mergeIntoBranch } from '../../git/writing/merge';
import { readRefSituation } from '../../protection/readRefSituation';
import { refuseRefChange } from '../../protection/refChange';
import type { RefsMoved } from '../../push/refsMoved';
import { openRepository, type OpenRepository } from '../../repositories/openRepository';
import type { PullRequestObject } from '../pullObjects';
import { findBlockers, type MergeBlocker, requireAllowedMethod } from './blockers';
import { blockerFactsOf } from './blockerFacts';
import { pullLock, type PullEvaluator, type PullWorld } from '../pullWorld';
import { carryOutIntent, type MergeIntent, noteMergeIntent, settleMergeIntent } from './mergeIntent';
import { mergeMessage } from './mergeMessage';
import { protectionOfPull } from '../protectionOfPull';
import { noteRewritten } from '../links/provenance';
import { requireMergeContent } from './requireMergeContent';
import { requireOpen } from '../requireOpen';

export interface MergeInput extends z.output<typeof mergeInput> {
  /** It merges by itself, as somebody had set: every rule binds, whoever that is. */
  readonly auto?: boolean;
}

export interface MergeDeps {
  readonly ctx: ForgeContext;
  readonly evaluator: PullEvaluator;
  readonly refsMoved: RefsMoved;
}

/** How often a merge starts over because the target branch moved under it. */
const MAX_TRIES = 5;

/**
 * Merges a pull request for whoever `resources` acts for. Every refusal is a Conflict that says what to do: PULL_REQUEST_MERGED,
 * PULL_REQUEST_CLOSED, HEAD_MOVED, MERGE_BLOCKED with a cause per blocker; and Invalid for a method that is not allowed.
 */
export async function mergePull(deps: MergeDeps, resources: ResourceClient, input: MergeInput): Promise<PullRequestObject> {
  const { actor } = resources;
  const ctx = actingAs(deps.ctx, 'merge', actor);
  if (actor.kind === 'run') throw new StatusError('Forbidden', 'A run cannot merge its own work; a person decides that');
  const ref = { org: input.org, name: input.pr };
  await resources.require('merge', PullRequest, ref);
  const { repository: name } = (await resources.get(PullRequest, ref)).spec;
  const repository = await openRepository(ctx, resources, { org: input.org, name });
  const merged = await ctx.locks.run(pullLock(ref), () => ctx.locks.run(`merge/${input.org}/${name}`, () => mergeLocked({ ...deps, ctx }, { repository, actor, input })));
  const { targetBranch, sourceBranch, sourceRepository = name } = merged.spec;
  const moved = new Map([[name, [targetBranch]]]);
  // The source branch may have gone with it.
  if (sourceRepository === name || input.deleteBranch === true) moved.set(sourceRepository, [...(moved.get(sourceRepository) ?? []), sourceBranch]);
  for (const [repositoryName, branches] of moved) await deps.refsMoved({ org: input.org, repository: repositoryName, refs: branches.map((branch) => `refs/heads/${branch}`) });
  await deps.evaluator.evaluate(ref);
  return ctx.resources.get(PullRequest, ref);
}

async function mergeLocked(deps: MergeDeps, opts: { repository: OpenRepository; actor: Actor; input: MergeInput }): Promise<PullRequestObject> {
  const { ctx, evaluator } = deps;
  const { repository, actor, input } = opts;
  for (let attempt = 1; ; attempt += 1) {
    const pullRequest = await evaluator.evaluateLocked({ org: input.org, name: input.pr });
    const world = pullRequest === undefined ? undefined : await evaluator.readWorld(pullRequest);
    if (world === undefined) throw new StatusError('NotFound', `There is no PullRequest "${input.pr}" in organization "${input.org}"`);
    const { head, base } = await requireMergeable(ctx, world, { actor, input });
    try {
      return await performMerge(ctx, world, { repository, actor, input, head, base });
    } catch (error) {
      if (!isStatusError(error, 'Conflict') || error.code !== 'REF_CHANGED' || attempt >= MAX_TRIES) throw error;
      await settleMergeIntent(ctx, await ctx.resources.get(PullRequest, { org: input.org, name: input.pr }));
    }
  }
}

async function performMerge(
  ctx: ForgeContext, world: PullWorld, opts: { repository: OpenRepository; actor: Actor; input: MergeInput; head: string; base: string },
): Promise<PullRequestObject> {
  const { repository, actor, input, head, base } = opts;
  const { pullRequest } = world;
  const now = new Date(ctx.clock.now());
  const deleteBranch = await mayDeleteSource(ctx, world, { actor, input });
  let intent: MergeIntent | undefined;
  await mergeIntoBranch(repository.git, {
    method: input.method,
    targetRef: `refs/heads/${pullRequest.spec.targetBranch}`,
    base,
    head,
    merger: await commitIdentityOf(ctx.resources, input.org, actor),
    message: await mergeMessage(world, input),
    now,
    linear: (await protectionOfPull(ctx, pullRequest)).requireLinearHistory,
    beforeMove: async ({ sha, rewritten }) => {
      await requireMergeContent(ctx, repository, { actor, administrator: input.auto !== true && (await isAdministrator(ctx.resources, input.org, actor)), change: { ref: `refs/heads/${pullRequest.spec.targetBranch}`, oldSha: base, newSha: sha, forced: false } });
      await noteRewritten(ctx, world.repository, { rewritten, pullRequest: pullRequest.metadata.name });
      intent = {
        method: input.method,
        sha,
        headSha: head,
        targetBefore: base,
        mergedBy: toActorReference(actor),
        startedAt: timestampOf(ctx.clock),
        deleteBranch,
        ...(input.auto === true ? { auto: true } : {}),
      };
      await noteMergeIntent(ctx, pullRequest, intent);
    },
  });
  if (intent === undefined) throw new Error('a branch moved without a noted merge');
  return carryOutIntent(ctx, pullRequest, intent);
}

/** Throws what keeps this actor from merging this pull request now; answers the commits to merge. */
async function requireMergeable(ctx: ForgeContext, world: PullWorld, opts: { actor: Actor; input: MergeInput }): Promise<{ head: string; base: string }> {
  const { pullRequest, repository, source, target } = world;
  const { actor, input } = opts;
  requireOpen(world, input.expectedHeadSha);
  const bypass = input.auto !== true && (await isAdministrator(ctx.resources, input.org, actor));
  const protection = await protectionOfPull(ctx, pullRequest, { bypass });
  const blockers = findBlockers(blockerFactsOf(world, protection));
  if (blockers.length > 0 || source === undefined || target === undefined) throw blocked(pullRequest.metadata.name, blockers);
  requireAllowedMethod(pullRequest, { method: input.method, mergeMethods: repository.spec.mergeMethods, protection });
  return { head: source, base: target };
}

function blocked(name: string, blockers: readonly MergeBlocker[]): StatusError {
  return new StatusError('Conflict', `${name} cannot be merged yet: ${blockers.map((blocker) => blocker.message).join(' ')}`, { code: 'MERGE_BLOCKED', causes: blockers });
}

/**
 * May the source branch go with the merge? Not when nobody asked for it, when a rule protects it or it is the default branch. What a repository does with
 * its branches says nothing of those of forks: there somebody has to ask, who may delete them.
 */
async function mayDeleteSource(ctx: ForgeContext, world: PullWorld, opts: { actor: Actor; input: MergeInput }): Promise<boolean> {
  const { repository, pullRequest, source, origin } = world;
  if (!(opts.input.deleteBranch ?? (origin.state === 'own' && repository.spec.deleteBranchOnMerge)) || origin.repository === undefined) return false;
  const { org, name } = origin.repository;
  if (origin.state !== 'own' && !(await ctx.resources.as(opts.actor).may('delete-branch', Repository, { org, name })).allowed) return false;
  const situation = await readRefSituation(ctx, origin.repository, opts.actor);
  const refusal = refuseRefChange({ ref: `refs/heads/${pullRequest.spec.sourceBranch}`, oldSha: source, newSha: undefined, forced: false }, situation);
  return refusal === undefined;
}
