import { z } from 'zod';
import { createOrganizationInput, deleteOrganizationInput, organizationDeletion, suspendOrganizationInput, updateOrganizationInput } from '#shared/api/organizations';
import { listParams, orgParam } from '#shared/api/paging';
import { StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { Organization } from '#shared/kinds/identity/organization';
import type { OrgNamespaceBinding } from '#shared/kinds/identity/orgNamespaceBinding';
import { onBehalfOf } from '../../../resources/auditTrail';
import type { ResourceClient } from '../../../resources/resourceClient';
import { objectSchema } from '../../../rpc/objectSchema';
import { procedure, router } from '../../../rpc/trpc';
import { createOrganization, DEFAULT_ORG } from '../organizations';
import { giveOwner, type OrganizationControllerDeps } from './organizationController';
import type { OrganizationDeletions } from './organizationDeletion';

export interface OrganizationsRouterDeps extends OrganizationControllerDeps {
  readonly deletions: OrganizationDeletions;
}

type OrganizationObject = ObjectOf<typeof Organization>;

const tags = ['Organizations'];
const one = '/api/orgs/{org}' as const;
const organizationOutput = z.object({ organization: objectSchema<OrganizationObject>() });
const at = (org: string) => ({ org, name: org });

export function createOrganizationsRouter(deps: OrganizationsRouterDeps) {
  /** In the system's name, once it is decided that the actor may: a suspended organization takes no other writes. */
  const setSuspended = (resources: ResourceClient, org: string, change: (spec: OrganizationObject['spec']) => void) =>
    resources.as(onBehalfOf(resources.actor)).mutate(Organization, at(org), ({ spec }) => change(spec));

  return router({
    list: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs', tags, summary: 'List the organizations that you may see' } })
      .input(listParams.default({}))
      .output(z.object({
        organizations: z.array(z.object({ slug: z.string(), displayName: z.string(), namespace: z.string(), phase: z.string().optional() })),
        items: z.array(objectSchema<OrganizationObject>()),
        metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
      }))
      .query(async ({ input, ctx }) => {
        const { items, metadata } = await ctx.resources.list(Organization, { org: '*', ...input });
        return {
          organizations: items.map(({ metadata: { name }, spec, status }) => ({ slug: name, displayName: spec.displayName, namespace: spec.namespaceName, phase: status?.phase })),
          items,
          metadata,
        };
      }),
    create: procedure
      .meta({ openapi: { method: 'POST', path: '/api/orgs', tags, summary: 'Create an organization with its namespace, and become its owner' }, successStatus: 201 })
      .input(createOrganizationInput)
      .output(organizationOutput.extend({ namespace: z.string(), binding: objectSchema<ObjectOf<typeof OrgNamespaceBinding>>() }))
      .mutation(async ({ input, ctx }) => {
        const created = await createOrganization(ctx.resources, { ...input, displayName: input.displayName ?? input.slug });
        await giveOwner(deps, created.organization);
        return created;
      }),
    get: procedure
      .meta({ openapi: { method: 'GET', path: one, tags, summary: 'Read an organization: what it is called, its budget, and whether it is suspended or being deleted' } })
      .input(orgParam)
      .output(organizationOutput)
      .query(async ({ input: { org }, ctx }) => ({ organization: await ctx.resources.get(Organization, at(org)) })),
    update: procedure
      .meta({ openapi: { method: 'PATCH', path: one, tags, summary: 'Change what an organization is called, its description or its budget' } })
      .input(updateOrganizationInput)
      .output(organizationOutput)
      .mutation(async ({ input: { org, displayName, description, budgetLimitUsd }, ctx }) => {
        const organization = await ctx.resources.mutate(Organization, at(org), ({ spec }) => {
          if (displayName !== undefined) spec.displayName = displayName;
          if (description === null) delete spec.description;
          else if (description !== undefined) spec.description = description;
          if (budgetLimitUsd === null) delete spec.budgetLimitUsd;
          else if (budgetLimitUsd !== undefined) spec.budgetLimitUsd = budgetLimitUsd;
        });
        return { organization };
      }),
    suspend: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/suspend`, tags, summary: 'Suspend an organization: it can be read, no longer written to, and no agent runs in it' } })
      .input(suspendOrganizationInput)
      .output(organizationOutput)
      .mutation(async ({ input: { org, reason }, ctx }) => {
        await ctx.resources.require('suspend', Organization, at(org));
        const organization = await setSuspended(ctx.resources, org, (spec) => {
          spec.suspended = true;
          if (reason === undefined) delete spec.suspendedReason;
          else spec.suspendedReason = reason;
        });
        return { organization };
      }),
    resume: procedure
      .meta({ openapi: { method: 'POST', path: `${one}/resume`, tags, summary: 'Resume a suspended organization' } })
      .input(orgParam)
      .output(organizationOutput)
      .mutation(async ({ input: { org }, ctx }) => {
        await ctx.resources.require('resume', Organization, at(org));
        const organization = await setSuspended(ctx.resources, org, (spec) => {
          delete spec.suspended;
          delete spec.suspendedReason;
        });
        return { organization };
      }),
    delete: procedure
      .meta({ openapi: { method: 'DELETE', path: one, tags, summary: 'Delete an organization and everything in it, for good; goes on in the background' }, successStatus: 202 })
      .input(deleteOrganizationInput)
      .output(organizationDeletion)
      .mutation(async ({ input: { org, confirm }, ctx }) => {
        await ctx.resources.require('delete', Organization, at(org));
        const organization = await ctx.resources.get(Organization, at(org));
        if (confirm !== org) {
          const message = `confirm must be "${org}", the name of the organization that is to be deleted with everything in it`;
          throw new StatusError('Invalid', message, { code: 'CONFIRMATION_REQUIRED', causes: [{ code: 'FieldValueInvalid', field: 'confirm', message }] });
        }
        if (org !== DEFAULT_ORG) await deps.deletions.begin(organization, ctx.actor);
        await ctx.resources.delete(Organization, at(org), { expectedUid: organization.metadata.uid });
        return deps.deletions.read(ctx.actor, org);
      }),
    deletion: procedure
      .meta({ openapi: { method: 'GET', path: `${one}/deletion`, tags, summary: 'How far the deletion of an organization is' } })
      .input(orgParam)
      .output(organizationDeletion)
      .query(({ input: { org }, ctx }) => deps.deletions.read(ctx.actor, org)),
  });
}
