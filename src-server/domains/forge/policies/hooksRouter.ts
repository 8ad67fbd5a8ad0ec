import { repositoryParam } from '#shared/api/forge';
import { hooksOutput, rulesInput, rulesOutput } from '#shared/api/pushPolicies';
import { router, type RequestContext } from '../../../rpc/trpc';
import type { ForgeContext } from '../forgeContext';
import { forgeProcedure as procedure } from '../forgeProcedure';
import { openRepository } from '../repositories/openRepository';
import { evaluateRules } from './evaluateRules';
import { listHooks } from './listHooks';

const tags = ['Repositories'];
const one = '/api/orgs/{org}/repositories/{repository}' as const;

/** What decides about pushes and merges of a repository. */
export function createHooksRouter(ctx: ForgeContext) {
  const open = (request: RequestContext, input: { org: string; repository: string }) => openRepository(ctx, request.resources, { org: input.org, name: input.repository });
  return router({
    list: procedure
      .meta({ openapi: { method: 'GET', path: `${one}/hooks`, tags, summary: 'Everything that affects a push or a merge, in the order in which it is asked' } })
      .input(repositoryParam)
      .output(hooksOutput)
      .query(async ({ input, ctx: request }) => ({ items: await listHooks(ctx.resources, request.resources, await open(request, input)) })),
    evaluate: procedure
      .meta({ openapi: { method: 'GET', path: `${one}/rules`, tags, summary: 'The rules of a reference, each with its source, and what would become of a change of it' } })
      .input(rulesInput)
      .output(rulesOutput)
      .query(async ({ input, ctx: request }) => evaluateRules(ctx, request.resources, { repository: await open(request, input), input })),
  });
}
