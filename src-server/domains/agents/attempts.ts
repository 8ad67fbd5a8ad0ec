import { isStatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentDispatchAttempt } from '#shared/kinds/agents/agentDispatchAttempt';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import type { ResourceClient } from '../../resources/resourceClient';
import { AgentFailure } from './agentFailure';
import { attemptName } from './runNames';
import type { Run } from './runState';

export type Attempt = ObjectOf<typeof AgentDispatchAttempt>;
export type Stack = ObjectOf<typeof AgentStack>;
export type Adapter = ObjectOf<typeof AgentAdapter>;

/** The adapter that a stack names; "default" means the one named like its base agent. */
export function adapterNameOf(spec: { readonly adapter: string; readonly baseAgent: string }): string {
  return spec.adapter === 'default' ? spec.baseAgent : spec.adapter;
}

/**
 * The attempt of that number, made with copies of stack and adapter as they are now when it is not there: what runs later is what was
 * dispatched, whatever people edit meanwhile. Throws AgentFailure AgentNotFound when one of the two is gone.
 */
export async function ensureAttempt(
  resources: ResourceClient,
  run: Run,
  opts: { org: string; attempt: number; reason: Attempt['spec']['attemptReason']; now: string },
): Promise<Attempt> {
  const { org, attempt } = opts;
  const name = attemptName(run.metadata.name, attempt);
  const existing = await resources.find(AgentDispatchAttempt, { org, name });
  if (existing !== undefined) return existing;
  const snapshot = await snapshotOf(resources, run, { org, attempt });
  try {
    return await resources.create(AgentDispatchAttempt, org, {
      metadata: { name },
      spec: {
        organizationRef: org,
        agentDispatchRun: run.metadata.name,
        attemptReason: opts.reason,
        attemptNumber: attempt,
        agentStackSnapshot: snapshot,
        ...(run.status?.workspaceRef === undefined ? {} : { workspaceRef: run.status.workspaceRef }),
      },
      status: { phase: 'Pending', queueEnteredAt: run.status?.queuedAt ?? opts.now },
    });
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) return resources.get(AgentDispatchAttempt, { org, name });
    throw error;
  }
}

async function snapshotOf(resources: ResourceClient, run: Run, opts: { org: string; attempt: number }): Promise<Attempt['spec']['agentStackSnapshot']> {
  // A later attempt goes on with what the first one had.
  const first = opts.attempt === 1 ? undefined : await resources.find(AgentDispatchAttempt, { org: opts.org, name: attemptName(run.metadata.name, 1) });
  if (first !== undefined) return first.spec.agentStackSnapshot;
  const stack = await resources.find(AgentStack, { org: opts.org, name: run.spec.agentStack });
  if (stack === undefined) throw new AgentFailure('AgentNotFound', `The agent "${run.spec.agentStack}" does not exist any more. Dispatch the task to another one.`);
  const adapterName = adapterNameOf(stack.spec);
  const adapter = await resources.find(AgentAdapter, { org: opts.org, name: adapterName });
  if (adapter === undefined) throw new AgentFailure('AgentNotFound', `The agent "${run.spec.agentStack}" starts by adapter "${adapterName}", which does not exist. Create it, or correct spec.adapter of the agent.`);
  return { name: stack.metadata.name, generation: stack.metadata.generation, spec: stack.spec, adapter: { name: adapterName, ...adapter.spec } };
}

/** The stack as it was when the attempt began. */
export function stackOf(attempt: Attempt): Stack['spec'] {
  return attempt.spec.agentStackSnapshot.spec as Stack['spec'];
}

export function adapterOf(attempt: Attempt): Adapter['spec'] & { readonly name: string } {
  return attempt.spec.agentStackSnapshot.adapter as Adapter['spec'] & { name: string };
}
