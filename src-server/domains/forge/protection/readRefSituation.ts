import type { Actor } from '../../../resources/actor';
import { isAdministrator } from '../commitIdentity';
import type { ForgeContext } from '../forgeContext';
import { redactCredentials } from '../git/gitError';
import { refTargets } from '../git/refs';
import { listRules } from './protectionRules';
import type { RefSituation } from './refChange';
import type { OpenRepository } from '../repositories/openRepository';

/** Everything that decides about an actor's changes of references in a repository, read once for all of them. */
export async function readRefSituation(ctx: ForgeContext, repository: OpenRepository, actor: Actor): Promise<RefSituation> {
  const { org, name, object } = repository;
  const [administrator, rules, branches] = await Promise.all([
    isAdministrator(ctx.resources, org, actor),
    listRules(ctx.resources, org, name),
    refTargets(repository.git, ['refs/heads/']),
  ]);
  return { org, repository: name, actor, administrator, archived: object.spec.archived, ...(object.spec.mirror?.direction === 'pull' ? { mirrorOf: redactCredentials(object.spec.mirror.url) } : {}), empty: branches.size === 0, defaultBranch: object.spec.defaultBranch, rules };
}
