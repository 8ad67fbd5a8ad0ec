import type { StatusOf } from '#shared/kind/defineKind';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { Review } from '#shared/kinds/forge/review';
import { timestampOf } from '../../../app/clock';
import type { ObjectRef } from '../../../resources/resourceClient';
import type { ActorReference } from '../../../resources/actorReference';
import { type ForgeContext, moverKey, repositoryPath } from '../forgeContext';
import { isAncestor } from '../git/history/commits';
import { updateRef } from '../git/refs/refs';
import { listRules, protectionOf } from '../protection/protectionRules';
import { staleApprovals, tallyReviews } from './reviews/approvals';
import type { PullRequestObject, ReviewObject } from './pullObjects';
import { autoMergeCancelled, autoMergeObstacle, endAutoMerge } from './merging/autoMergeRules';
import { findBlockers } from './merging/blockers';
import { readChangeOwners } from './reviews/changeOwners';
import { findLinkedIssues, tellIssues } from './links/issueLinks';
import { finishMerge, settleMergeIntent } from './merging/mergeIntent';
import { findOutdatedReviews, isSameChange } from './reviews/outdatedReviews';
import { noteRunCommits } from './links/provenance';
import { notePullEvents, type PullEvent } from './pullEvents';
import { pullLock, type PullEvaluator, type PullWorld } from './pullWorld';
import { blockerFactsOf } from './merging/blockerFacts';
import type { PullFactsReader } from './pullFacts';
import { pastHeadRefs, pullHeadRef } from './pullRefs';
import { bringSource, readSource, sourceMover } from './branches/pullSource';
import { findRunOf, requestersOf } from './pullRun';
import { resolveOwners } from './reviews/resolveOwners';
import { missingOwners, readStandingFacts } from './reviews/reviewersOfPull';
import { standingsOf } from './reviews/reviewerStandings';
import { settleMerged } from './merging/settleMerged';

type PullStatus = StatusOf<typeof PullRequest>;

export function createPullEvaluator(ctx: ForgeContext, factsReader: PullFactsReader): PullEvaluator {
  async function readWorld(pullRequest: PullRequestObject): Promise<PullWorld | undefined> {
    const { organizationRef: org, repository: name, targetBranch, number } = pullRequest.spec;
    const repository = await ctx.resources.find(Repository, { org, name });
    if (repository?.status?.phase !== 'Ready') return undefined;
    const git = ctx.git.open(repositoryPath(ctx.repositoriesRoot, org, name));
    const kept = number === undefined ? undefined : await git.objects.resolve(pullHeadRef(number));
    const origin = await bringSource(ctx, await readSource(ctx, pullRequest, { object: repository, git }), { org, name, git, kept });
    const source = origin.tip;
    const [target, rules, reviews] = await Promise.all([
      git.objects.resolve(`refs/heads/${targetBranch}`),
      listRules(ctx.resources, org, name),
      ctx.resources.list(Review, { org, fieldSelector: `spec.pullRequest=${pullRequest.metadata.name}` }),
    ]);
    const head = source ?? pullRequest.status?.headSha;
    const facts = head === undefined || target === undefined ? undefined : await factsReader.read(git, target, head);
    const [change, outdated, lastPush] = await Promise.all([
      facts === undefined || head === undefined || target === undefined ? undefined : readChangeOwners(git, { target, head }, facts),
      findOutdatedReviews(git, reviews.items, { target, head }),
      lastPushOf(ctx, pullRequest, { git, origin, target }),
    ]);
    const ownership = change === undefined ? undefined : { change, owners: await resolveOwners(ctx, pullRequest, change.groups.flatMap(({ rule }) => rule.owners)) };
    return { pullRequest, repository, git, origin, source, target, head, facts, reviews: reviews.items, outdated, protection: protectionOf(rules, `refs/heads/${targetBranch}`), ownership, lastPush };
  }

  async function evaluateLocked(ref: ObjectRef, cause: { actor?: ActorReference } = {}): Promise<PullRequestObject | undefined> {
    const found = await ctx.resources.find(PullRequest, ref);
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) return found;
    if (found.status?.phase === 'Merged') return settleMerged(ctx, found);
    await claimNumber(ctx, found);
    const known = await noteRequesters(ctx, found);
    const pullRequest = known.status?.merging === undefined ? known : await settleMergeIntent(ctx, known);
    if (pullRequest.status?.phase === 'Merged') return settleMerged(ctx, pullRequest);
    if (pullRequest.spec.state === 'closed') return close(ctx, pullRequest, cause.actor);

    const world = await readWorld(pullRequest);
    if (world === undefined) return writeStatus(ctx, pullRequest, { phase: 'Open', mergeable: 'Unknown' });
    if (await wasMergedByPush(world)) return mergedByPush(ctx, world);
    await keepPullRefs(world);
    await noteRunOfPull(ctx, world);
    const at = timestampOf(ctx.clock);
    const reviews = await dismissStale(ctx, world, at);
    const linkedIssues = await findLinkedIssues(ctx, pullRequest, { git: world.git, base: world.facts?.mergeBaseSha, head: world.head });
    await tellIssues(ctx, pullRequest, linkedIssues);
    const obstacle = await autoMergeObstacle(ctx, world);
    await notePullEvents(ctx.eventLog, pullRequest, [
      ...eventsOf(world, { at, actor: cause.actor, mover: sourceMover(ctx, world.origin, world.source ?? `refs/heads/${pullRequest.spec.sourceBranch}`) }),
      ...(obstacle === undefined ? [] : [autoMergeCancelled(pullRequest, { at, reason: obstacle })]),
    ]);
    const standing = { ...world, reviews };
    const next = { ...openStatus(standing, at), ...reviewerStatus(standing, await readStandingFacts(ctx, standing), at), linkedIssues: linkedIssues.length === 0 ? undefined : linkedIssues };
    return writeStatus(ctx, pullRequest, obstacle === undefined ? next : { ...next, ...endedAutoMerge(pullRequest, { at, reason: obstacle }) });
  }

  return {
    evaluate: (ref, cause) => ctx.locks.run(pullLock(ref), () => evaluateLocked(ref, cause)),
    evaluateLocked,
    readWorld,
  };
}

function openStatus(world: PullWorld, now: string): Partial<PullStatus> {
  const { pullRequest, origin, source, target, head, facts, reviews, protection } = world;
  const before = pullRequest.status;
  const blockers = blockerFactsOf(world, protection);
  return {
    phase: 'Open',
    headSha: head,
    baseSha: target,
    mergeBaseSha: facts?.mergeBaseSha,
    behind: facts?.behind,
    sourceExists: origin.state === 'gone' ? false : source !== undefined,
    sourceRepository: sourceRepositoryStatus(world),
    mergeable: source === undefined || facts === undefined ? 'Unknown' : facts.mergeable,
    conflictingFiles: facts === undefined || facts.conflictingFiles.length === 0 ? undefined : [...facts.conflictingFiles],
    ...(before?.checks === undefined ? {} : { checks: blockers.checks }),
    blockers: findBlockers(blockers),
    approvals: blockers.tally.approvedBy.length,
    requiredApprovals: protection.requiredApprovals,
    additions: facts?.additions,
    deletions: facts?.deletions,
    changedFiles: facts?.changedFiles,
    commits: facts?.commits,
    commentCount: commentCount(reviews),
    lastPush: world.lastPush,
    closedAt: undefined,
    closedBy: undefined,
    headUpdatedAt: before?.headSha === head ? (before?.headUpdatedAt ?? now) : now,
  };
}

function sourceRepositoryStatus({ pullRequest: { status }, origin }: PullWorld): PullStatus['sourceRepository'] {
  if (origin.state === 'own') return undefined;
  const uid = origin.repository?.object.metadata.uid ?? status?.sourceRepository?.uid;
  return uid === undefined ? undefined : { uid, exists: origin.state !== 'gone' };
}

/** Who is asked to review and who did, and what CODEOWNERS says. */
function reviewerStatus(world: PullWorld, facts: Awaited<ReturnType<typeof readStandingFacts>>, now: string): Partial<PullStatus> {
  const { pullRequest, reviews, outdated, ownership, protection, lastPush } = world;
  const tally = tallyReviews(reviews, pullRequest, { ...protection, outdated, pusher: lastPush?.by });
  const { reviewers, ownersAsked } = standingsOf({ ...facts, pullRequest, reviews, outdated, tally, now });
  return {
    reviewers: reviewers.length === 0 ? undefined : reviewers,
    ownersAsked: ownersAsked.length === 0 ? undefined : ownersAsked,
    codeOwners: ownership === undefined ? undefined : { path: ownership.change.path, faults: ownership.change.faults.length, missing: [...new Set(missingOwners(world, tally).flat())].slice(0, 200) },
  };
}

/**
 * Who brought the present change. A rebase or a merge of the target that changes nothing else is nobody's change: the one before it stays
 * whose it was.
 */
async function lastPushOf(ctx: ForgeContext, { status }: PullRequestObject, { git, origin, target }: Pick<PullWorld, 'git' | 'origin' | 'target'>): Promise<PullStatus['lastPush']> {
  const before = status?.lastPush;
  const source = origin.tip;
  if (source === undefined || before?.sha === source) return before;
  if (before !== undefined && target !== undefined && (await isSameChange(git, target, { before: before.sha, after: source }))) return { ...before, sha: source };
  const by = sourceMover(ctx, origin, source);
  return { sha: source, ...(by === undefined ? {} : { by }), at: timestampOf(ctx.clock) };
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
  const { organizationRef: org, repository, sourceRepository = repository, sourceBranch, dispatchRun, requesters } = pullRequest.spec;
  if (requesters !== undefined || dispatchRun === undefined) return pullRequest;
  const run = await findRunOf(ctx.resources, { org, repository: sourceRepository, sourceBranch, dispatchRun });
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


async function mergedByPush(ctx: ForgeContext, world: PullWorld): Promise<PullRequestObject> {
  const { pullRequest, target = '', head = '' } = world;
  const mergedBy = ctx.movers.get(moverKey(world.git.path, target)) ?? { kind: 'system' as const, name: 'kradle' };
  await keepPullRefs(world);
  return finishMerge(ctx, pullRequest, {
    headSha: head,
    merge: { method: 'merge', sha: target, mergedBy, mergedAt: timestampOf(ctx.clock), targetBefore: pullRequest.status?.baseSha ?? target },
  });
}

/**
 * `refs/pull/N/head` lets people fetch the change, and keeps its commits when the branch goes. A head that a force push leaves behind is kept
 * out of sight: comments and reviews are about it, and what changed since can be shown.
 */
async function keepPullRefs({ pullRequest, git, source }: PullWorld): Promise<void> {
  const { number } = pullRequest.spec;
  if (source === undefined || number === undefined) return;
  const ref = pullHeadRef(number);
  const kept = await git.objects.resolve(ref);
  if (kept === source) return;
  if (kept !== undefined && !(await isAncestor(git, kept, source))) {
    await updateRef(git, { ref: `${pastHeadRefs(number)}${kept}`, newOid: kept, expectedOid: 'any', reason: 'pull request: head before a force push' });
  }
  await updateRef(git, { ref, newOid: source, expectedOid: 'any', reason: 'pull request: head' });
}

/** The commits that a run's pull request brings are the run's: found by whoever asks where a line comes from. */
async function noteRunOfPull(ctx: ForgeContext, { pullRequest, repository, git, origin, source, facts }: PullWorld): Promise<void> {
  const { dispatchRun } = pullRequest.spec;
  const by = source === undefined ? undefined : sourceMover(ctx, origin, source);
  const before = pullRequest.status?.headSha;
  // What people push to the run's branch is theirs. What nobody knows the pusher of was there when it was opened, from before a restart.
  const isRuns = by === undefined ? before === undefined : by.kind === 'agent';
  if (dispatchRun === undefined || source === undefined || before === source || !isRuns) return;
  await noteRunCommits(ctx, repository, { git, run: by?.name ?? dispatchRun, base: before ?? facts?.mergeBaseSha, head: source });
}

async function dismissStale(ctx: ForgeContext, world: PullWorld, at: string): Promise<readonly ReviewObject[]> {
  const { reviews, protection, source, pullRequest } = world;
  if (!protection.dismissStaleReviews || source === undefined) return reviews;
  const stale = new Set(staleApprovals(reviews, world.outdated));
  const judged: ReviewObject[] = [];
  for (const review of reviews) judged.push(stale.has(review) ? await dismiss(ctx, pullRequest, { review, at }) : review);
  return judged;
}

async function dismiss(ctx: ForgeContext, pullRequest: PullRequestObject, { review, at }: { review: ReviewObject; at: string }): Promise<ReviewObject> {
  const { name } = review.metadata;
  const reason = 'The change is another one since this approval.';
  await notePullEvents(ctx.eventLog, pullRequest, [{ id: `dismissed/${name}`, at, type: 'dismissed', data: { review: name, reason } }]);
  return ctx.resources.mutateStatus(Review, { org: pullRequest.spec.organizationRef, name }, (status) => {
    status.phase = 'Dismissed';
    status.dismissedReason = reason;
    status.dismissedAt = at;
  });
}

async function close(ctx: ForgeContext, pullRequest: PullRequestObject, actor: ActorReference | undefined): Promise<PullRequestObject> {
  if (pullRequest.status?.phase === 'Closed') return writeStatus(ctx, pullRequest, {});
  const at = timestampOf(ctx.clock);
  await notePullEvents(ctx.eventLog, pullRequest, [{ id: `closed/${pullRequest.metadata.generation}`, at, type: 'closed', actor }]);
  return writeStatus(ctx, pullRequest, { phase: 'Closed', closedAt: at, closedBy: actor, blockers: undefined, ...endedAutoMerge(pullRequest, { at, actor, reason: 'It was closed' }) });
}

function endedAutoMerge({ status }: PullRequestObject, how: { at: string; reason: string; actor?: ActorReference | undefined }): Partial<PullStatus> {
  const after = { ...status };
  endAutoMerge(after, how);
  return { autoMerge: undefined, autoMergeEnded: after.autoMergeEnded };
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
