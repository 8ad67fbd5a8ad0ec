import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { normalizeOrgSlug, orgNamespace } from '#shared/kind/names';
import { Organization } from '#shared/kinds/identity/organization';
import { OrgNamespaceBinding } from '#shared/kinds/identity/orgNamespaceBinding';
import { User } from '#shared/kinds/identity/user';
import type { ResourceClient } from '../../resources/resourceClient';

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
export async function createOrganization(resources: ResourceClient, input: { slug: string; displayName: string; description?: string | undefined }): Promise<CreatedOrganization> {
  const slug = normalizeOrgSlug(input.slug);
  if (slug === '') {
    throw new StatusError('Invalid', 'The slug has no letter or digit.', { causes: [{ code: 'FieldValueInvalid', field: 'slug', message: 'lower case letters, digits and "-"' }] });
  }
  const namespace = orgNamespace(slug);
  const organization = await resources.create(Organization, slug, { metadata: { name: slug }, spec: { displayName: input.displayName, namespaceName: namespace, slug, ...(input.description === undefined ? {} : { description: input.description }) } });
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
  await unlessThere(resources.create(User, DEFAULT_ORG, { metadata: { name: ADMIN_USER }, spec: { ...admin, organizationRef: DEFAULT_ORG, username: ADMIN_USER, role: 'owner', admin: true } }));
}

/** Another server on the same database, or a controller, may be faster. */
async function unlessThere(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}
