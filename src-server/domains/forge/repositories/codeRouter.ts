import { z } from 'zod';
import {
  blameInput, blameView, blobInput, commitDiff, commitFilesInput, commitFilesResult, commitInput, commitRefs, commitRefsInput, commitsInput, compareInput, contributorsView, filesInput, lastCommitsInput, searchInput, treeInput,
} from '#shared/api/code';
import { blobView, commitPage, diffView, lastCommits, searchHit, treePage } from '#shared/api/git';
import { router, type RequestContext } from '../../../rpc/trpc';
import { forgeProcedure as procedure } from '../forgeProcedure';
import type { PullFactsReader } from '../pulls/pullFacts';
import type { BranchDeps } from './branches';
import { commitFiles } from './commitFiles';
import { compareRevisions } from './compareRevisions';
import { openRepository } from './openRepository';
import { readBlame, readCommitDiff, readCommitRefs, readFile, readHistory, readLastCommits, readPaths, readTree, searchFiles } from './readCode';
import { readContributors, readStats } from './readStats';

export interface CodeRouterDeps extends BranchDeps {
  readonly facts: PullFactsReader;
}

const tags = ['Repositories'];
const one = '/api/orgs/{org}/repositories/{repository}' as const;

/** Reading code and its history, and changing files without a clone. */
export function createCodeRouter(deps: CodeRouterDeps) {
  const { ctx } = deps;
  const open = (request: RequestContext, input: { org: string; repository: string }) => openRepository(ctx, request.resources, { org: input.org, name: input.repository });
  const get = <const TPath extends string>(path: TPath, summary: string) => ({ openapi: { method: 'GET' as const, path: `${one}${path}` as `/${string}`, tags, summary } });

  return router({
    tree: procedure.meta(get('/tree', 'List a directory')).input(treeInput).output(treePage).query(async ({ input, ctx: request }) => readTree(await open(request, input), input)),
    lastCommits: procedure
      .meta(get('/last-commits', 'The last commit of each entry of a directory'))
      .input(lastCommitsInput)
      .output(lastCommits)
      .query(async ({ input, ctx: request }) => readLastCommits(await open(request, input), input)),
    blob: procedure.meta(get('/blob', 'Read a file')).input(blobInput).output(blobView).query(async ({ input, ctx: request }) => readFile(ctx, await open(request, input), input)),
    commits: procedure
      .meta(get('/commits', 'List commits, of a path if one is given'))
      .input(commitsInput)
      .output(commitPage)
      .query(async ({ input, ctx: request }) => readHistory(await open(request, input), input, request.signal)),
    commit: procedure
      .meta(get('/commits/{sha}', 'Read a commit and its changes'))
      .input(commitInput)
      .output(commitDiff)
      .query(async ({ input, ctx: request }) => readCommitDiff(await open(request, input), input, request.signal)),
    commitRefs: procedure
      .meta(get('/commits/{sha}/refs', 'The branches and tags that contain a commit, and the commit after it'))
      .input(commitRefsInput)
      .output(commitRefs)
      .query(async ({ input, ctx: request }) => readCommitRefs(await open(request, input), input, request.signal)),
    compare: procedure
      .meta(get('/compare', 'What merging head into base would bring, or what differs between the two'))
      .input(compareInput)
      .output(z.object({ commits: commitPage, diff: diffView, mergeBaseSha: z.string().optional(), mergeable: z.enum(['Mergeable', 'Conflicting']), conflictingFiles: z.array(z.string()), ahead: z.number().int(), behind: z.number().int() }))
      .query(async ({ input, ctx: request }) => {
        const { org, headRepository: repository = input.repository } = input;
        const headRepository = repository === input.repository ? undefined : await open(request, { org, repository });
        return compareRevisions(await open(request, input), deps.facts, { input, headRepository, signal: request.signal });
      }),
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
      .input(blameInput)
      .output(blameView)
      .query(async ({ input, ctx: request }) => readBlame(await open(request, input), input)),
    stats: procedure
      .meta(get('/stats', 'Number of commits, and languages by number of files'))
      .input(filesInput)
      .output(z.object({ commitCount: z.number().int(), languages: z.array(z.object({ name: z.string(), files: z.number().int() })) }))
      .query(async ({ input, ctx: request }) => readStats(await open(request, input), input, request.signal)),
    contributors: procedure
      .meta(get('/contributors', 'Who wrote how many commits'))
      .input(filesInput)
      .output(contributorsView)
      .query(async ({ input, ctx: request }) => readContributors(await open(request, input), input, request.signal)),
    commitFiles: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/files`, tags, summary: 'Commit changed files to a branch, or to a new one' }, successStatus: 201 })
      .input(commitFilesInput)
      .output(commitFilesResult)
      .mutation(async ({ input, ctx: request }) => commitFiles(deps, await open(request, input), { actor: request.actor, input })),
  });
}
