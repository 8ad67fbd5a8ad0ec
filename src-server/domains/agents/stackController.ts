import { setCondition } from '#shared/kind/conditions';
import type { StatusOf } from '#shared/kind/defineKind';
import { jsonEqual } from '#shared/kind/equality';
import { referencesOf } from '#shared/kind/references';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { timestampOf } from '../../app/clock';
import type { Controller } from '../../runtime/controller';
import { Dependents } from '../../runtime/dependents';
import type { AgentsContext } from './agentsContext';
import { adapterNameOf, type Stack } from './attempts';
import { READINESS_KINDS, stackReadiness } from './stackReadiness';

type StackStatus = StatusOf<typeof AgentStack>;

/** Things that stacks refer to change rarely; what is not watched by name is looked at this often. */
const RECHECK_MS = 60_000;

/** Says of every stack whether it could be dispatched now, why not, and what was filled in for it. */
export function createStackController(ctx: AgentsContext): Controller {
  const dependents = new Dependents();
  return {
    name: 'stacks',
    kind: AgentStack,
    watches: READINESS_KINDS.map((kind) => ({ kind, dependents: (ref) => dependents.of(kind, ref) })),
    async reconcile({ org, name }) {
      const stack = await ctx.resources.find(AgentStack, { org, name });
      if (stack === undefined) return undefined;
      for (const target of [...referencesOf(AgentStack, stack), { kind: AgentAdapter.names.kind, name: adapterNameOf(stack.spec) }]) dependents.add({ org, name }, target);
      const now = timestampOf(ctx.clock);
      const readiness = await stackReadiness(ctx.resources, { org, stack, now });
      const settle = (status: StackStatus, { metadata: { generation } }: Stack): void => {
        for (const condition of readiness.conditions) status.conditions = setCondition(status.conditions, { ...condition, observedGeneration: generation }, now);
        status.phase = readiness.ready ? 'Ready' : 'Blocked';
        status.defaulted = readiness.defaulted;
        status.observedGeneration = generation;
      };
      const settled = structuredClone(stack.status ?? {});
      settle(settled, stack);
      // Most often nothing is new: then the object is not read once more to find that out.
      if (!jsonEqual(settled, stack.status)) await ctx.resources.mutateStatus(AgentStack, { org, name }, settle);
      return { requeueAfterMs: RECHECK_MS };
    },
  };
}
