import { isStatusError } from '#shared/api/status';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { Repository } from '#shared/kinds/forge/repository';
import type { ObjectRef } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';
import { findObject } from '../../../runtime/findObject';
import type { ForgeContext } from '../forgeContext';
import { PERMISSION_SUBJECTS } from './repositoryPermissionStrategy';

/** Says whether a permission holds, and revokes it when who it was given to is gone. */
export function repositoryPermissionController(ctx: ForgeContext): Controller {
  return { name: 'repository-permission', kind: RepositoryPermission, reconcile: (request) => settlePermission(ctx, request) };
}

/**
 * Looks after what people, teams and service accounts leave behind: their roles in repositories are revoked, and what they created is the
 * system's.
 */
export function permissionSubjectController(ctx: ForgeContext, subject: keyof typeof PERMISSION_SUBJECTS): Controller {
  const kind = PERMISSION_SUBJECTS[subject];
  // By name, who was looked at last: most changes of a user are sign-ins.
  const seen = new Map<string, string>();
  return {
    name: `repository-permission-${kind.names.singular}`,
    kind,
    async reconcile({ org, name }) {
      const found = await findObject(ctx.resources, kind, { org, name });
      const key = `${org}/${name}`;
      if (found !== undefined && seen.get(key) === found.metadata.uid) return;
      const permissions = await listOrNothing(ctx.resources.list(RepositoryPermission, { org, fieldSelector: `spec.subject.kind=${subject},spec.subject.name=${name}` }));
      for (const { metadata } of permissions) await settlePermission(ctx, { org, name: metadata.name });
      if (found === undefined && subject !== 'Team') await handOver(ctx, { org, kind: subject === 'User' ? 'user' : 'agent', name });
      if (found === undefined) seen.delete(key);
      else seen.set(key, found.metadata.uid);
    },
  };
}

/** Makes the system the creator of what somebody left who is gone: whoever comes under the same name later did not create it. */
async function handOver(ctx: ForgeContext, creator: { readonly org: string; readonly kind: 'user' | 'agent'; readonly name: string }): Promise<void> {
  const { org, kind, name } = creator;
  for (const { metadata } of await listOrNothing(ctx.resources.list(Repository, { org, fieldSelector: `spec.createdBy.kind=${kind},spec.createdBy.name=${name}` }))) {
    await ctx.resources.mutate(Repository, { org, name: metadata.name }, (draft) => {
      draft.spec.createdBy = { kind: 'system', name: 'kradle' };
    });
  }
}

async function settlePermission(ctx: ForgeContext, ref: ObjectRef): Promise<void> {
  const found = await findObject(ctx.resources, RepositoryPermission, ref);
  if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
  const { subject, revoked } = found.spec;
  const holder = (await findObject(ctx.resources, PERMISSION_SUBJECTS[subject.kind], { org: ref.org, name: subject.name }))?.metadata.uid;
  const known = found.status?.subjectUid;
  try {
    if (!revoked && (holder === undefined || (known !== undefined && known !== holder))) {
      await ctx.resources.mutate(RepositoryPermission, ref, ({ spec }) => {
        spec.revoked = true;
      });
    }
    await ctx.resources.mutateStatus(RepositoryPermission, ref, (status, current) => {
      status.phase = current.spec.revoked ? 'Revoked' : 'Active';
      // Given anew, it is for whoever has the name now.
      if (!current.spec.revoked && holder !== undefined) status.subjectUid = holder;
      else delete status.subjectUid;
      status.observedGeneration = current.metadata.generation;
    });
  } catch (error) {
    // Deleted meanwhile: nothing to say about it.
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}

async function listOrNothing<T>(list: Promise<{ items: T[] }>): Promise<T[]> {
  try {
    return (await list).items;
  } catch (error) {
    // Gone with its organization.
    if (isStatusError(error, 'NotFound')) return [];
    throw error;
  }
}
