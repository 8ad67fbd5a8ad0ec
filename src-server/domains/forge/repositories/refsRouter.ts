import { z } from 'zod';
import { branchesInput, createBranchInput, createTagInput, deleteBranchInput, deletedBranch, deleteTagInput, refsInput, restoreBranchInput } from '#shared/api/code';
import { repositoryParam } from '#shared/api/forge';
import { gitBranch, gitTag } from '#shared/api/git';
import { router, type RequestContext } from '../../../rpc/trpc';
import { forgeProcedure as procedure } from '../forgeProcedure';
import { addBranch, type BranchDeps, listBranches, listDeleted, removeBranch, restoreBranch } from './branches';
import { openRepository } from './openRepository';
import { addTag, listTags, removeTag } from './tags';

const tags = ['Repositories'];
const one = '/api/orgs/{org}/repositories/{repository}' as const;
const refOutput = z.object({ name: z.string(), sha: z.string() });
const deletedOutput = refOutput.extend({ deleted: z.literal(true) });

/** Branches and tags: seen, made, deleted, and brought back. */
export function createRefsRouter(deps: BranchDeps) {
  const open = (request: RequestContext, input: { org: string; repository: string }) => openRepository(deps.ctx, request.resources, { org: input.org, name: input.repository });
  const on = <const TMethod extends 'GET' | 'POST' | 'DELETE', const TPath extends string>(method: TMethod, path: TPath, summary: string) => ({ openapi: { method, path: `${one}${path}` as `/${string}`, tags, summary } });
  return router({
    branches: procedure
      .meta(on('GET', '/branches', 'List branches'))
      .input(branchesInput)
      .output(z.object({ items: z.array(gitBranch), total: z.number().int(), continue: z.string().optional() }))
      .query(async ({ input, ctx: request }) => listBranches(deps.ctx, await open(request, input), { actor: request.actor, input })),
    deletedBranches: procedure
      .meta(on('GET', '/deleted-branches', 'List the branches that were deleted in the last 90 days'))
      .input(repositoryParam)
      .output(z.object({ items: z.array(deletedBranch) }))
      .query(async ({ input, ctx: request }) => listDeleted(await open(request, input))),
    createBranch: procedure
      .meta({ ...on('POST', '/branches', 'Create a branch'), successStatus: 201 })
      .input(createBranchInput)
      .output(refOutput)
      .mutation(async ({ input, ctx: request }) => addBranch(deps, await open(request, input), { actor: request.actor, input })),
    deleteBranch: procedure
      .meta(on('DELETE', '/branches', 'Delete a branch'))
      .input(deleteBranchInput)
      .output(deletedOutput)
      .mutation(async ({ input, ctx: request }) => removeBranch(deps, await open(request, input), { actor: request.actor, input })),
    restoreBranch: procedure
      .meta({ ...on('POST', '/deleted-branches', 'Bring a deleted branch back'), successStatus: 201 })
      .input(restoreBranchInput)
      .output(refOutput)
      .mutation(async ({ input, ctx: request }) => restoreBranch(deps, await open(request, input), { actor: request.actor, input })),
    tags: procedure
      .meta(on('GET', '/tags', 'List tags'))
      .input(refsInput)
      .output(z.object({ items: z.array(gitTag), total: z.number().int(), continue: z.string().optional() }))
      .query(async ({ input, ctx: request }) => listTags(await open(request, input), input)),
    createTag: procedure
      .meta({ ...on('POST', '/tags', 'Create a tag'), successStatus: 201 })
      .input(createTagInput)
      .output(refOutput)
      .mutation(async ({ input, ctx: request }) => addTag(deps, await open(request, input), { actor: request.actor, input })),
    deleteTag: procedure
      .meta(on('DELETE', '/tags', 'Delete a tag'))
      .input(deleteTagInput)
      .output(deletedOutput)
      .mutation(async ({ input, ctx: request }) => removeTag(deps, await open(request, input), { actor: request.actor, input })),
  });
}
