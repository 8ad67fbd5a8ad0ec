import { isStatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { User } from '#shared/kinds/identity/user';
import type { ResourceClient } from '../../../resources/resourceClient';
import { ADMIN_USER, DEFAULT_ORG } from '../organizations';
import { Account } from './account';

/**
 * Makes sure that the account `admin` is there and belongs to the organization `default`: the admin token and the printed links act as
 * it. A database that has no accounts comes from a version that knew only users: those of `default` could sign in, and still can.
 * Writes nothing when all is there, so that a server starts on a full disk.
 */
export async function bootstrapAccounts(resources: ResourceClient, now: () => number): Promise<void> {
  const since = () => new Date(now()).toISOString();
  const admin = await resources.find(Account, { org: DEFAULT_ORG, name: ADMIN_USER });
  if (admin !== undefined) {
    if (!admin.spec.disabled && admin.spec.memberships.some(({ org }) => org === DEFAULT_ORG)) return;
    await resources.mutate(Account, { org: DEFAULT_ORG, name: ADMIN_USER }, ({ spec }) => {
      spec.disabled = false;
      if (!spec.memberships.some(({ org }) => org === DEFAULT_ORG)) spec.memberships.push({ org: DEFAULT_ORG, since: since() });
    });
    return;
  }
  const { items } = await resources.list(User, { org: DEFAULT_ORG });
  // The administrator comes last: until it is there, the next start goes on with the others.
  for (const user of items.toSorted((a, b) => Number(a.metadata.name === ADMIN_USER) - Number(b.metadata.name === ADMIN_USER))) await bind(resources, user, since());
}

async function bind(resources: ResourceClient, { metadata: { name }, spec }: ObjectOf<typeof User>, since: string): Promise<void> {
  try {
    await resources.create(Account, DEFAULT_ORG, { metadata: { name }, spec: { displayName: spec.displayName, email: spec.email, memberships: [{ org: DEFAULT_ORG, since }] } });
  } catch (error) {
    // Another server on the same database was faster.
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}
