import type { AnyTRPCRouter } from '@trpc/server';
import { z } from 'zod';
import type { KindRegistry } from '#shared/kind/registry';
import { objectName } from '#shared/kind/objectMeta';
import { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { defineTool, orgArgument, unavailableTool, type McpTool } from '../../api/mcp/mcpTool';
import { procedureTool } from '../../api/mcp/procedureTool';
import { waitTool } from '../../api/mcp/waitTool';
import { agentTools, forgeTools } from './workTools';

const anObject = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }), spec: z.looseObject({}) });
const aPage = z.looseObject({ items: z.array(anObject), nextCursor: z.string().optional() });

/** The tools of the seeds (003, section 5.1) by their names, and those for an agent's daily work. */
export function mcpTools(router: AnyTRPCRouter, registry: KindRegistry): McpTool[] {
  const kindNames = registry.all.map(({ names }) => names.kind);
  // Published as a choice, read as leniently as every door reads it: plural, short and older names too.
  const kind = z.string().min(1).max(100).meta({ enum: kindNames }).describe('Kind.');
  const resource = z.looseObject({
    apiVersion: z.string().optional().describe('kradle.a5c.ai/v1alpha1'),
    kind,
    metadata: z.looseObject({ name: z.string().optional(), labels: z.record(z.string(), z.string()).optional(), annotations: z.record(z.string(), z.string()).optional() }),
    spec: z.looseObject({}).optional().describe('As kradle_describe_kind says for the kind.'),
  });
  const ofStacks = () => ({ kind: AgentStack.names.plural });

  return [
    procedureTool(router, { name: 'kradle_list_resources', title: 'List objects', procedure: 'resources.list', arguments: { kind }, output: aPage, description: 'Lists the objects of a kind, a page at a time. Narrow it with q (text), labelSelector (app=web) or fieldSelector (status.phase=Running).' }),
    procedureTool(router, { name: 'kradle_get_resource', title: 'Get an object', procedure: 'resources.get', output: anObject, description: 'Reads one object: its spec, and its status with phase and conditions that say what is wrong.' }),
    procedureTool(router, {
      name: 'kradle_apply_resource', title: 'Apply an object', procedure: 'resources.applyResource', arguments: { resource: resource.describe('The object.') },
      output: z.looseObject({ operation: z.enum(['created', 'configured', 'unchanged']), name: z.string(), resource: anObject }),
      destructive: true, idempotent: true,
      description: 'Creates an object, or changes the one of that name: fields that are sent replace, null removes, others stay. With dryRun: true it only checks. A refusal names each wrong field. See kradle_describe_kind for the fields.',
    }),
    procedureTool(router, { name: 'kradle_delete_resource', title: 'Delete an object', procedure: 'resources.delete', destructive: true, idempotent: true, description: 'Deletes an object and everything that it owns. There is no way back; dryRun: true shows what would go.' }),
    procedureTool(router, {
      name: 'kradle_snapshot', title: 'Snapshot', procedure: 'home.snapshot',
      // Most of the kinds have no object in most organizations.
      toResult: ({ kinds, ...rest }) => ({ ...rest, kinds: (kinds as { total: number }[]).filter(({ total }) => total > 0) }),
      description: 'An organization at a glance: how many objects of each kind in which phase, what runs, what waits for an approval, and a page of rows of all objects.',
    }),
    procedureTool(router, {
      name: 'kradle_search', title: 'Search', procedure: 'resources.search', arguments: { q: undefined, query: z.string().trim().min(2).max(200).describe('Text to look for in names and titles.'), limit: z.number().int().min(1).max(50).default(6).describe('Objects of each kind.') },
      toInput: ({ query, ...rest }) => ({ ...rest, q: query }),
      description: 'Finds objects of any kind by name, title or text.',
    }),
    procedureTool(router, { name: 'kradle_list_stacks', title: 'List agents', procedure: 'resources.list', arguments: { kind: undefined }, toInput: (args) => ({ ...args, ...ofStacks() }), output: aPage, description: 'Lists the agents (AgentStack) that work can be dispatched to, with their readiness in status.' }),
    createStackTool(),
    procedureTool(router, {
      name: 'kradle_dispatch_agent', title: 'Dispatch an agent', procedure: 'agents.dispatch', arguments: { agentStack: undefined, stackRef: objectName.describe('The agent, as kradle_list_stacks names it.') }, openWorld: true,
      description: 'Gives an agent a task in a repository. It works in a worktree of its own; what it changes comes back for approval, as a pull request. Answers the run: follow it with kradle_wait and kradle_read_run_events.',
    }),
    procedureTool(router, { name: 'kradle_list_secrets', title: 'List secret grants', procedure: 'resources.list', arguments: { kind: undefined }, toInput: (args) => ({ ...args, kind: AgentSecretGrant.names.plural }), output: aPage, description: 'Lists which agent may use which Secret, for what. Values are never shown.' }),
    createSecretTool(),
    unavailableTool({
      name: 'kradle_sync_external', title: 'Sync with a backend', description: 'Brings an object and its counterpart at an external backend together.',
      input: z.strictObject({ bindingName: objectName, kind: z.string(), localName: objectName, org: orgArgument }),
      annotations: { idempotentHint: true, openWorldHint: true }, because: 'external backends are not connected in this version.',
    }),
    unavailableTool({
      name: 'kradle_resolve_conflict', title: 'Resolve a conflict', description: 'Decides a conflict between an object and its counterpart at an external backend.',
      input: z.strictObject({ conflictName: objectName, strategy: z.string().min(1).max(100), org: orgArgument }),
      annotations: { destructiveHint: true, openWorldHint: true }, because: 'external backends are not connected in this version.',
    }),
    procedureTool(router, { name: 'kradle_audit_query', title: 'Query the audit log', procedure: 'audit.query', output: aPage, description: 'Finds who did what, when, through which door, and what was refused and by which rule; the newest first. Times are RFC 3339. Takes an administrator, and is itself recorded.' }),
    procedureTool(router, {
      name: 'kradle_list_kinds', title: 'List kinds', procedure: 'resources.kinds', arguments: { view: undefined }, toInput: () => ({ view: 'summary' }),
      toResult: ({ items }) => ({ items: (items as Summary[]).map(({ kind: name, plural, shortNames, context, purpose }) => ({ kind: name, plural, shortNames, context, purpose })) }),
      description: 'Lists every kind of object with what it is for.',
    }),
    procedureTool(router, {
      name: 'kradle_describe_kind', title: 'Describe a kind', procedure: 'resources.kind',
      toResult: ({ kind: name, plural, apiVersion, purpose, refs, immutable, schema }) => ({ kind: name, plural, apiVersion, purpose, refs, immutable, schema }),
      description: 'The fields of a kind as JSON Schema, which of them name other objects, and which never change.',
    }),
    waitTool(registry),
    ...[...agentTools, ...forgeTools].map((row) => procedureTool(router, row)),
  ];
}

interface Summary {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly context: string;
  readonly purpose: string;
}

/** A stack alone follows an adapter by its name; with a preset or a command it gets an adapter of its own. */
function createStackTool(): McpTool {
  const title = 'Create an agent';
  return defineTool({
    name: 'kradle_create_stack',
    title,
    description: 'Creates an agent (AgentStack). With preset or command it gets an adapter that starts that program; with the name alone it uses the adapter of the same name. Its status says whether it is ready.',
    input: z.strictObject({
      name: objectName.max(100),
      preset: z.string().max(100).optional().describe('A well-known agent: claude-code, codex, opencode, demo …'),
      command: z.array(z.string().min(1).max(4096)).min(1).max(100).optional().describe('A program that speaks the Agent Client Protocol, with its arguments.'),
      displayName: z.string().max(200).optional(),
      model: z.string().max(200).optional(),
      systemPrompt: z.string().max(65_536).optional(),
      approvalMode: z.enum(['yolo', 'prompt', 'deny']).default('prompt').describe('Answer to its permission requests: allow each, ask a person, deny each.'),
      org: orgArgument,
    }),
    output: anObject,
    annotations: { title, readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    async run({ org: named, ...args }, request) {
      const org = await request.org(named);
      if (args.preset !== undefined || args.command !== undefined) return (await request.call<{ stack: Record<string, unknown> }>('agents.create', { org, ...args })).stack;
      const { name, systemPrompt, ...spec } = args;
      const resource = { kind: AgentStack.names.kind, metadata: { name }, spec: { ...spec, ...(systemPrompt === undefined ? {} : { prompt: { system: systemPrompt } }) } };
      return request.call('resources.create', { org, resource });
    },
  });
}

/** A grant, not a value: values never pass through a model. */
function createSecretTool(): McpTool {
  const title = 'Grant a secret';
  return defineTool({
    name: 'kradle_create_secret',
    title,
    description: 'Lets an agent use a Secret that exists, for one purpose (AgentSecretGrant). The value of the Secret is neither sent nor shown.',
    input: z.strictObject({
      name: objectName.describe('Name of the grant.'),
      agentRef: objectName.describe('The agent that may use it.'),
      secretRef: objectName.describe('The Secret, by name.'),
      purpose: z.string().min(1).max(200).default('tool').describe('model-provider-token, tool, skill-config, mcp-server:NAME.'),
      keys: z.array(z.string().min(1).max(253)).min(1).max(100).optional().describe('Entries of the Secret; all when left out.'),
      org: orgArgument,
    }),
    output: anObject,
    annotations: { title, readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    async run({ name, agentRef, secretRef, purpose, keys, org: named }, request) {
      const resource = {
        kind: AgentSecretGrant.names.kind,
        metadata: { name },
        spec: { subject: { kind: 'agent-stack', name: agentRef }, secretRef: { name: secretRef, ...(keys === undefined ? {} : { keys }) }, purpose },
      };
      return request.call('resources.create', { org: await request.org(named), resource });
    },
  });
}
