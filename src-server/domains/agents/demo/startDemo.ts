import { isStatusError } from '#shared/api/status';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { Repository } from '#shared/kinds/forge/repository';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { AgentsContext } from '../agentsContext';
import { dispatchRun } from '../runVerbs';
import { isEnded } from '../runState';
import { DEMO_TASK, SAMPLE_REPOSITORY } from './sampleRepository';

const AGENT = 'demo';

/**
 * Makes what is missing of the sample repository and the demo agent, and dispatches one run. While a demo run goes on, that one is
 * the answer: pressing twice starts one. `resources` is bound to who asks.
 */
export async function startDemo(ctx: AgentsContext, resources: ResourceClient, org: string): Promise<{ repository: string; stack: string; runName: string }> {
  const repository = SAMPLE_REPOSITORY.name;
  if ((await resources.find(Repository, { org, name: repository })) === undefined) {
    await ctx.forge.seedRepository(resources.actor, { org, repository, description: SAMPLE_REPOSITORY.description, message: SAMPLE_REPOSITORY.message, files: SAMPLE_REPOSITORY.files });
  }
  await ensureAgent(ctx, resources, org);
  const { items } = await resources.list(AgentDispatchRun, { org, fieldSelector: `spec.agentStack=${AGENT},spec.repository=${repository}`, sort: '-metadata.creationTimestamp', limit: 20 });
  const open = items.find((run) => !isEnded(run));
  const run = open ?? (await dispatchRun(ctx, resources, { org, repository, agentStack: AGENT, prompt: DEMO_TASK, title: 'Fix the failing discount test', taskKind: 'demo' }));
  return { repository, stack: AGENT, runName: run.metadata.name };
}

/** The adapter names this very program, so it follows when Kradle moves. */
async function ensureAgent(ctx: AgentsContext, resources: ResourceClient, org: string): Promise<void> {
  await resources.apply(AgentAdapter, org, {
    metadata: { name: AGENT },
    spec: { organizationRef: org, adapterType: 'acp', transport: 'stdio', displayName: 'Demo agent', command: [...ctx.demoAgentCommand] },
  });
  try {
    await resources.create(AgentStack, org, {
      metadata: { name: AGENT },
      spec: { organizationRef: org, displayName: 'Demo agent', description: 'Ships with Kradle. Needs no model and no key, and does one small repair for real.', baseAgent: AGENT, adapter: AGENT, approvalMode: 'prompt' },
    });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}
