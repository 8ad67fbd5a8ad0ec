import { StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { API_GROUP } from '#shared/kind/objectMeta';
import type { ObjectVersion, Store } from '../store/store';
import type { Actor } from './actor';
import { maySeeOrganization, organizationNotFound } from './authorize';
import { keyOf } from './objectScope';

/** Keeps an organization until the content controller has removed everything in it. */
export const ORGANIZATION_FINALIZER = `${API_GROUP}/organization-content`;

export interface OrganizationScope {
  /** Throws ORG_REQUIRED, or ORG_NOT_FOUND when there is none or the actor may not see it. */
  requireExisting(actor: Actor, org: string): Promise<void>;
  /**
   * As {@link requireExisting}, and `Forbidden` when the organization is being deleted: nothing new may appear in it. Looks at what this
   * process remembers of it, so what is created then has the version that was found as its condition.
   */
  requireWritable(actor: Actor, org: string): Promise<ObjectVersion>;
}

/** Knows which organizations there are. `organization` is the kind whose objects they are. */
export function createOrganizationScope(store: Pick<Store, 'get' | 'recall'>, organization: AnyKind): OrganizationScope {
  const find = async (actor: Actor, org: string, read: 'get' | 'recall') => {
    if (org === '') throw new StatusError('BadRequest', 'Say which organization: the request names none', { code: 'ORG_REQUIRED' });
    const key = keyOf(organization, org, org);
    const found = maySeeOrganization(actor, org) ? await store[read](key) : undefined;
    if (found === undefined) throw organizationNotFound(org);
    return { key, metadata: found.metadata };
  };
  return {
    async requireExisting(actor, org) {
      await find(actor, org, 'get');
    },
    async requireWritable(actor, org) {
      const { key, metadata } = await find(actor, org, 'recall');
      if (metadata.deletionTimestamp !== undefined) {
        throw new StatusError('Forbidden', `Organization "${org}" is being deleted; nothing new can be created in it`, { code: 'ORG_TERMINATING' });
      }
      return { key, resourceVersion: metadata.resourceVersion };
    },
  };
}
