import { StatusError } from '#shared/api/status';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import type { Actor } from '../../resources/actor';
import type { ObjectRef } from '../../resources/resourceClient';
import type { ForgeContext } from './forgeContext';

const ENDED: ReadonlySet<string> = new Set(['Completed', 'Failed', 'Cancelled']);

/** Throws NotFound unless the repository is the one that this attempt of a run works on now: its token is good for nothing else. */
export async function requireOwnRepository(ctx: ForgeContext, actor: Actor, repository: ObjectRef): Promise<void> {
  const own = actor.run;
  const run = own === undefined ? undefined : await ctx.resources.find(AgentDispatchRun, own);
  const { phase = '', attemptNumber = 1 } = run?.status ?? {};
  const works = !ENDED.has(phase) && (own?.attempt ?? attemptNumber) === attemptNumber;
  if (own?.org !== repository.org || run?.spec.repository !== repository.name || !works) {
    throw new StatusError('NotFound', `There is no repository "${repository.name}" that this run may use`, { code: 'REPOSITORY_NOT_FOUND' });
  }
}
