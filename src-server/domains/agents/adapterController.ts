import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import type { Controller } from '../../runtime/controller';
import type { AgentsContext } from './agentsContext';
import { agentEnvironment } from './process/agentEnvironment';
import { findProgram } from './process/findProgram';

/** People install programs without telling: look again. */
const RECHECK_MS = 60_000;

/** Finds out whether the program of an adapter is on this machine. Never starts it. */
export function createAdapterController(ctx: AgentsContext): Controller {
  return {
    name: 'adapters',
    kind: AgentAdapter,
    async reconcile(ref) {
      return (await refreshAdapter(ctx, ref)) ? { requeueAfterMs: RECHECK_MS } : undefined;
    },
  };
}

/** Writes down where the program is now; false when the adapter is gone. */
export async function refreshAdapter(ctx: AgentsContext, ref: { org: string; name: string }): Promise<boolean> {
  const adapter = await ctx.resources.find(AgentAdapter, ref);
  if (adapter === undefined) return false;
  const { adapterType, transport, command, env, inheritEnv } = adapter.spec;
  const supported = (adapterType === 'acp' || adapterType === 'command') && transport === 'stdio';
  const search = { env: agentEnvironment(ctx.environment, { ...(env === undefined ? {} : { set: env }), ...(inheritEnv === undefined ? {} : { inherit: inheritEnv }) }), cwd: ctx.workspacesRoot };
  const resolved = supported && command?.[0] !== undefined ? await findProgram(command[0], search) : undefined;
  await ctx.resources.mutateStatus(AgentAdapter, ref, (status, current) => {
    status.phase = !supported ? 'Unsupported' : resolved === undefined ? 'NotFound' : 'Ready';
    if (resolved === undefined) delete status.resolvedProgram;
    else status.resolvedProgram = resolved;
    status.observedGeneration = current.metadata.generation;
  });
  return true;
}
