import { z } from 'zod';
import {
  createReleaseInput, deleteAssetInput, deleteReleaseInput, listReleasesInput, releaseNotes, releaseNotesInput, releasePage, releaseParam, releaseView, updateReleaseInput,
} from '#shared/api/releases';
import { router, type RequestContext } from '../../../rpc/trpc';
import { forgeProcedure as procedure } from '../forgeProcedure';
import type { BranchDeps } from '../repositories/branches';
import { openRepository } from '../repositories/openRepository';
import { removeAsset } from './releaseAssets';
import { writeReleaseNotes } from './releaseNotes';
import { createRelease, deleteRelease, getRelease, listReleases, type ReleasePlace, updateRelease } from './releaseVerbs';

const tags = ['Releases'];
const all = '/api/orgs/{org}/repositories/{repository}/releases' as const;
const one = `${all}/{release}` as const;

/** Releases of a repository. Their files go as streams: see `assetEndpoint.ts`. */
export function createReleaseRouter(deps: BranchDeps) {
  const { ctx } = deps;
  const at = (request: RequestContext, { org, repository }: { org: string; repository: string }): ReleasePlace => ({ org, repository, resources: request.resources });
  return router({
    list: procedure
      .meta({ openapi: { method: 'GET', path: all, tags, summary: 'List releases: drafts that you may publish, then the newest first' } })
      .input(listReleasesInput)
      .output(releasePage)
      .query(({ input, ctx: request }) => listReleases(at(request, input), input)),
    get: procedure
      .meta({ openapi: { method: 'GET', path: one, tags, summary: 'Read a release, by its name, its tag, or "latest"' } })
      .input(releaseParam)
      .output(releaseView)
      .query(({ input, ctx: request }) => getRelease(at(request, input), input.release)),
    create: procedure
      .meta({ openapi: { method: 'POST', path: all, tags, summary: 'Create a release, and its tag where there is none' }, successStatus: 201 })
      .input(createReleaseInput)
      .output(releaseView)
      .mutation(({ input, ctx: request }) => createRelease(deps, at(request, input), { actor: request.actor, input })),
    update: procedure
      .meta({ openapi: { method: 'PATCH', path: one, tags, summary: 'Change a release, or publish a draft' } })
      .input(updateReleaseInput)
      .output(releaseView)
      .mutation(({ input, ctx: request }) => updateRelease(deps, at(request, input), { actor: request.actor, input })),
    delete: procedure
      .meta({ openapi: { method: 'DELETE', path: one, tags, summary: 'Delete a release and its files' } })
      .input(deleteReleaseInput)
      .output(z.object({ deleted: z.literal(true), name: z.string() }))
      .mutation(({ input, ctx: request }) => deleteRelease(deps, at(request, input), { actor: request.actor, input })),
    deleteAsset: procedure
      .input(deleteAssetInput)
      .output(releaseView)
      .mutation(({ input, ctx: request }) => removeAsset(ctx, at(request, input), { release: input.release, asset: input.asset })),
    notes: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/repositories/{repository}/release-notes', tags, summary: 'Notes for a release, from the pull requests merged since the tag before it' } })
      .input(releaseNotesInput)
      .output(releaseNotes)
      .query(async ({ input, ctx: request }) => writeReleaseNotes(ctx, await openRepository(ctx, request.resources, { org: input.org, name: input.repository }), input)),
  });
}
