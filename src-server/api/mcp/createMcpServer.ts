import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema, CompleteRequestSchema, GetPromptRequestSchema, ListPromptsRequestSchema, ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema, ListToolsRequestSchema, ReadResourceRequestSchema, SubscribeRequestSchema, UnsubscribeRequestSchema,
  type CallToolResult, type ServerNotification, type ServerRequest, type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import type { AnyTRPCRouter } from '@trpc/server';
import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { maySeeOrganization, organizationNotFound } from '../../resources/authorize';
import type { ResourceClient } from '../../resources/resourceClient';
import { withoutManagedFields } from '../../resources/withoutManagedFields';
import { createCallerFactory, zodCauses, type RequestContext } from '../../rpc/trpc';
import type { Clock } from '../../app/clock';
import { ownOrganization } from '../kube/objects/objectPlace';
import { toStatusError } from '../rest';
import { complete } from './completion';
import { toRpcError, toToolError } from './mcpErrors';
import type { McpPrompt } from './mcpPrompt';
import { callerOf, type McpCaller, type McpRequest } from './mcpRequest';
import type { McpResources } from './mcpResources';
import type { McpTool } from './mcpTool';
import { boundResult } from './procedureTool';
import { Subscriptions } from './subscriptions';

/** An idle watch says this often that it is there. */
const BOOKMARK_EVERY_MS = 30_000;

export interface McpDeps {
  readonly router: AnyTRPCRouter;
  /** For the system; each request makes its own of it. */
  readonly resources: ResourceClient;
  /** The kind whose objects are the organizations. */
  readonly organization: AnyKind;
  readonly tools: readonly McpTool[];
  readonly prompts: readonly McpPrompt[];
  readonly objects: McpResources;
  /** What a model is told of the server as a whole. */
  readonly instructions: string;
  readonly version: string;
  readonly clock: Clock;
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/**
 * The one definition of what MCP clients can do, for one session. Every message comes with its caller ({@link toAuthInfo}), and is answered
 * as that actor: what it may not see is not there.
 */
export function createMcpServer(deps: McpDeps): Server {
  const { tools, prompts, objects } = deps;
  const server = new Server(
    { name: 'kradle', title: 'Kradle', version: deps.version },
    { capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} }, instructions: deps.instructions },
  );
  const subscriptions = new Subscriptions({
    clock: deps.clock,
    // A client that is gone has its session ended elsewhere.
    notify: (uri) => void server.sendResourceUpdated({ uri }).catch(() => undefined),
    onFailure: (uri, error) => void server.sendLoggingMessage({ level: 'warning', logger: 'kradle', data: `The subscription to ${uri} ended: ${toStatusError(error).message}` }).catch(() => undefined),
  });
  server.onclose = () => subscriptions.close();

  /** Answers as the caller, in the words of the other doors. */
  const answering = <TParams, TResult>(answer: (request: McpRequest, params: TParams) => Promise<TResult>) =>
    async (message: { params?: TParams }, extra: Extra): Promise<TResult> => {
      const caller = callerOf(extra.authInfo);
      try {
        return await answer(openRequest(deps, caller, { extra, warn: () => undefined }), message.params as TParams);
      } catch (error) {
        throw toRpcError(error, caller);
      }
    };

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(describeTool) }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => callTool(deps, params, extra));
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: prompts.map(({ name, title, description, arguments: args }) => ({ name, title, description, arguments: args.map((each) => ({ name: each.name, description: each.description, required: each.required ?? false })) })),
  }));
  server.setRequestHandler(GetPromptRequestSchema, answering(async (request, { name, arguments: args = {} }) => {
    const prompt = prompts.find((each) => each.name === name);
    if (prompt === undefined) throw new StatusError('BadRequest', `There is no prompt "${name.slice(0, 100)}".`);
    const missing = prompt.arguments.find((each) => each.required === true && (args[each.name] ?? '') === '');
    if (missing !== undefined) throw new StatusError('BadRequest', `The prompt ${name} needs the argument ${missing.name}: ${missing.description}`);
    // What a client's form leaves empty was not said.
    const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== ''));
    return { description: prompt.description, messages: [{ role: 'user' as const, content: { type: 'text' as const, text: await prompt.write(request, given) } }] };
  }));
  server.setRequestHandler(ListResourcesRequestSchema, answering((request, params: { cursor?: string } | undefined) => objects.list(request, params?.cursor)));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [...objects.templates] }));
  server.setRequestHandler(ReadResourceRequestSchema, answering((request, { uri }) => objects.read(request, uri)));
  server.setRequestHandler(SubscribeRequestSchema, answering(async (request, { uri }) => {
    const address = objects.parse(uri);
    const bookmarkEveryMs = BOOKMARK_EVERY_MS;
    if ('view' in address) {
      const org = await request.org(address.org);
      await subscriptions.add(uri, (signal) => request.resources.watchOrg({ org, kinds: address.view.kinds, bookmarkEveryMs, signal }));
    } else {
      await request.resources.get(address.kind, address);
      await subscriptions.add(uri, (signal) => request.resources.watch(address.kind, { org: address.org, name: address.name, bookmarkEveryMs, signal }));
    }
    return {};
  }));
  server.setRequestHandler(UnsubscribeRequestSchema, async ({ params }) => {
    subscriptions.remove(params.uri);
    return {};
  });
  server.setRequestHandler(CompleteRequestSchema, answering((request, params) => complete({ ...deps, resources: objects }, request, params)));
  return server;
}

async function callTool(deps: McpDeps, params: { name: string; arguments?: Record<string, unknown> | undefined }, extra: Extra): Promise<CallToolResult> {
  const caller = callerOf(extra.authInfo);
  const warnings: string[] = [];
  try {
    const tool = deps.tools.find(({ name }) => name === params.name);
    if (tool === undefined) throw new StatusError('BadRequest', `There is no tool "${params.name.slice(0, 100)}".`, { code: 'TOOL_NOT_FOUND' });
    const request = openRequest(deps, caller, { extra, warn: (text) => warnings.push(text) });
    const result = await tool.run(readArguments(tool, params.arguments ?? {}), request);
    const { value, notes } = boundResult(result);
    const texts = [JSON.stringify(value), ...warnings.map((text) => `Warning: ${text}`), ...notes];
    return { content: texts.map((text) => ({ type: 'text', text })), structuredContent: value };
  } catch (error) {
    return toToolError(error, caller);
  }
}

function readArguments(tool: McpTool, given: Record<string, unknown>): Record<string, unknown> {
  const parsed = tool.input.safeParse(given);
  if (parsed.success) return parsed.data;
  const known = Object.keys(tool.input.shape);
  const unknown = Object.keys(given).filter((name) => !known.includes(name)).map((name) => ({ code: 'UnknownField', field: name, message: `not an argument of ${tool.name}; it takes ${known.join(', ')}` }));
  const wrong = (zodCauses(parsed.error, given) ?? []).filter(({ code, field }) => code !== 'UnknownField' || field !== '');
  throw new StatusError('BadRequest', `The arguments of ${tool.name} are not valid.`, { causes: [...unknown, ...wrong] });
}

function openRequest(deps: McpDeps, caller: McpCaller, opts: { extra: Extra; warn: (text: string) => void }): McpRequest {
  const { extra, warn } = opts;
  const { actor, origin, correlationId, log } = caller;
  const resources = withoutManagedFields(deps.resources.as(actor));
  const context: RequestContext = { actor, resources, correlationId, log, signal: extra.signal, warn, door: 'mcp', origin };
  const progressToken = extra._meta?.progressToken;
  let ownOrg: Promise<string> | undefined;
  return {
    resources,
    signal: extra.signal,
    org: async (named) => {
      if (named !== undefined) return named;
      return (ownOrg ??= defaultOrg(deps, caller, resources));
    },
    async call(procedure, input) {
      let target: unknown = createCallerFactory(deps.router)(context);
      for (const segment of procedure.split('.')) target = (target as Record<string, unknown>)[segment];
      try {
        return (await (target as (input: unknown) => Promise<unknown>)(input)) as never;
      } catch (error) {
        throw toStatusError(error, input);
      }
    },
    async progress(update) {
      if (progressToken === undefined) return;
      await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, ...update } });
    },
  };
}

/** The organization of the address, of the run, or that the actor works in. */
async function defaultOrg(deps: McpDeps, { org, actor }: McpCaller, resources: ResourceClient): Promise<string> {
  const said = org ?? actor.run?.org ?? (await ownOrganization(resources, deps.organization));
  if (said === undefined) throw new StatusError('BadRequest', 'You belong to no organization yet; name one with the argument org.', { code: 'ORG_REQUIRED' });
  if (!maySeeOrganization(actor, said)) throw organizationNotFound(said);
  return said;
}

const described = new WeakMap<McpTool, Tool>();

/** Made once a tool: every session asks. */
function describeTool(tool: McpTool): Tool {
  const known = described.get(tool);
  if (known !== undefined) return known;
  const { name, title, description, annotations } = tool;
  const made: Tool = {
    name, title, description, annotations,
    inputSchema: toObjectSchema(tool.input, 'input'),
    ...(tool.output === undefined ? {} : { outputSchema: toObjectSchema(tool.output, 'output') }),
  };
  described.set(tool, made);
  return made;
}

function toObjectSchema(schema: z.ZodObject, io: 'input' | 'output'): Tool['inputSchema'] {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-7', unrepresentable: 'any' });
  return rest as Tool['inputSchema'];
}
