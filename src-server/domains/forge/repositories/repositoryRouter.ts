import { z } from 'zod';
import { createRepositoryInput, deleteRepositoryInput, repositoryParam } from '#shared/api/forge';
import { listMeta, listParams, orgParam } from '#shared/api/paging';
import { Repository } from '#shared/kinds/forge/repository';
import { objectSchema } from '../../../rpc/objectSchema';
import { mergeRouters, router } from '../../../rpc/trpc';
import { forgeProcedure as procedure } from '../forgeProcedure';
import { createProvenanceProcedure } from '../pulls/links/provenanceProcedure';
import { createSignatureProcedures } from '../signatures/signatureProcedures';
import type { PullFactsReader } from '../pulls/pullFacts';
import { createCodeRouter } from './codeRouter';
import { createRepository, type CreateRepositoryDeps } from './createRepository';
import type { RepositoryObject } from './openRepository';
import { createRefsRouter } from './refsRouter';

export interface RepositoryRouterDeps extends CreateRepositoryDeps {
  readonly facts: PullFactsReader;
}

const tags = ['Repositories'];
const all = '/api/orgs/{org}/repositories' as const;
const one = `${all}/{repository}` as const;
const repositoryOutput = objectSchema<RepositoryObject>();

/** Everything that people and agents do with repositories and the code in them. */
export function createRepositoryRouter(deps: RepositoryRouterDeps) {
  const get = <const TPath extends string>(path: TPath, summary: string) => ({ openapi: { method: 'GET' as const, path: `${one}${path}` as `/${string}`, tags, summary } });

  const own = router({
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
    provenance: createProvenanceProcedure(deps.ctx),
    ...createSignatureProcedures(deps.ctx),
  });
  return mergeRouters(own, createCodeRouter(deps), createRefsRouter(deps));
}
