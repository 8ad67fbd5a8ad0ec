import { isStatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import type { RepositoryAddress } from '#shared/kinds/forge/repositoryOrigin';
import { timestampOf } from '../../../app/clock';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import { findObject } from '../../../runtime/findObject';
import type { ForgeContext } from '../forgeContext';
import type { RepositoryObject } from '../repositories/openRepository';
import { RepositoryRedirect } from './lifecycleKinds';

/** Moves are kept short when they are made; this only ends what should not be: a circle. */
const MAX_HOPS = 10;

/**
 * Where a repository is that was at this address: undefined when there is one now, or never was. A redirect gives no right: whoever is
 * sent on is asked there as everybody.
 */
export async function findRedirect(ctx: Pick<ForgeContext, 'resources'>, ref: ObjectRef): Promise<ObjectRef | undefined> {
  let at = ref;
  for (let hops = 0; hops < MAX_HOPS; hops += 1) {
    const redirect = await findObject(ctx.resources, RepositoryRedirect, at);
    if (redirect === undefined) return undefined;
    at = { org: redirect.spec.to.organization, name: redirect.spec.to.repository };
    if ((await findObject(ctx.resources, Repository, at)) !== undefined) return at;
  }
  return undefined;
}

/** A repository by its address or one that it had before, for whoever `resources` acts for. Undefined where there is none that they may see. */
export async function findRepository(ctx: Pick<ForgeContext, 'resources'>, resources: ResourceClient, ref: ObjectRef): Promise<{ ref: ObjectRef; object: RepositoryObject } | undefined> {
  const object = await findObject(resources, Repository, ref);
  if (object !== undefined) return { ref, object };
  // One that is there and not theirs to see is no earlier address of another.
  if ((await findObject(ctx.resources, Repository, ref)) !== undefined) return undefined;
  const to = await findRedirect(ctx, ref);
  const moved = to === undefined ? undefined : await findObject(resources, Repository, to);
  return to === undefined || moved === undefined ? undefined : { ref: to, object: moved };
}

/** Leaves word at the old address. Who was sent there before is sent on at once, and the new address sends nobody away any more. */
export async function leaveRedirect(ctx: ForgeContext, move: { from: RepositoryAddress; to: RepositoryAddress }): Promise<void> {
  const { from, to } = move;
  await dropRedirect(ctx, { org: to.organization, name: to.repository });
  const { items } = await ctx.resources.list(RepositoryRedirect, { org: '*', fieldSelector: `spec.to.organization=${from.organization},spec.to.repository=${from.repository}` });
  for (const { metadata, spec } of items) {
    await ctx.resources.mutate(RepositoryRedirect, { org: spec.organizationRef, name: metadata.name }, (draft) => {
      draft.spec.to = to;
    });
  }
  const spec = { organizationRef: from.organization, to, since: timestampOf(ctx.clock) };
  try {
    await ctx.resources.create(RepositoryRedirect, from.organization, { metadata: { name: from.repository }, spec });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
    await ctx.resources.mutate(RepositoryRedirect, { org: from.organization, name: from.repository }, (draft) => {
      draft.spec = spec;
    });
  }
}

/** A repository has the name now: it is what the address means. */
export async function dropRedirect(ctx: Pick<ForgeContext, 'resources'>, ref: ObjectRef): Promise<void> {
  if ((await findObject(ctx.resources, RepositoryRedirect, ref)) === undefined) return;
  await ctx.resources.delete(RepositoryRedirect, ref).catch((error: unknown) => {
    if (!isStatusError(error, 'NotFound')) throw error;
  });
}
