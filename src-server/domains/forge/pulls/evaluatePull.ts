import type { StatusOf } from '#shared/kind/defineKind';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { Review } from '#shared/kinds/forge/review';
import { timestampOf } from '../../../app/clock';
import type { ObjectRef } from '../../../resources/resourceClient';
import type { ActorReference } from '../../../resources/actorReference';
import { type ForgeContext, moverKey, repositoryPath } from '../forgeContext';
import { isAncestor } from '../git/commits';
import type { GitRepository } from '../git/gitRepositories';
import { updateRef } from '../git/refs';
import { listRules, protectionOf, type Protection } from '../protection/protectionRules';
import type { RepositoryObject } from '../repositories/openRepository';
import { type PullRequestObject, type ReviewObject, staleApprovals, tallyReviews } from './approvals';
import { checksOf, findBlockers } from './blockers';
import { finishMerge, settleMergeIntent } from './mergeIntent';
import { notePullEvents, type PullEvent } from './pullEvents';
import type { PullFacts, PullFactsReader } from './pullFacts';
import { findRunOf, requestersOf } from './pullRun';
import { countUnresolved } from './threads';

type PullStatus = StatusOf<typeof PullRequest>;

/** What a pull request's status follows from, read at one moment. */
export interface PullWorld {
  readonly pullRequest: PullRequestObject;
  readonly repository: RepositoryObject;
  readonly git: GitRepository;
  /** Tips of the branches; undefined where one is gone. */
  readonly source: string | undefined;
  readonly target: string | undefined;
  /** The source, or what it was last when it is gone. */
  readonly head: string | undefined;
  /** Undefined while there is no target or no head. */
  readonly facts: PullFacts | undefined;
  readonly reviews: readonly ReviewObject[];
  readonly protection: Protection;
}

/** Makes the status of pull requests true. */
export interface PullEvaluator {
  /**
   * Reads the world and writes what follows from it. `actor` is who closed or reopened it, where that is known. Undefined when there
   * is no such pull request.
   */
  evaluate(ref: ObjectRef, cause?: { actor?: ActorReference }): Promise<PullRequestObject | undefined>;
  /** The same for a caller that holds {@link pullLock} already. */
  evaluateLocked(ref: ObjectRef, cause?: { actor?: ActorReference }): Promise<PullRequestObject | undefined>;
  /** Undefined while the repository has no bytes. */
  readWorld(pullRequest: PullRequestObject): Promise<PullWorld | undefined>;
}

/** Held by whatever decides from a pull request's branches and status. */
export function pullLock(ref: ObjectRef): string {
  return `pull/${ref.org}/${ref.name}`;
}

export function createPullEvaluator(ctx: ForgeContext, factsReader: PullFactsReader): PullEvaluator {
  async function readWorld(pullRequest: PullRequestObject): Promise<PullWorld | undefined> {
    const { organizationRef: org, repository: name, sourceBranch, targetBranch } = pullRequest.spec;
    const repository = await ctx.resources.find(Repository, { org, name });
    if (repository?.status?.phase !== 'Ready') return undefined;
    const git = ctx.git.open(repositoryPath(ctx.repositoriesRoot, org, name));
    const [source, target, rules, reviews] = await Promise.all([
      git.objects.resolve(`refs/heads/${sourceBranch}`),
      git.objects.resolve(`refs/heads/${targetBranch}`),
      listRules(ctx.resources, org, name),
      ctx.resources.list(Review, { org, fieldSelector: `spec.pullRequest=${pullRequest.metadata.name}` }),
    ]);
    const head = source ?? pullRequest.status?.headSha;
    const facts = head === undefined || target === undefined ? undefined : await factsReader.read(git, target, head);
    return { pullRequest, repository, git, source, target, head, facts, reviews: reviews.items, protection: protectionOf(rules, `refs/heads/${targetBranch}`) };
  }

  async function evaluateLocked(ref: ObjectRef, cause: { actor?: ActorReference } = {}): Promise<PullRequestObject | undefined> {
    const found = await ctx.resources.find(PullRequest, ref);
    if (found === undefined || found.metadata.deletionTimestamp !== undefined || found.status?.phase === 'Merged') return found;
    await claimNumber(ctx, found);
    const known = await noteRequesters(ctx, found);
    const pullRequest = known.status?.merging === undefined ? known : await settleMergeIntent(ctx, known);
    if (pullRequest.status?.phase === 'Merged') return pullRequest;
    if (pullRequest.spec.state === 'closed') return close(ctx, pullRequest, cause.actor);

    const world = await readWorld(pullRequest);
    if (world === undefined) return writeStatus(ctx, pullRequest, { phase: 'Open', mergeable: 'Unknown' });
    if (await wasMergedByPush(world)) return mergedByPush(ctx, world);
    await keepPullRef(world);
    const reviews = await dismissStale(ctx, world);
    await notePullEvents(ctx.eventLog, pullRequest, eventsOf(world, { at: timestampOf(ctx.clock), actor: cause.actor, mover: moverOf(ctx, world, world.source ?? `refs/heads/${pullRequest.spec.sourceBranch}`) }));
    return writeStatus(ctx, pullRequest, openStatus({ ...world, reviews }, timestampOf(ctx.clock)));
  }

  return {
    evaluate: (ref, cause) => ctx.locks.run(pullLock(ref), () => evaluateLocked(ref, cause)),
    evaluateLocked,
    readWorld,
  };
}

function openStatus(world: PullWorld, now: string): Partial<PullStatus> {
  const { pullRequest, repository, source, target, head, facts, reviews, protection } = world;
  const before = pullRequest.status;
  const tally = tallyReviews(reviews, pullRequest, protection);
  const checks = checksOf(pullRequest, head);
  return {
    phase: 'Open',
    headSha: head,
    baseSha: target,
    mergeBaseSha: facts?.mergeBaseSha,
    mergeable: source === undefined || facts === undefined ? 'Unknown' : facts.mergeable,
    conflictingFiles: facts === undefined || facts.conflictingFiles.length === 0 ? undefined : [...facts.conflictingFiles],
    ...(before?.checks === undefined ? {} : { checks }),
    blockers: findBlockers({
      pullRequest,
      checks,
      archived: repository.spec.archived,
      mergeMethods: repository.spec.mergeMethods,
      sourceExists: source !== undefined,
      targetExists: target !== undefined,
      conflictingFiles: facts?.conflictingFiles,
      commits: facts?.commits,
      protection,
      tally,
      unresolvedThreads: countUnresolved(reviews),
    }),
    approvals: tally.approvedBy.length,
    requiredApprovals: protection.requiredApprovals,
    additions: facts?.additions,
    deletions: facts?.deletions,
    changedFiles: facts?.changedFiles,
    commits: facts?.commits,
    commentCount: commentCount(reviews),
    closedAt: undefined,
    closedBy: undefined,
    headUpdatedAt: before?.headSha === head ? (before?.headUpdatedAt ?? now) : now,
  };
}

function commentCount(reviews: readonly ReviewObject[]): number {
  return reviews.reduce((sum, review) => sum + (review.spec.comments?.length ?? 0) + (review.spec.body === undefined || review.spec.body === '' ? 0 : 1), 0);
}

/** What happened since the status was written. The ids follow from the old status, so that a crash before the new one repeats them. */
function eventsOf(world: PullWorld, note: { at: string; actor: ActorReference | undefined; mover: ActorReference | undefined }): PullEvent[] {
  const { pullRequest, source } = world;
  const { at, actor, mover } = note;
  const before = pullRequest.status;
  if (before?.phase === undefined) return [];
  const events: PullEvent[] = [];
  const since = before.headUpdatedAt ?? '';
  if (before.phase === 'Closed') events.push({ at, actor, id: `reopened/${before.closedAt ?? ''}`, type: 'reopened' });
  if (source !== undefined && before.headSha !== undefined && source !== before.headSha) {
    events.push({ at, actor: mover, id: `pushed/${since}/${before.headSha}/${source}`, type: 'pushed', data: { before: before.headSha, after: source } });
  }
  const wasMissing = before.blockers?.some((blocker) => blocker.code === 'SourceMissing') === true;
  if (source === undefined && before.headSha !== undefined && !wasMissing) events.push({ at, actor: mover, id: `branch-deleted/${since}/${before.headSha}`, type: 'branch_deleted' });
  return events;
}

/** Keeps the number of a pull request from being given again: a crash may have come between its creation and the counting. */
async function claimNumber(ctx: ForgeContext, pullRequest: PullRequestObject): Promise<void> {
  const { organizationRef: org, repository: name, number } = pullRequest.spec;
  const repository = await ctx.resources.find(Repository, { org, name });
  if (number === undefined || repository === undefined || (repository.status?.nextNumber ?? 1) > number) return;
  await ctx.resources.mutateStatus(Repository, { org, name }, (status) => {
    status.nextNumber = Math.max(status.nextNumber ?? 1, number + 1);
  });
}

/** Of a run's pull request from before these were kept: who asked for the run, as long as it is there to be asked. */
async function noteRequesters(ctx: ForgeContext, pullRequest: PullRequestObject): Promise<PullRequestObject> {
  const { organizationRef: org, repository, sourceBranch, dispatchRun, requesters } = pullRequest.spec;
  if (requesters !== undefined || dispatchRun === undefined) return pullRequest;
  const run = await findRunOf(ctx.resources, { org, repository, sourceBranch, dispatchRun });
  return ctx.resources.mutate(PullRequest, { org, name: pullRequest.metadata.name }, ({ spec }) => {
    spec.requesters = run === undefined ? [] : requestersOf(run);
  });
}

/**
 * The head is in the target now, was not in it before, and no merge verb did it: somebody merged by hand and pushed. A source that was
 * set back to a commit which the target had all along has nothing to merge, but was not merged.
 */
async function wasMergedByPush(world: PullWorld): Promise<boolean> {
  const { pullRequest, git, target, head, facts } = world;
  const oldBase = pullRequest.status?.baseSha;
  if (facts === undefined || head === undefined || facts.commits > 0 || oldBase === undefined || oldBase === target) return false;
  return !(await isAncestor(git, head, oldBase));
}

function moverOf(ctx: ForgeContext, { git }: PullWorld, moved: string): ActorReference | undefined {
  return ctx.movers.get(moverKey(git.path, moved));
}

async function mergedByPush(ctx: ForgeContext, world: PullWorld): Promise<PullRequestObject> {
  const { pullRequest, target = '', head = '' } = world;
  const mergedBy = moverOf(ctx, world, target) ?? { kind: 'system' as const, name: 'kradle' };
  await keepPullRef(world);
  return finishMerge(ctx, pullRequest, {
    headSha: head,
    merge: { method: 'merge', sha: target, mergedBy, mergedAt: timestampOf(ctx.clock), targetBefore: pullRequest.status?.baseSha ?? target },
  });
}

/** `refs/pull/N/head` lets people fetch the change, and keeps its commits when the branch goes. */
async function keepPullRef({ pullRequest, git, source }: PullWorld): Promise<void> {
  if (source === undefined || pullRequest.spec.number === undefined) return;
  const ref = `refs/pull/${pullRequest.spec.number}/head`;
  if ((await git.objects.resolve(ref)) !== source) await updateRef(git, { ref, newOid: source, expectedOid: 'any', reason: 'pull request: head' });
}

async function dismissStale(ctx: ForgeContext, world: PullWorld): Promise<readonly ReviewObject[]> {
  const { reviews, protection, source, pullRequest } = world;
  if (!protection.dismissStaleReviews || source === undefined) return reviews;
  const stale = new Set(staleApprovals(reviews, source));
  const judged: ReviewObject[] = [];
  for (const review of reviews) judged.push(stale.has(review) ? await dismiss(ctx, pullRequest, review) : review);
  return judged;
}

function dismiss(ctx: ForgeContext, pullRequest: PullRequestObject, review: ReviewObject): Promise<ReviewObject> {
  return ctx.resources.mutateStatus(Review, { org: pullRequest.spec.organizationRef, name: review.metadata.name }, (status) => {
    status.phase = 'Dismissed';
    status.dismissedReason = 'The branch changed after this approval.';
  });
}

async function close(ctx: ForgeContext, pullRequest: PullRequestObject, actor: ActorReference | undefined): Promise<PullRequestObject> {
  if (pullRequest.status?.phase === 'Closed') return writeStatus(ctx, pullRequest, {});
  const at = timestampOf(ctx.clock);
  await notePullEvents(ctx.eventLog, pullRequest, [{ id: `closed/${pullRequest.metadata.generation}`, at, type: 'closed', actor }]);
  return writeStatus(ctx, pullRequest, { phase: 'Closed', closedAt: at, closedBy: actor, blockers: undefined });
}

/** Sets the given fields; undefined removes one. */
function writeStatus(ctx: ForgeContext, pullRequest: PullRequestObject, next: Partial<PullStatus>): Promise<PullRequestObject> {
  const ref = { org: pullRequest.spec.organizationRef, name: pullRequest.metadata.name };
  return ctx.resources.mutateStatus(PullRequest, ref, (status) => {
    // Merged is final, whatever a slower reader of the branches found.
    if (status.phase === 'Merged') return;
    for (const [key, value] of Object.entries({ ...next, observedGeneration: pullRequest.metadata.generation })) {
      if (value === undefined) delete status[key as keyof PullStatus];
      else Object.assign(status, { [key]: value });
    }
  });
}
