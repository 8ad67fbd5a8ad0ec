import type { SpecOf } from '#shared/kind/defineKind';
import { User } from '#shared/kinds/identity/user';
import type { Actor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';

/** Does the actor administrate the organization? Whoever administrates the installation does. */
export async function isAdministrator(resources: ResourceClient, org: string, actor: Actor): Promise<boolean> {
  if (actor.kind !== 'user') return actor.kind === 'system';
  if (actor.orgs === '*') return true;
  const user = await resources.find(User, { org, name: actor.name });
  return user !== undefined && !user.spec.disabled && givesAdministration(user.spec);
}

/** The roles that have every right in every repository of the organization. */
export function givesAdministration({ admin, role }: Pick<SpecOf<typeof User>, 'admin' | 'role'>): boolean {
  return admin || role === 'admin' || role === 'owner';
}
