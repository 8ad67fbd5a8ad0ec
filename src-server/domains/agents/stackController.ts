import { setCondition } from '#shared/kind/conditions';
import type { StatusOf } from '#shared/kind/defineKind';
import { jsonEqual } from '#shared/kind/equality';
import { referencesOf } from '#shared/kind/references';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { timestampOf } from '../../app/clock';
import type { Controller } from '../../runtime/controller';
import type { AgentsContext } from './agentsContext';
import { adapterNameOf, type Stack } from './attempts';
import { READINESS_KINDS, stackReadiness } from './stackReadiness';

type StackStatus = StatusOf<typeof AgentStack>;

/** Things that stacks refer to change rarely; what is not watched by name is looked at this often. */
const RECHECK_MS = 60_000;

/** Says of every stack whether it could be dispatched now, why not, and what was filled in for it. */
export function createStackController(ctx: AgentsContext): Controller {
  const stacksOf = new Map<string, Set<string>>();
  const dependents = (key: string): { org: string; name: string }[] => [...(stacksOf.get(key) ?? [])].map((entry) => ({ org: entry.slice(0, entry.indexOf('/')), name: entry.slice(entry.indexOf('/') + 1) }));
  return {
    name: 'stacks',
    kind: AgentStack,
    watches: READINESS_KINDS.map((kind) => ({
      kind,
      map: (object) => dependents(`${kind.names.kind}/${String(object.spec.organizationRef)}/${object.metadata.name}`),
    })),
    async reconcile({ org, name }) {
      const stack = await ctx.resources.find(AgentStack, { org, name });
      if (stack === undefined) return undefined;
      // An index of who to wake, rebuilt from every object at start; the periodic look makes up for what it misses.
      for (const { kind, name: target } of [...referencesOf(AgentStack, stack), { kind: AgentAdapter.names.kind, name: adapterNameOf(stack.spec) }]) {
        const key = `${kind}/${org}/${target}`;
        stacksOf.set(key, (stacksOf.get(key) ?? new Set()).add(`${org}/${name}`));
      }
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
