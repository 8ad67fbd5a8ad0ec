import type { AnyKind } from '#shared/kind/defineKind';
import type { Controller } from '../../runtime/controller';
import type { AgentsContext } from './agentsContext';

/** Says of records that need nothing done that they are in force, so that tables and readiness tell the truth. */
export function createPhaseController(ctx: AgentsContext, { kind, phase }: { kind: AnyKind; phase: string }): Controller {
  return {
    name: `${kind.names.plural}-phase`,
    kind,
    async reconcile({ org, name }) {
      const object = await ctx.resources.find(kind, { org, name });
      if (object === undefined || (object.status as { phase?: string } | undefined)?.phase === phase) return;
      await ctx.resources.mutateStatus(kind, { org, name }, (status, current) => {
        Object.assign(status, { phase, observedGeneration: current.metadata.generation });
      });
    },
  };
}
