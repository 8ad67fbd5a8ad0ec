import { z } from 'zod';
import { completeCheckInput, mergeInput, pullRequestParam } from '#shared/api/forge';
import { setAutoMergeInput } from '#shared/api/pulls';
import { StatusError } from '#shared/api/status';
import { mergeMethod } from '#shared/kinds/forge/mergeMethod';
import { objectSchema } from '../../../rpc/objectSchema';
import { forgeProcedure as procedure } from '../forgeProcedure';
import type { PullRequestObject } from './pullObjects';
import { cancelAutoMerge, setAutoMerge } from './merging/autoMerge';
import { completeCheck } from './merging/completeCheck';
import { mergePull } from './merging/mergePull';
import type { PullRouterDeps } from './pullRouterDeps';

const tags = ['Pull requests'];
const one = '/api/orgs/{org}/pullrequests/{pr}' as const;
const pullOutput = objectSchema<PullRequestObject>();

/** Merging, now or as soon as it can be, and the checks that it waits for. */
export function createPullMergeProcedures(deps: PullRouterDeps) {
  const { ctx, evaluator } = deps;
  return {
    merge: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/merge`, tags, summary: 'Merge a pull request' } })
      .input(mergeInput)
      .output(z.object({ merged: z.literal(true), sha: z.string(), method: mergeMethod, pullRequest: pullOutput }))
      .mutation(async ({ input, ctx: { resources } }) => {
        const pullRequest = await mergePull(deps, resources, input);
        const merge = pullRequest.status?.merge;
        if (merge === undefined) throw new StatusError('InternalError', `${input.pr} was merged, but its status does not say how`);
        return { merged: true as const, sha: merge.sha, method: merge.method, pullRequest };
      }),
    setAutoMerge: procedure
      .meta({ openapi: { method: 'PUT', path: `${one}/auto-merge`, tags, summary: 'Merge as soon as nothing keeps it from merging' } })
      .input(setAutoMergeInput)
      .output(pullOutput)
      .mutation(({ input, ctx: { resources } }) => setAutoMerge(deps, resources, input)),
    cancelAutoMerge: procedure
      .meta({ openapi: { method: 'DELETE', path: `${one}/auto-merge`, tags, summary: 'Do not merge by itself' } })
      .input(pullRequestParam)
      .output(pullOutput)
      .mutation(({ input, ctx: { resources } }) => cancelAutoMerge(deps, resources, input)),
    completeCheck: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/checks/complete`, tags, summary: 'Tell how a check of the head ended' } })
      .input(completeCheckInput)
      .output(pullOutput)
      .mutation(({ input, ctx: { resources } }) => completeCheck(ctx, evaluator, { resources, input })),
  };
}
