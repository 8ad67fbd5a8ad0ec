import { StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import type { Actor } from '../../../resources/actor';
import type { ObjectRef } from '../../../resources/resourceClient';
import type { ForgeContext } from '../forgeContext';

type Run = ObjectOf<typeof AgentDispatchRun>;

const ENDED: ReadonlySet<string> = new Set(['Completed', 'Failed', 'Cancelled']);

/** Throws NotFound unless the repository is the one that this attempt of a run works on now: its token is good for nothing else. */
export async function requireOwnRepository(ctx: ForgeContext, actor: Actor, repository: ObjectRef): Promise<void> {
  const { status } = await requireRepositoryOfRun(ctx, actor, repository);
  const { phase = '', attemptNumber = 1 } = status ?? {};
  if (ENDED.has(phase) || (actor.run?.attempt ?? attemptNumber) !== attemptNumber) throw notOfRun(repository);
}

/** The same, whether or not the run still works: what it leaves is brought in when it has ended. */
export async function requireRepositoryOfRun(ctx: ForgeContext, actor: Actor, repository: ObjectRef): Promise<Run> {
  const own = actor.run;
  const run = own?.org === repository.org ? await ctx.resources.find(AgentDispatchRun, own) : undefined;
  if (run?.spec.repository !== repository.name) throw notOfRun(repository);
  return run;
}

function notOfRun({ name }: ObjectRef): StatusError {
  return new StatusError('NotFound', `There is no repository "${name}" that this run may use`, { code: 'REPOSITORY_NOT_FOUND' });
}
