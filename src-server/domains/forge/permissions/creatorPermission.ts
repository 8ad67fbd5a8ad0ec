import { isStatusError } from '#shared/api/status';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import type { ObjectRef } from '../../../resources/resourceClient';
import { givesAdministration } from './administrators';
import type { ForgeContext } from '../forgeContext';
import type { RepositoryObject } from '../repositories/openRepository';

/**
 * Makes whoever created a repository its administrator, unless their role in the organization does that already. Once, before the
 * repository is ready: what is taken from them later stays taken. May be repeated.
 */
export async function grantCreator(ctx: ForgeContext, repository: RepositoryObject): Promise<void> {
  const { organizationRef: org, createdBy } = repository.spec;
  if (createdBy === undefined || createdBy.kind === 'system') return;
  const kind = createdBy.kind === 'user' ? 'User' : 'AgentServiceAccount';
  if (kind === 'User') {
    const user = await ctx.resources.find(User, { org, name: createdBy.name });
    // Administrators of the installation need not be members.
    if (user === undefined || givesAdministration(user.spec)) return;
  } else if ((await ctx.resources.find(AgentServiceAccount, { org, name: createdBy.name })) === undefined) return;
  const { name, uid } = repository.metadata;
  try {
    await ctx.resources.create(RepositoryPermission, org, {
      metadata: { name: `${name}-creator-${uid.slice(0, 8)}` },
      spec: { organizationRef: org, repository: name, subject: { kind, name: createdBy.name }, permission: 'admin' },
    });
  } catch (error) {
    // Somebody gave them a role in it meanwhile: then that is the one which counts.
    if (!isStatusError(error, 'AlreadyExists', 'Invalid')) throw error;
  }
}

/**
 * Takes back every role in a repository that is going, before its name is free: whoever creates another of this name decides anew who
 * may use it.
 */
export async function removeGrants(ctx: ForgeContext, { org, name }: ObjectRef): Promise<void> {
  const { items } = await ctx.resources.list(RepositoryPermission, { org, fieldSelector: `spec.repository=${name}` });
  for (const { metadata } of items) await ctx.resources.delete(RepositoryPermission, { org, name: metadata.name }).catch(ignoreNotFound);
  const teams = await ctx.resources.list(Team, { org });
  for (const { metadata, spec } of teams.items) {
    if (spec.repositoryGrants?.some((grant) => grant.repository === name) !== true) continue;
    await ctx.resources
      .mutate(Team, { org, name: metadata.name }, (draft) => {
        draft.spec.repositoryGrants = draft.spec.repositoryGrants?.filter((grant) => grant.repository !== name);
      })
      .catch(ignoreNotFound);
  }
}

function ignoreNotFound(error: unknown): void {
  if (!isStatusError(error, 'NotFound')) throw error;
}
