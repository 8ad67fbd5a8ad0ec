import { StatusError } from '#shared/api/status';
import { Organization } from '#shared/kinds/identity/organization';
import { User } from '#shared/kinds/identity/user';
import type { Actor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import { Account } from '../accounts/account';
import { DEFAULT_ORG } from '../organizations';

/** Whether the actor has an owner's rights in the organization: to delete it is an owner's alone. Asks as the actor, writes nothing. */
export async function actsAsOwner(resources: ResourceClient, actor: Actor, org: string): Promise<boolean> {
  return (await resources.as(actor).may('delete', Organization, { org, name: org })).allowed;
}

/**
 * Throws `Conflict` (LAST_OWNER) when the organization would have no owner without this user. A user whom nobody signs in as yet owns
 * nothing. In the installation's own organization its administrators are owners, too.
 */
export async function requireAnotherOwner(resources: ResourceClient, org: string, name: string): Promise<void> {
  const owners = await ownersOf(resources, org);
  if (!owners.includes(name) || owners.length > 1) return;
  throw new StatusError('Conflict', `"${name}" is the only owner of organization "${org}". Make somebody else an owner first`, { code: 'LAST_OWNER' });
}

async function ownersOf(resources: ResourceClient, org: string): Promise<string[]> {
  const { items } = await resources.list(User, { org, fieldSelector: 'spec.role=owner' });
  const administrators = org === DEFAULT_ORG ? (await resources.list(User, { org, fieldSelector: 'spec.admin=true' })).items : [];
  const names = new Set([...items, ...administrators].filter(({ metadata, spec }) => !spec.disabled && metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name));
  const members = await Promise.all([...names].map(async (name) => ((await isMember(resources, org, name)) ? [name] : [])));
  return members.flat();
}

async function isMember(resources: ResourceClient, org: string, name: string): Promise<boolean> {
  const account = await resources.find(Account, { org: DEFAULT_ORG, name });
  return account?.spec.memberships.some((membership) => membership.org === org) ?? false;
}
