import { z } from 'zod';
import {
  blobInput, commitInput, commitsInput, compareInput, createBranchInput, createRepositoryInput, deleteBranchInput, deleteRepositoryInput, filesInput, lastCommitsInput, refsInput, repositoryParam, searchInput, treeInput,
} from '#shared/api/forge';
import { blameLine, blobView, commitPage, diffView, gitBranch, gitCommit, gitTag, lastCommits, searchHit, treePage } from '#shared/api/git';
import { listMeta, listParams, orgParam } from '#shared/api/paging';
import { Repository } from '#shared/kinds/forge/repository';
import { objectSchema } from '../../../rpc/objectSchema';
import { router, type RequestContext } from '../../../rpc/trpc';
import { forgeProcedure as procedure } from '../forgeProcedure';
import { countCommits } from '../git/commits';
import { createProvenanceProcedure } from '../pulls/provenanceProcedure';
import type { PullFactsReader } from '../pulls/pullFacts';
import { addBranch, listBranches, listTags, removeBranch } from './branches';
import { createRepository, type CreateRepositoryDeps } from './createRepository';
import { languageOf } from './language';
import { openRepository, type RepositoryObject, resolveRef } from './openRepository';
import { compareRevisions, readBlame, readCommitDiff, readFile, readHistory, readLastCommits, readPaths, readTree, searchFiles } from './readCode';

export interface RepositoryRouterDeps extends CreateRepositoryDeps {
  readonly facts: PullFactsReader;
}

const tags = ['Repositories'];
const all = '/api/orgs/{org}/repositories' as const;
const one = `${all}/{repository}` as const;
const repositoryOutput = objectSchema<RepositoryObject>();
const branchOutput = z.object({ name: z.string(), sha: z.string() });

/** Everything that people and agents do with repositories and the code in them. */
export function createRepositoryRouter(deps: RepositoryRouterDeps) {
  const { ctx } = deps;
  const open = (request: RequestContext, input: { org: string; repository: string }) => openRepository(ctx, request.resources, { org: input.org, name: input.repository });
  const get = <const TPath extends string>(path: TPath, summary: string) => ({ openapi: { method: 'GET' as const, path: `${one}${path}` as `/${string}`, tags, summary } });

  return router({
    create: procedure
      .meta({ openapi: { method: 'POST', path: all, tags, summary: 'Create a repository, empty or from an import' }, successStatus: 201 })
      .input(createRepositoryInput)
      .output(z.object({ repository: repositoryOutput }))
      .mutation(async ({ input, ctx: { resources } }) => ({ repository: await createRepository(deps, resources, input) })),
    list: procedure
      .meta({ openapi: { method: 'GET', path: all, tags, summary: 'List repositories' } })
      .input(orgParam.extend(listParams.shape))
      .output(z.object({ items: z.array(repositoryOutput), metadata: listMeta }))
      .query(({ input, ctx: { resources, signal } }) => resources.list(Repository, { ...input, limit: input.limit ?? 500, signal })),
    get: procedure
      .meta(get('', 'Read a repository'))
      .input(repositoryParam)
      .output(repositoryOutput)
      .query(({ input, ctx: { resources } }) => resources.get(Repository, { org: input.org, name: input.repository })),
    delete: procedure
      .meta({ openapi: { method: 'DELETE', path: one, tags, summary: 'Delete a repository, its bytes and its pull requests' } })
      .input(deleteRepositoryInput)
      .output(z.object({ deleted: z.literal(true), name: z.string() }))
      .mutation(async ({ input, ctx: { resources } }) => {
        const { org, repository: name, resourceVersion } = input;
        await resources.delete(Repository, { org, name }, resourceVersion === undefined ? {} : { expectedResourceVersion: resourceVersion });
        return { deleted: true as const, name: input.repository };
      }),

    tree: procedure.meta(get('/tree', 'List a directory')).input(treeInput).output(treePage).query(async ({ input, ctx: request }) => readTree(await open(request, input), input)),
    lastCommits: procedure
      .meta(get('/last-commits', 'The last commit of each entry of a directory'))
      .input(lastCommitsInput)
      .output(lastCommits)
      .query(async ({ input, ctx: request }) => readLastCommits(await open(request, input), input)),
    blob: procedure.meta(get('/blob', 'Read a file')).input(blobInput).output(blobView).query(async ({ input, ctx: request }) => readFile(await open(request, input), input)),
    commits: procedure
      .meta(get('/commits', 'List commits, of a path if one is given'))
      .input(commitsInput)
      .output(commitPage)
      .query(async ({ input, ctx: request }) => readHistory(await open(request, input), input, request.signal)),
    commit: procedure
      .meta(get('/commits/{sha}', 'Read a commit and its changes'))
      .input(commitInput)
      .output(z.object({ commit: gitCommit, diff: diffView }))
      .query(async ({ input, ctx: request }) => readCommitDiff(await open(request, input), input.sha, request.signal)),
    compare: procedure
      .meta(get('/compare', 'What merging head into base would bring'))
      .input(compareInput)
      .output(z.object({ commits: commitPage, diff: diffView, mergeBaseSha: z.string().optional(), mergeable: z.enum(['Mergeable', 'Conflicting']), conflictingFiles: z.array(z.string()) }))
      .query(async ({ input, ctx: request }) => compareRevisions(await open(request, input), deps.facts, { input, signal: request.signal })),
    branches: procedure
      .meta(get('/branches', 'List branches'))
      .input(refsInput)
      .output(z.object({ items: z.array(gitBranch), total: z.number().int() }))
      .query(async ({ input, ctx: request }) => listBranches(ctx, await open(request, input), input)),
    tags: procedure
      .meta(get('/tags', 'List tags'))
      .input(refsInput)
      .output(z.object({ items: z.array(gitTag), total: z.number().int() }))
      .query(async ({ input, ctx: request }) => listTags(await open(request, input), input)),
    files: procedure
      .meta(get('/files', 'List the paths of all files'))
      .input(filesInput)
      .output(z.object({ sha: z.string(), paths: z.array(z.string()), truncated: z.boolean() }))
      .query(async ({ input, ctx: request }) => readPaths(await open(request, input), input, request.signal)),
    search: procedure
      .meta(get('/search', 'Search the text of files'))
      .input(searchInput)
      .output(z.object({ items: z.array(searchHit), truncated: z.boolean() }))
      .query(async ({ input, ctx: request }) => searchFiles(await open(request, input), input, request.signal)),
    blame: procedure
      .meta(get('/blame', 'Who wrote each line of a file'))
      .input(blobInput)
      .output(z.object({ commit: gitCommit, lines: z.array(blameLine) }))
      .query(async ({ input, ctx: request }) => readBlame(await open(request, input), input, request.signal)),
    provenance: createProvenanceProcedure(ctx),
    createBranch: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/branches`, tags, summary: 'Create a branch' }, successStatus: 201 })
      .input(createBranchInput)
      .output(branchOutput)
      .mutation(async ({ input, ctx: request }) => addBranch(deps, await open(request, input), { actor: request.actor, input })),
    deleteBranch: procedure
      .meta({ openapi: { method: 'DELETE', path: `${one}/branches`, tags, summary: 'Delete a branch' } })
      .input(deleteBranchInput)
      .output(branchOutput.extend({ deleted: z.literal(true) }))
      .mutation(async ({ input, ctx: request }) => removeBranch(deps, await open(request, input), { actor: request.actor, input })),
    stats: procedure
      .meta(get('/stats', 'Number of commits and languages of the default branch'))
      .input(filesInput)
      .output(z.object({ commitCount: z.number().int(), languages: z.array(z.object({ name: z.string(), files: z.number().int() })) }))
      .query(async ({ input, ctx: request }) => {
        const repository = await open(request, input);
        const { sha } = await resolveRef(repository, input.ref);
        const [commitCount, { paths }] = await Promise.all([countCommits(repository.git, sha), readPaths(repository, input, request.signal)]);
        return { commitCount, languages: countLanguages(paths) };
      }),
  });
}

/** By number of files, most first; at most ten. */
function countLanguages(paths: readonly string[]): { name: string; files: number }[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const name = languageOf(path, undefined);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, files]) => ({ name, files })).sort((left, right) => right.files - left.files || left.name.localeCompare(right.name)).slice(0, 10);
}
