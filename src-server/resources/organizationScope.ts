import { StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { API_GROUP } from '#shared/kind/objectMeta';
import type { Store } from '../store/store';
import type { Actor } from './actor';
import { maySeeOrganization, organizationNotFound } from './authorize';
import { keyOf } from './objectScope';

/** Keeps an organization until the content controller has removed everything in it. */
export const ORGANIZATION_FINALIZER = `${API_GROUP}/organization-content`;

export interface OrganizationScope {
  /** Throws ORG_REQUIRED, or ORG_NOT_FOUND when there is none or the actor may not see it. */
  requireExisting(actor: Actor, org: string): Promise<void>;
  /** As {@link requireExisting}, and `Forbidden` when the organization is being deleted: nothing new may appear in it. */
  requireWritable(actor: Actor, org: string): Promise<void>;
}

/** Knows which organizations there are. `organization` is the kind whose objects they are. */
export function createOrganizationScope(store: Pick<Store, 'get'>, organization: AnyKind): OrganizationScope {
  const find = async (actor: Actor, org: string) => {
    if (org === '') throw new StatusError('BadRequest', 'Say which organization: the request names none', { code: 'ORG_REQUIRED' });
    const found = maySeeOrganization(actor, org) ? await store.get(keyOf(organization, org, org)) : undefined;
    if (found === undefined) throw organizationNotFound(org);
    return found;
  };
  return {
    async requireExisting(actor, org) {
      await find(actor, org);
    },
    async requireWritable(actor, org) {
      const found = await find(actor, org);
      if (found.metadata.deletionTimestamp !== undefined) {
        throw new StatusError('Forbidden', `Organization "${org}" is being deleted; nothing new can be created in it`, { code: 'ORG_TERMINATING' });
      }
    },
  };
}
