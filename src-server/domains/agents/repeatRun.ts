import type { SpecInputOf } from '#shared/kind/defineKind';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { toActorReference } from '../../resources/actorReference';
import { requireQuietly } from '../../resources/requireAlso';
import type { ResourceClient } from '../../resources/resourceClient';
import type { AgentsContext } from './agentsContext';
import { createNamedRun } from './createNamedRun';
import type { Run } from './runState';

/**
 * A new run that repeats an ended one, or goes on from it, for whoever `resources` acts for; `ctx` writes it in the verb's name. Who asked for
 * the run before is found by the strategy, from the run that `spec` names.
 *
 * @throws Forbidden for an agent that the actor may not dispatch.
 */
export async function repeatRun(ctx: AgentsContext, resources: ResourceClient, opts: { before: Run; spec: Partial<SpecInputOf<typeof AgentDispatchRun>> }): Promise<Run> {
  const { before } = opts;
  const { cancelRequested: _cancelled, requesters: _requesters, retryOf: _retryOf, continues: _continues, workspaceRef: _workspace, ...spec } = before.spec;
  const { organizationRef: org, agentStack } = spec;
  await requireQuietly(resources, 'dispatch', { kind: AgentStack, org, name: agentStack });
  const requestedBy = toActorReference(resources.actor);
  return createNamedRun(ctx, (name) =>
    ctx.resources.create(AgentDispatchRun, org, { metadata: { name }, spec: { ...spec, ...opts.spec, requestedBy, sourceRefs: { ...spec.sourceRefs, actor: requestedBy.name } } }),
  );
}
