import { z } from 'zod';
import { listParams } from '#shared/api/paging';
import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { normalizeOrgSlug, orgNamespace } from '#shared/kind/names';
import { Organization } from '#shared/kinds/identity/organization';
import { OrgNamespaceBinding } from '#shared/kinds/identity/orgNamespaceBinding';
import { User } from '#shared/kinds/identity/user';
import type { ResourceClient } from '../../resources/resourceClient';
import { objectSchema } from '../../rpc/objectSchema';
import { procedure, router } from '../../rpc/trpc';

/** Organization that a fresh installation has. */
export const DEFAULT_ORG = 'default';
/** Administrator that a fresh installation has. */
export const ADMIN_USER = 'admin';

export interface CreatedOrganization {
  readonly organization: ObjectOf<typeof Organization>;
  readonly namespace: string;
  readonly binding: ObjectOf<typeof OrgNamespaceBinding>;
}

/**
 * Makes an organization and binds its namespace. Safe to repeat after a crash: what is there already is kept, unless somebody else's
 * organization has the slug.
 *
 * @throws Invalid when the slug has no usable character; AlreadyExists.
 */
export async function createOrganization(resources: ResourceClient, input: { slug: string; displayName: string }): Promise<CreatedOrganization> {
  const slug = normalizeOrgSlug(input.slug);
  if (slug === '') {
    throw new StatusError('Invalid', 'The slug has no letter or digit.', { causes: [{ code: 'FieldValueInvalid', field: 'slug', message: 'lower case letters, digits and "-"' }] });
  }
  const namespace = orgNamespace(slug);
  const organization = await resources.create(Organization, slug, { metadata: { name: slug }, spec: { displayName: input.displayName, namespaceName: namespace, slug } });
  const binding = await bindNamespace(resources, slug);
  return { organization, namespace, binding };
}

/** Binds an organization to its namespace; answers the binding that is there already. */
export async function bindNamespace(resources: ResourceClient, slug: string): Promise<ObjectOf<typeof OrgNamespaceBinding>> {
  const ref = { org: slug, name: slug };
  const existing = await resources.find(OrgNamespaceBinding, ref);
  if (existing !== undefined) return existing;
  // The controller does the same as soon as it sees the organization.
  await unlessThere(resources.create(OrgNamespaceBinding, slug, { metadata: { name: slug }, spec: { organizationRef: slug, namespace: orgNamespace(slug) } }));
  return resources.get(OrgNamespaceBinding, ref);
}

/**
 * What a fresh database gets: the organization `default` and the user `admin`. Writes nothing when they are there, so that a server
 * starts on a full disk.
 */
export async function bootstrapIdentity(resources: ResourceClient, admin: { displayName: string; email: string }): Promise<void> {
  if ((await resources.find(Organization, { org: DEFAULT_ORG, name: DEFAULT_ORG })) === undefined) {
    await unlessThere(createOrganization(resources, { slug: DEFAULT_ORG, displayName: 'Default' }));
  }
  if ((await resources.find(User, { org: DEFAULT_ORG, name: ADMIN_USER })) !== undefined) return;
  await unlessThere(resources.create(User, DEFAULT_ORG, { metadata: { name: ADMIN_USER }, spec: { ...admin, organizationRef: DEFAULT_ORG, username: ADMIN_USER, admin: true } }));
}

/** Another server on the same database, or a controller, may be faster. */
async function unlessThere(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}

export function createOrganizationsRouter() {
  return router({
    list: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs', tags: ['Organizations'], summary: 'List the organizations that you may see' } })
      .input(listParams.default({}))
      .output(z.object({
        organizations: z.array(z.object({ slug: z.string(), displayName: z.string(), namespace: z.string(), phase: z.string().optional() })),
        items: z.array(objectSchema<ObjectOf<typeof Organization>>()),
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
      .meta({ openapi: { method: 'POST', path: '/api/orgs', tags: ['Organizations'], summary: 'Create an organization with its namespace' }, successStatus: 201 })
      .input(z.object({ slug: z.string().min(1).max(200), displayName: z.string().min(1).max(200).optional() }))
      .output(z.object({ organization: objectSchema<ObjectOf<typeof Organization>>(), namespace: z.string(), binding: objectSchema<ObjectOf<typeof OrgNamespaceBinding>>() }))
      .mutation(({ input, ctx }) => createOrganization(ctx.resources, { slug: input.slug, displayName: input.displayName ?? input.slug })),
  });
}
