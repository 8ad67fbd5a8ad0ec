import { z } from 'zod';
import { addReviewInput, pullRequestParam, resolveThreadInput } from '#shared/api/forge';
import { reviewThread } from '#shared/api/forgeViews';
import { applySuggestionsInput, dismissReviewInput, previewOwnersInput, removeReviewRequestInput, requestReviewInput, savePendingReviewInput, setViewedInput } from '#shared/api/pulls';
import { codeOwnersView, ownersPreview, pendingReviewAnswer, viewedMarks } from '#shared/api/pullViews';
import { StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { ResourceClient } from '../../../resources/resourceClient';
import { objectSchema } from '../../../rpc/objectSchema';
import { forgeProcedure as procedure } from '../forgeProcedure';
import { addReview, resolveThread } from './reviews/addReview';
import { applySuggestions } from './comments/applySuggestions';
import type { PullRequestObject, ReviewObject } from './pullObjects';
import { dismissReview } from './reviews/dismissReview';
import { freshPull, openPull, reviewsOf } from './openPull';
import { discardPending, readPending, savePending } from './reviews/pendingReviews';
import type { PullRouterDeps } from './pullRouterDeps';
import { removeReviewRequest, requestReview } from './reviews/reviewRequests';
import { viewThreads } from './comments/threadViews';
import { previewOwners } from './reviews/previewOwners';
import { viewCodeOwners } from './reviews/viewCodeOwners';
import { readViewed, setViewed } from './reviews/viewedFiles';

const tags = ['Pull requests'];
const one = '/api/orgs/{org}/pullrequests/{pr}' as const;
const pullOutput = objectSchema<PullRequestObject>();
const reviewOutput = objectSchema<ReviewObject>();

/** What reviewers do, and who they are. */
export function createPullReviewProcedures(deps: PullRouterDeps) {
  const { ctx, evaluator } = deps;
  return {
    reviews: procedure
      .meta({ openapi: { method: 'GET', path: `${one}/reviews`, tags, summary: 'List reviews and conversations' } })
      .input(pullRequestParam)
      .output(z.object({ items: z.array(reviewOutput), threads: z.array(reviewThread) }))
      .query(async ({ input, ctx: request }) => {
        const { pullRequest, git } = await openPull(deps, request, input);
        const items = await reviewsOf(ctx, pullRequest);
        const { headSha: head, baseSha } = pullRequest.status ?? {};
        const diff = git === undefined || head === undefined || baseSha === undefined ? undefined : { git, head, base: baseSha, facts: await deps.facts.read(git, baseSha, head) };
        return { items, threads: await viewThreads(items, diff) };
      }),
    addReview: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/reviews`, tags, summary: 'Approve, ask for changes, or comment' }, successStatus: 201 })
      .input(addReviewInput)
      .output(reviewOutput)
      .mutation(({ input, ctx: { resources } }) => addReview(deps, resources, input)),
    resolveThread: procedure.input(resolveThreadInput).mutation(async ({ input, ctx: { resources } }): Promise<{ resolved: boolean }> => {
      await resolveThread(ctx, evaluator, { resources, input });
      return { resolved: input.resolved };
    }),
    dismissReview: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/reviews/{review}/dismiss`, tags, summary: 'Dismiss a review' } })
      .input(dismissReviewInput)
      .output(reviewOutput)
      .mutation(({ input, ctx: { resources } }) => dismissReview(deps, resources, input)),
    applySuggestions: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/suggestions`, tags, summary: 'Commit the suggestions of comments' } })
      .input(applySuggestionsInput)
      .output(z.object({ sha: z.string(), applied: z.array(z.string()), pullRequest: pullOutput }))
      .mutation(({ input, ctx: { resources } }) => applySuggestions(deps, resources, input)),
    requestReview: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/review-requests`, tags, summary: 'Ask for reviews, or for another look' } })
      .input(requestReviewInput)
      .output(pullOutput)
      .mutation(({ input, ctx: { resources } }) => requestReview(deps, resources, input)),
    removeReviewRequest: procedure
      .meta({ openapi: { method: 'DELETE', path: `${one}/review-requests`, tags, summary: 'Ask somebody no longer' } })
      .input(removeReviewRequestInput)
      .output(pullOutput)
      .mutation(({ input, ctx: { resources } }) => removeReviewRequest(deps, resources, input)),
    codeOwners: procedure
      .meta({ openapi: { method: 'GET', path: `${one}/code-owners`, tags, summary: 'Who owns the changed files' } })
      .input(pullRequestParam)
      .output(codeOwnersView)
      .query(async ({ input, ctx: request }) => {
        const world = await deps.evaluator.readWorld(await freshPull(deps, request, input));
        if (world === undefined) throw new StatusError('Conflict', 'The repository is not ready', { code: 'REPOSITORY_NOT_READY' });
        return viewCodeOwners(world);
      }),
    previewOwners: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/repositories/{repository}/code-owners', tags, summary: 'Who would own the files that a pull request changes' } })
      .input(previewOwnersInput)
      .output(ownersPreview)
      .query(({ input, ctx: request }) => previewOwners(deps, request.resources, input)),
    viewed: procedure
      .meta({ openapi: { method: 'GET', path: `${one}/viewed`, tags, summary: 'Files that you have looked at' } })
      .input(pullRequestParam)
      .output(viewedMarks)
      .query(async ({ input, ctx: request }) => readViewed(ctx, request.resources, await openPull(deps, request, input))),
    setViewed: procedure
      .meta({ openapi: { method: 'PUT', path: `${one}/viewed`, tags, summary: 'Mark a file as looked at, or not' } })
      .input(setViewedInput)
      .output(viewedMarks)
      .mutation(async ({ input, ctx: request }) => setViewed(ctx, request.resources, { open: await openPull(deps, request, input), input })),
    pendingReview: procedure
      .meta({ openapi: { method: 'GET', path: `${one}/pending-review`, tags, summary: 'Your review that is not submitted yet' } })
      .input(pullRequestParam)
      .output(pendingReviewAnswer)
      .query(async ({ input, ctx: { resources } }) => ({ review: await readPending(deps, resources, await findPull(resources, input)) })),
    savePendingReview: procedure
      .meta({ openapi: { method: 'PUT', path: `${one}/pending-review`, tags, summary: 'Keep a review that is not submitted yet' } })
      .input(savePendingReviewInput)
      .output(pendingReviewAnswer)
      .mutation(async ({ input, ctx: { resources } }) => ({ review: await savePending(deps, resources, { pullRequest: await findPull(resources, input), input }) })),
    discardPendingReview: procedure
      .meta({ openapi: { method: 'DELETE', path: `${one}/pending-review`, tags, summary: 'Throw away a review that is not submitted yet' } })
      .input(pullRequestParam)
      .output(z.object({ discarded: z.boolean() }))
      .mutation(async ({ input, ctx: { resources } }) => ({ discarded: await discardPending(ctx, resources, await findPull(resources, input)) })),
  };
}

function findPull(resources: ResourceClient, { org, pr }: { org: string; pr: string }): Promise<PullRequestObject> {
  return resources.get(PullRequest, { org, name: pr });
}
