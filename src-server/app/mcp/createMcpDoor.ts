import type { KindRegistry } from '#shared/kind/registry';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { Organization } from '#shared/kinds/identity/organization';
import { createMcpEndpoint } from '../../api/mcp/mcpEndpoint';
import { createMcpResources, type McpView } from '../../api/mcp/mcpResources';
import type { Endpoint } from '../../http/endpoint';
import type { ResourceClient } from '../../resources/resourceClient';
import type { AppRouter } from '../appRouter';
import type { Clock } from '../clock';
import { mcpPrompts } from './mcpPrompts';
import { mcpTools } from './mcpTools';

const INSTRUCTIONS = `Kradle is a forge whose every object is a Kubernetes-style resource (kind, metadata, spec, status), with coding agents as workers: repositories, pull requests, issues, agents (AgentStack), runs (AgentDispatchRun), approvals.
kradle_snapshot shows an organization at a glance, kradle_search finds things, kradle_describe_kind has a kind's fields. To have work done: kradle_list_stacks, kradle_dispatch_agent, then kradle_wait and kradle_read_run_events; what an agent asks is in kradle_list_approvals.
Lists come in pages: pass nextCursor as cursor. A refused call says which field is wrong.`;

/** What `/mcp` offers: the tools, prompts and resources of this product, over the generic door. */
export function createMcpDoor(parts: { router: AppRouter; registry: KindRegistry; resources: ResourceClient; version: string; clock: Clock; stopping: AbortSignal }): Endpoint {
  const { router, registry } = parts;
  return createMcpEndpoint({
    ...parts,
    organization: Organization,
    tools: mcpTools(router, registry),
    prompts: mcpPrompts,
    objects: createMcpResources(registry, views(registry)),
    instructions: INSTRUCTIONS,
  });
}

/** Seeds, 003, section 5.3. */
function views(registry: KindRegistry): McpView[] {
  return [
    {
      name: 'snapshot', title: 'Snapshot', description: 'The organization at a glance: counts by kind and phase, what runs, what waits, and the first rows',
      kinds: registry.all.filter(({ placement }) => placement === 'org'),
      read: (request, org) => request.call('home.snapshot', { org, limit: MAX_SNAPSHOT_ROWS }),
    },
    {
      name: 'stacks', title: 'Agents', description: 'The agents that work can be dispatched to', kinds: [AgentStack],
      read: (request, org) => request.resources.list(AgentStack, { org, limit: MAX_STACKS }),
    },
  ];
}

const MAX_SNAPSHOT_ROWS = 500;
const MAX_STACKS = 500;
