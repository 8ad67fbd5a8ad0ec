import { stringify } from 'yaml';
import { isStatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { Repository } from '#shared/kinds/forge/repository';
import { Organization } from '#shared/kinds/identity/organization';
import { completeName, completeOrg } from '../../api/mcp/completion';
import type { McpPrompt, McpPromptArgument } from '../../api/mcp/mcpPrompt';
import type { McpRequest } from '../../api/mcp/mcpRequest';

/** Objects in trouble that a prompt shows. */
const MAX_TROUBLES = 20;

const orgArgument: McpPromptArgument = { name: 'org', description: 'Organization slug; default: the one of this connection', complete: (request, { value }) => completeOrg(Organization, request, value) };
const nameOf = (kind: AnyKind, argument: Omit<McpPromptArgument, 'complete'>): McpPromptArgument => ({ ...argument, complete: (request, typed) => completeName(kind, request, typed) });

/** The prompts of the seeds (003, section 5.2), written from what is there. */
export const mcpPrompts: readonly McpPrompt[] = [
  {
    name: 'kradle_workspace_setup',
    title: 'Set up a workspace',
    description: 'Guide for setting up a new Kradle workspace: a repository, an agent, and its first task',
    arguments: [orgArgument, nameOf(Repository, { name: 'repository', description: 'Repository that the work is in, if it is there already' })],
    async write(request, { org: named, repository }) {
      const org = await request.org(named);
      const [repositories, stacks] = await Promise.all([namesOf(request, Repository, org), namesOf(request, AgentStack, org)]);
      return `Help me set up a workspace in the Kradle organization "${org}"${repository === undefined ? '' : `, in the repository "${repository}"`}. Use the kradle tools, one step after the other, and say what you did after each. Ask before anything that you cannot take back.

What is there now:
- repositories: ${repositories}
- agents (AgentStack): ${stacks}

Steps:
1. Repository. ${repository === undefined ? 'Ask me which one to work in, or create one with kradle_apply_resource (kind Repository).' : `Read "${repository}" with kradle_get_resource; its status.phase must be Ready. If it is not there, ask me before you create it.`}
2. Agent. Take one of the agents above that is ready, or create one with kradle_create_stack and a preset. Read it again with kradle_get_resource: status.conditions say what is missing, and status.defaulted what was filled in.
3. Workspace policy. Only if I want something else than an isolated worktree for each run: kradle_describe_kind KradleWorkspacePolicy, then kradle_apply_resource, then name it in the agent's spec.workspacePolicyRef.
4. Secrets. If the agent needs one, grant it with kradle_create_secret. Never ask me for a value, and never write one into an object.
5. First task. Propose a small one, and after my yes dispatch it with kradle_dispatch_agent, follow it with kradle_wait, and show me kradle_run_diff and what waits in kradle_list_approvals.`;
    },
  },
  {
    name: 'kradle_stack_config',
    title: 'Configure an agent',
    description: 'Help configuring an agent stack',
    arguments: [nameOf(AgentStack, { name: 'stack', description: 'Agent to configure; leave it empty for a new one' }), orgArgument],
    async write(request, { stack, org: named }) {
      const org = await request.org(named);
      const current = stack === undefined ? undefined : await request.resources.get(AgentStack, { org, name: stack });
      const fields = AgentStack.spec.shape;
      const described = Object.entries(fields).flatMap(([name, schema]) => (schema.description === undefined ? [] : [`- spec.${name}: ${schema.description}`]));
      return `Help me configure ${current === undefined ? `a new agent (AgentStack) in the Kradle organization "${org}"` : `the agent "${current.metadata.name}" of the Kradle organization "${org}"`}. ${
        current === undefined ? 'Ask me what it is for, which program it is, and how much it may do alone; then create it with kradle_create_stack or kradle_apply_resource.' : 'Its status says whether it is ready and why not. Propose changes, show me what they do, and apply them with kradle_apply_resource after my yes.'
      } Check with dryRun: true first; kradle_describe_kind AgentStack has every field.

What its fields mean:
${described.join('\n')}
${current === undefined ? '' : `\nAs it is now:\n\n\`\`\`yaml\n${yaml(current)}\`\`\`\n`}`;
    },
  },
  {
    name: 'kradle_troubleshoot',
    title: 'Troubleshoot',
    description: 'Diagnose common Kradle issues',
    arguments: [{ name: 'symptom', description: 'What goes wrong, in your words' }, orgArgument],
    async write(request, { symptom, org: named }) {
      const org = await request.org(named);
      const troubles = await findTroubles(request, org);
      return `Something is wrong in the Kradle organization "${org}"${symptom === undefined ? '' : `: ${symptom}`}. Find the cause with the kradle tools, tell me what it is and what would fix it, and fix it only after my yes.

What looks wrong now:
${troubles.length === 0 ? '- no object is in a phase of failure' : troubles.join('\n')}

How to go about it:
1. kradle_get_resource on what is affected. status.phase, status.reason and each of status.conditions with status "False" say why, in words; follow what they name.
2. A run that failed or hangs: kradle_get_run for the reason and the time of its last activity, kradle_read_run_events for what the agent said (stderr too), kradle_list_approvals for a question that nobody answered.
3. An agent that is not ready: its conditions, then its adapter (AgentAdapter), its grants (kradle_list_secrets) and its references.
4. A pull request that does not merge: kradle_get_pull_request; status.blockers name what is missing.
5. A refusal by a tool names the field or the rule. Do not try the same call again without a change.`;
    },
  },
];

interface SnapshotView {
  readonly resources: readonly { kind: string; metadata: { name: string }; status: { phase?: string; reason?: string } }[];
}

/** Objects whose phase says that they have failed or cannot go on. */
async function findTroubles(request: McpRequest, org: string): Promise<string[]> {
  const { resources } = await request.call<SnapshotView>('home.snapshot', { org });
  return resources
    .filter(({ status }) => /^(Failed|Blocked|Error|Degraded|Unhealthy|Stalled|Expired)$/.test(status.phase ?? ''))
    .slice(0, MAX_TROUBLES)
    .map(({ kind, metadata, status }) => `- ${kind} ${metadata.name}: ${status.phase ?? ''}${status.reason === undefined ? '' : ` (${status.reason})`}`);
}

async function namesOf(request: McpRequest, kind: AnyKind, org: string): Promise<string> {
  try {
    const { items, metadata } = await request.resources.list(kind, { org, limit: MAX_TROUBLES });
    const phases = items.map((object) => `${object.metadata.name}${typeof object.status?.phase === 'string' ? ` (${object.status.phase})` : ''}`);
    return phases.length === 0 ? 'none' : `${phases.join(', ')}${metadata.continue === undefined ? '' : ' …'}`;
  } catch (error) {
    if (isStatusError(error, 'Forbidden')) return 'not for you to see';
    throw error;
  }
}

function yaml(object: KradleObject<string, object, object>): string {
  const { apiVersion, kind, metadata: { name, labels }, spec, status } = object;
  return stringify({ apiVersion, kind, metadata: { name, labels }, spec, status }, { lineWidth: 0, aliasDuplicateObjects: false });
}
