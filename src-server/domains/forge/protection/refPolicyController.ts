import { setCondition } from '#shared/kind/conditions';
import { RefPolicy } from '#shared/kinds/forge/refPolicy';
import { timestampOf } from '../../../app/clock';
import type { Controller } from '../../../runtime/controller';
import { findObject } from '../../../runtime/findObject';
import type { ForgeContext } from '../forgeContext';

/** Says of a policy that it is in force, and what of it is not. */
export function refPolicyController(ctx: ForgeContext): Controller {
  return {
    name: 'ref-policy',
    kind: RefPolicy,
    async reconcile(request) {
      const found = await findObject(ctx.resources, RefPolicy, request);
      if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
      await ctx.resources.mutateStatus(RefPolicy, request, (status, { metadata, spec }) => {
        const gates = spec.hookGates ?? [];
        status.phase = 'Active';
        status.observedGeneration = metadata.generation;
        const condition = gates.length > 0
          ? { type: 'HookGatesEnforced', status: 'False' as const, reason: 'NotImplemented', message: `The ${gates.length === 1 ? 'gate' : `${gates.length} gates`} (${gates.map(({ name }) => name).join(', ')}) ${gates.length === 1 ? 'is' : 'are'} kept and not asked yet: pushes do not wait for ${gates.length === 1 ? 'it' : 'them'}.` }
          : { type: 'HookGatesEnforced', status: 'True' as const, reason: 'NoGates', message: 'The policy has no outside checks.' };
        if (gates.length > 0 || status.conditions !== undefined) status.conditions = setCondition(status.conditions, condition, timestampOf(ctx.clock));
      });
    },
  };
}
