import { z } from 'zod';
import { addReviewInput, completeCheckInput, createPullRequestInput, mergeInput, pullRequestDiffInput, pullRequestParam, resolveThreadInput, updatePullRequestInput } from '#shared/api/forge';
import { pullCounts, reviewThread, timelineEntry } from '#shared/api/forgeViews';
import { commitPage, diffView, type DiffView } from '#shared/api/git';
import { listMeta } from '#shared/api/paging';
import { StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { Review } from '#shared/kinds/forge/review';
import { objectSchema } from '../../../rpc/objectSchema';
import { router, type RequestContext } from '../../../rpc/trpc';
import { readDiffPage } from '../diffPage';
import type { ForgeContext } from '../forgeContext';
import { forgeProcedure as procedure } from '../forgeProcedure';
import { listCommits } from '../git/commits';
import type { GitRepository } from '../git/gitRepositories';
import { toCommitView } from '../gitViews';
import type { RefsMoved } from '../refsMoved';
import { openRepository } from '../repositories/openRepository';
import { addReview, resolveThread } from './addReview';
import { bySubmission, type PullRequestObject, type ReviewObject } from './approvals';
import { completeCheck } from './completeCheck';
import { createPull } from './createPull';
import type { PullEvaluator } from './evaluatePull';
import { listPulls, listPullsInput } from './listPulls';
import { mergePull } from './mergePull';
import type { PullFactsReader } from './pullFacts';
import { viewThreads } from './threadViews';
import { readTimeline } from './timeline';
import { updatePull } from './updatePull';

export interface PullRouterDeps {
  readonly ctx: ForgeContext;
  readonly evaluator: PullEvaluator;
  readonly facts: PullFactsReader;
  readonly refsMoved: RefsMoved;
}

const tags = ['Pull requests'];
const base = '/api/orgs/{org}/pullrequests' as const;
const pullOutput = objectSchema<PullRequestObject>();
const commitsInput = pullRequestParam.extend({ limit: z.coerce.number().int().min(1).max(500).default(250), continue: z.string().max(4096).optional() });

/** Everything that people and agents do with pull requests. */
export function createPullRouter(deps: PullRouterDeps) {
  const { ctx, evaluator } = deps;
  return router({
    create: procedure
      .meta({ openapi: { method: 'POST', path: base, tags, summary: 'Open a pull request' }, successStatus: 201 })
      .input(createPullRequestInput)
      .output(pullOutput)
      .mutation(({ input, ctx: { resources } }) => createPull(ctx, evaluator, { resources, input })),
    list: procedure
      .meta({ openapi: { method: 'GET', path: base, tags, summary: 'List pull requests' } })
      .input(listPullsInput)
      .output(z.object({ items: z.array(pullOutput), metadata: listMeta, counts: pullCounts }))
      .query(({ input, ctx: { resources } }) => listPulls(resources, input)),
    get: procedure
      .meta({ openapi: { method: 'GET', path: `${base}/{pr}`, tags, summary: 'Read a pull request, its status up to date' } })
      .input(pullRequestParam)
      .output(pullOutput)
      .query(({ input, ctx: request }) => freshPull(deps, request, input)),
    update: procedure
      .meta({ openapi: { method: 'PATCH', path: `${base}/{pr}`, tags, summary: 'Edit, close or reopen a pull request' } })
      .input(updatePullRequestInput)
      .output(pullOutput)
      .mutation(({ input, ctx: { resources } }) => updatePull(ctx, evaluator, { resources, input })),
    diff: procedure
      .meta({ openapi: { method: 'GET', path: `${base}/{pr}/diff`, tags, summary: 'Read the changes of a pull request' } })
      .input(pullRequestDiffInput)
      .output(diffView)
      .query(async ({ input, ctx: request }) => readPullDiff(await openPull(deps, request, input), { ...input, signal: request.signal })),
    commits: procedure
      .meta({ openapi: { method: 'GET', path: `${base}/{pr}/commits`, tags, summary: 'List the commits of a pull request' } })
      .input(commitsInput)
      .output(commitPage)
      .query(async ({ input, ctx: request }) => {
        const { git, ends } = await openPull(deps, request, input);
        if (git === undefined || ends === undefined) return { items: [] };
        const page = await listCommits(git, {
          head: ends.head,
          ...(ends.base === undefined ? {} : { exclude: ends.base }),
          limit: input.limit,
          ...(input.continue === undefined ? {} : { cursor: input.continue }),
          signal: request.signal,
        });
        return { items: page.items.map(toCommitView), ...(page.nextCursor === undefined ? {} : { continue: page.nextCursor }) };
      }),
    reviews: procedure
      .meta({ openapi: { method: 'GET', path: `${base}/{pr}/reviews`, tags, summary: 'List reviews and conversations' } })
      .input(pullRequestParam)
      .output(z.object({ items: z.array(objectSchema<ReviewObject>()), threads: z.array(reviewThread) }))
      .query(async ({ input, ctx: request }) => {
        const { pullRequest, git } = await openPull(deps, request, input);
        const items = await reviewsOf(deps, pullRequest);
        const { headSha: head, baseSha } = pullRequest.status ?? {};
        const diff = git === undefined || head === undefined || baseSha === undefined ? undefined : { git, head, base: baseSha, facts: await deps.facts.read(git, baseSha, head) };
        return { items, threads: await viewThreads(items, diff) };
      }),
    addReview: procedure
      .meta({ openapi: { method: 'POST', path: `${base}/{pr}/reviews`, tags, summary: 'Approve, ask for changes, or comment' }, successStatus: 201 })
      .input(addReviewInput)
      .output(objectSchema<ReviewObject>())
      .mutation(({ input, ctx: { resources } }) => addReview(ctx, evaluator, { resources, input })),
    resolveThread: procedure.input(resolveThreadInput).mutation(async ({ input, ctx: { resources } }): Promise<{ resolved: boolean }> => {
      await resolveThread(ctx, evaluator, { resources, input });
      return { resolved: input.resolved };
    }),
    merge: procedure
      .meta({ openapi: { method: 'POST', path: `${base}/{pr}/merge`, tags, summary: 'Merge a pull request' } })
      .input(mergeInput)
      .output(z.object({ merged: z.literal(true), sha: z.string(), method: z.enum(['merge', 'squash', 'rebase']), pullRequest: pullOutput }))
      .mutation(async ({ input, ctx: { resources } }) => {
        const pullRequest = await mergePull(deps, resources, input);
        const merge = pullRequest.status?.merge;
        if (merge === undefined) throw new StatusError('InternalError', `${input.pr} was merged, but its status does not say how`);
        return { merged: true as const, sha: merge.sha, method: merge.method, pullRequest };
      }),
    completeCheck: procedure
      .meta({ openapi: { method: 'POST', path: `${base}/{pr}/checks/complete`, tags, summary: 'Tell how a check of the head ended' } })
      .input(completeCheckInput)
      .output(pullOutput)
      .mutation(({ input, ctx: { resources } }) => completeCheck(ctx, evaluator, { resources, input })),
    timeline: procedure
      .meta({ openapi: { method: 'GET', path: `${base}/{pr}/timeline`, tags, summary: 'What happened to a pull request' } })
      .input(pullRequestParam)
      .output(z.object({ items: z.array(timelineEntry) }))
      .query(async ({ input, ctx: request }) => {
        const { pullRequest, git } = await openPull(deps, request, input);
        return { items: await readTimeline(ctx.eventLog, pullRequest, { reviews: await reviewsOf(deps, pullRequest), git }) };
      }),
  });
}

async function freshPull(deps: PullRouterDeps, request: RequestContext, input: { org: string; pr: string }): Promise<PullRequestObject> {
  const ref = { org: input.org, name: input.pr };
  const found = await request.resources.get(PullRequest, ref);
  return (await deps.evaluator.evaluate(ref)) ?? found;
}

/** A pull request as the actor may see it, and the two commits that its change lies between. */
interface OpenPull {
  readonly pullRequest: PullRequestObject;
  /** Undefined while the repository has no bytes. */
  readonly git: GitRepository | undefined;
  /** Undefined while nothing is known of the change. `base` is undefined where the histories have nothing in common. */
  readonly ends: { readonly base: string | undefined; readonly head: string } | undefined;
}

async function openPull(deps: PullRouterDeps, request: RequestContext, input: { org: string; pr: string }): Promise<OpenPull> {
  const pullRequest = await freshPull(deps, request, input);
  const { headSha, mergeBaseSha } = pullRequest.status ?? {};
  const repository = await request.resources.find(Repository, { org: input.org, name: pullRequest.spec.repository });
  if (repository?.status?.phase !== 'Ready') return { pullRequest, git: undefined, ends: undefined };
  const { git } = await openRepository(deps.ctx, request.resources, { org: input.org, name: pullRequest.spec.repository });
  return { pullRequest, git, ends: headSha === undefined ? undefined : { base: mergeBaseSha, head: headSha } };
}

async function readPullDiff({ pullRequest, git, ends }: OpenPull, opts: { path?: string | undefined; after?: string | undefined; signal: AbortSignal }): Promise<DiffView> {
  if (git === undefined || ends === undefined) throw new StatusError('Conflict', `The change of ${pullRequest.metadata.name} cannot be read now: its repository or branch is not there`, { code: 'REPOSITORY_NOT_READY' });
  const { base, head } = ends;
  return readDiffPage(git, {
    base,
    head,
    ...(pullRequest.status?.baseSha === undefined ? {} : { baseSha: pullRequest.status.baseSha }),
    ...(base === undefined ? {} : { mergeBaseSha: base }),
    path: opts.path,
    after: opts.after,
    signal: opts.signal,
  });
}

async function reviewsOf(deps: PullRouterDeps, pullRequest: PullRequestObject): Promise<ReviewObject[]> {
  const { items } = await deps.ctx.resources.list(Review, { org: pullRequest.spec.organizationRef, fieldSelector: `spec.pullRequest=${pullRequest.metadata.name}` });
  return items.sort(bySubmission);
}
