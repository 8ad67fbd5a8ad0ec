import { z } from 'zod';
import { createPullRequestInput, pullRequestDiffInput, pullRequestParam, updatePullRequestInput } from '#shared/api/forge';
import { pullCounts, timelineEntry } from '#shared/api/forgeViews';
import { commitPage, diffView } from '#shared/api/git';
import { listMeta } from '#shared/api/paging';
import { objectSchema } from '../../../rpc/objectSchema';
import { router } from '../../../rpc/trpc';
import { forgeProcedure as procedure } from '../forgeProcedure';
import { listCommits } from '../git/history/commits';
import { toCommitView } from '../views/gitViews';
import type { PullRequestObject } from './pullObjects';
import { createPull } from './createPull';
import { listPulls, listPullsInput } from './listPulls';
import { freshPull, openPull, reviewsOf } from './openPull';
import { createPullBranchProcedures } from './pullBranchRouter';
import { readPullDiff } from './pullDiff';
import { createPullMergeProcedures } from './pullMergeRouter';
import { createPullReviewProcedures } from './pullReviewRouter';
import type { PullRouterDeps } from './pullRouterDeps';
import { readTimeline } from './timeline';
import { updatePull } from './updatePull';

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
      .meta({ openapi: { method: 'PATCH', path: `${base}/{pr}`, tags, summary: 'Edit, retarget, close or reopen a pull request; mark it as draft or ready' } })
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
    timeline: procedure
      .meta({ openapi: { method: 'GET', path: `${base}/{pr}/timeline`, tags, summary: 'What happened to a pull request' } })
      .input(pullRequestParam)
      .output(z.object({ items: z.array(timelineEntry) }))
      .query(async ({ input, ctx: request }) => {
        const { pullRequest, git } = await openPull(deps, request, input);
        return { items: await readTimeline(ctx.eventLog, pullRequest, { reviews: await reviewsOf(ctx, pullRequest), git }) };
      }),
    ...createPullReviewProcedures(deps),
    ...createPullMergeProcedures(deps),
    ...createPullBranchProcedures(deps),
  });
}
