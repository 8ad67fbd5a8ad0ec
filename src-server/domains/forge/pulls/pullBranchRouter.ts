import { z } from 'zod';
import { resolveConflictsInput, revertInput, updateBranchInput } from '#shared/api/pulls';
import { conflictsView } from '#shared/api/pullViews';
import { pullRequestParam } from '#shared/api/forge';
import { objectSchema } from '../../../rpc/objectSchema';
import { forgeProcedure as procedure } from '../forgeProcedure';
import type { PullRequestObject } from './pullObjects';
import type { PullRouterDeps } from './pullRouterDeps';
import { readConflicts, resolveConflicts } from './branches/resolveConflicts';
import { restoreSource } from './branches/restoreSource';
import { revertPull } from './merging/revertPull';
import { updateBranch } from './branches/updateBranch';

const tags = ['Pull requests'];
const one = '/api/orgs/{org}/pullrequests/{pr}' as const;
const pullOutput = objectSchema<PullRequestObject>();
const movedOutput = z.object({ sha: z.string().describe('What the source branch has now.'), pullRequest: pullOutput });

/** What is done to the branches of a pull request. */
export function createPullBranchProcedures(deps: PullRouterDeps) {
  return {
    updateBranch: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/update-branch`, tags, summary: 'Bring the target branch into the source branch' } })
      .input(updateBranchInput)
      .output(movedOutput)
      .mutation(({ input, ctx: { resources } }) => updateBranch(deps, resources, input)),
    conflicts: procedure
      .meta({ openapi: { method: 'GET', path: `${one}/conflicts`, tags, summary: 'What conflicts, and how' } })
      .input(pullRequestParam)
      .output(conflictsView)
      .query(({ input, ctx: { resources } }) => readConflicts(deps, resources, input)),
    resolveConflicts: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/conflicts`, tags, summary: 'Resolve the conflicts by a merge commit on the source branch' } })
      .input(resolveConflictsInput)
      .output(movedOutput)
      .mutation(({ input, ctx: { resources } }) => resolveConflicts(deps, resources, input)),
    revert: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/revert`, tags, summary: 'Take a merged pull request back by a new one' }, successStatus: 201 })
      .input(revertInput)
      .output(pullOutput)
      .mutation(({ input, ctx: { resources } }) => revertPull(deps, resources, input)),
    restoreBranch: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/restore-branch`, tags, summary: 'Make the deleted source branch again' } })
      .input(pullRequestParam)
      .output(z.object({ branch: z.string(), sha: z.string(), pullRequest: pullOutput }))
      .mutation(({ input, ctx: { resources } }) => restoreSource(deps, resources, input)),
  };
}
