import { StatusError } from '#shared/api/status';
import type { Actor } from '../../../resources/actor';
import type { ForgeContext } from '../forgeContext';
import { findRepository } from '../lifecycle/redirects';
import { requireRefsVerb } from '../push/refAccess';
import { openRepository, type OpenRepository } from '../repositories/openRepository';
import { requireOwnRepository } from '../permissions/runAccess';

/** Opens a repository for a fetch: whoever may read it, and a run its own. Throws NotFound where there is none or it is not theirs to see. */
export async function openForGit(ctx: ForgeContext, actor: Actor, ref: { org: string; name: string }): Promise<OpenRepository> {
  if (actor.kind === 'run') {
    await requireOwnRepository(ctx, actor, ref);
    return openRepository(ctx, ctx.resources, ref);
  }
  const resources = ctx.resources.as(actor);
  if ((await findRepository(ctx, resources, ref)) === undefined) {
    throw new StatusError('NotFound', `There is no repository "${ref.name}" in organization "${ref.org}". Create it first: in the console, or with kradle`, { code: 'REPOSITORY_NOT_FOUND' });
  }
  return openRepository(ctx, resources, ref);
}

/**
 * Throws unless the actor may push at all; answers the rule that allows it. A run's right is that of its token: {@link openForGit} has
 * asked, and the rules of references hold it to its branch.
 */
export async function requirePush(ctx: ForgeContext, repository: OpenRepository, actor: Actor): Promise<string> {
  return actor.kind === 'run' ? 'run-branch' : requireRefsVerb(ctx, repository, { verb: 'push', actor });
}
