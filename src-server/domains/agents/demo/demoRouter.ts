import { z } from 'zod';
import { orgParam } from '#shared/api/paging';
import { objectName } from '#shared/kind/objectMeta';
import { procedure, router } from '../../../rpc/trpc';
import type { AgentsContext } from '../agentsContext';
import { startDemo } from './startDemo';

export function createDemoRouter(ctx: AgentsContext) {
  return router({
    start: procedure
      .meta({ openapi: { method: 'POST', path: '/api/orgs/{org}/demo', tags: ['Agents'], summary: 'Make the sample repository and demo agent, and dispatch a run' }, successStatus: 201 })
      .input(orgParam)
      .output(z.object({ repository: objectName, stack: objectName, runName: objectName }))
      .mutation(({ input, ctx: { resources } }) => startDemo(ctx, resources, input.org)),
  });
}
