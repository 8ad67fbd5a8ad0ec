import { orgParam } from '#shared/api/paging';
import { capabilityRequirements, permissionReviewInput, permissionReviewOutput } from '#shared/api/permissionReview';
import { procedure, router } from '../../rpc/trpc';
import type { AgentsContext } from './agentsContext';
import { answerPermissionReview, listCapabilityRequirements } from './permissionAnswer';

const TAGS = ['Agents'];

/** What agents may do and have, before they do it. */
export function createPermissionsRouter(ctx: AgentsContext) {
  return router({
    review: procedure
      .meta({ openapi: { method: 'POST', path: '/api/orgs/{org}/agents/permissions/review', tags: TAGS, summary: 'What a run would be allowed and given, and what it lacks' } })
      .input(permissionReviewInput)
      .output(permissionReviewOutput)
      .mutation(({ input, ctx: { resources } }) => answerPermissionReview(ctx, resources, input)),

    requirements: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/agents/capability-requirements', tags: TAGS, summary: 'What each agent needs of secrets, configuration and roles, and what it lacks' } })
      .input(orgParam)
      .output(capabilityRequirements)
      .query(async ({ input, ctx: { resources } }) => ({ items: await listCapabilityRequirements(ctx, resources, input.org) })),
  });
}
