import { headLabel } from '#shared/api/headLabel';
import { StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../../../app/clock';
import { toActorReference } from '../../../../resources/actorReference';
import type { Actor } from '../../../../resources/actor';
import type { ResourceClient } from '../../../../resources/resourceClient';
import { actingAs } from '../../../../runtime/actingAs';
import { isMoreVisible } from '../../lifecycle/forkVisibility';
import { type CommitIdentity, commitIdentityOf } from '../../repositories/commitIdentity';
import { fetchCommit } from '../../git/worktrees/workspaceRepository';
import type { ForgeContext } from '../../forgeContext';
import { requireRefsVerb } from '../../push/refAccess';
import { moveBranch } from '../../repositories/branches';
import { openRepository, type OpenRepository } from '../../repositories/openRepository';
import type { PullRequestObject } from '../pullObjects';
import { pullLock, type PullWorld } from '../pullWorld';
import { requireOpen } from '../requireOpen';
import { notePullEvents, type PullEvent } from '../pullEvents';
import type { PullRouterDeps } from '../pullRouterDeps';
import { readSource, requireSourceRepository } from './pullSource';

/** A pull request both of whose branches are there, and who changes its source. */
export interface SourceChange {
  readonly world: PullWorld;
  readonly source: string;
  readonly target: string;
  /** Who the commits are by. */
  readonly by: CommitIdentity;
  readonly now: Date;
}

export interface MadeCommit<T> {
  readonly sha: string;
  readonly event: Pick<PullEvent, 'type' | 'data'>;
  readonly result: T;
}

/**
 * Moves the source branch of an open pull request to a commit that `make` writes, for whoever `resources` acts for: they must be allowed to do
 * `verb`, and to push there by every rule that a push of theirs would meet. The branch moves by compare-and-swap, so a push that comes in
 * between is never lost; a crash leaves the branch where it was, or moved.
 *
 * @throws Conflict for a pull request that is not open (see {@link requireOpen}), for a branch that is gone, and when the branch moved meanwhile.
 */
export async function changeSource<T>(
  deps: PullRouterDeps, resources: ResourceClient, opts: { verb: string; input: { org: string; pr: string; expectedHeadSha?: string | undefined }; make: (change: SourceChange) => Promise<MadeCommit<T>> },
): Promise<{ sha: string; pullRequest: PullRequestObject; result: T }> {
  const { verb, input, make } = opts;
  const { actor } = resources;
  const ref = { org: input.org, name: input.pr };
  await resources.require(verb, PullRequest, ref);
  const asked = await resources.get(PullRequest, ref);
  const { repository: name, sourceBranch } = asked.spec;
  const ctx = actingAs(deps.ctx, verb, actor);
  const target = await openRepository(ctx, resources, { org: input.org, name });
  await requirePush(ctx, asked, { actor, target });
  return ctx.locks.run(pullLock(ref), async () => {
    const found = await deps.evaluator.evaluateLocked(ref);
    const world = found === undefined ? undefined : await deps.evaluator.readWorld(found);
    if (world === undefined) throw new StatusError('NotFound', `There is no PullRequest "${input.pr}" in organization "${input.org}"`);
    requireOpen(world, input.expectedHeadSha);
    const { source, target: base } = requireBranches(world);
    const repository = requireSourceRepository(world.pullRequest, world.origin);
    const { sha, event, result } = await make({ world, source, target: base, by: await commitIdentityOf(ctx.resources, input.org, actor), now: new Date(ctx.clock.now()) });
    if (repository.git.path !== world.git.path) await fetchCommit(repository.git, world.git.path, { sha });
    await moveBranch({ ctx, refsMoved: deps.refsMoved }, repository, { actor, branch: sourceBranch, sha, expectedSha: source, reason: `${verb} of ${input.pr} by ${actor.name}` });
    await notePullEvents(ctx.eventLog, world.pullRequest, [{ ...event, id: `${event.type}/${sha}`, at: timestampOf(ctx.clock), actor: toActorReference(actor) }]);
    return { sha, result, pullRequest: (await deps.evaluator.evaluateLocked(ref)) ?? world.pullRequest };
  });
}

/**
 * Whoever may push to the repository that has the branch. To a fork's also, as far as its author left it so, who may push to the repository that the
 * change is for: by what is done to the pull request, never by git.
 */
async function requirePush(ctx: ForgeContext, pullRequest: PullRequestObject, { actor, target }: { actor: Actor; target: OpenRepository }): Promise<void> {
  const source = await readSource(ctx, pullRequest, target);
  const repository = requireSourceRepository(pullRequest, source);
  const [seen, limit] = [repository.object.spec.visibility, target.object.spec.visibility];
  // The repository may have been closed since it was forked; what is in it does not get out by a button.
  if (isMoreVisible(seen, limit)) {
    throw new StatusError('Conflict', `The fork ${repository.name} is ${seen} and ${target.name} ${limit}: what is written to the fork from here would be seen by more people. Make the fork ${limit} first, or push to it by git`, { code: 'FORK_MORE_VISIBLE' });
  }
  if (source.state === 'fork' && pullRequest.spec.maintainerCanModify !== false) {
    const resources = ctx.resources.as(actor);
    if ((await resources.may('push', Repository, { org: target.org, name: target.name })).allowed) return;
  }
  await requireRefsVerb(ctx, repository, { verb: 'push', actor });
}

/** The tips of both branches. Throws Conflict, naming the one that is gone. */
export function requireBranches({ pullRequest, source, target }: PullWorld): { source: string; target: string } {
  const { targetBranch } = pullRequest.spec;
  if (source === undefined) throw new StatusError('Conflict', `The source branch ${headLabel(pullRequest.spec)} is gone; restore it first`, { code: 'SOURCE_MISSING' });
  if (target === undefined) throw new StatusError('Conflict', `The target branch ${targetBranch} is gone; choose another target first`, { code: 'TARGET_MISSING' });
  return { source, target };
}
