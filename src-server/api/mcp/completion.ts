import type { CompleteRequestParams, CompleteResult } from '@modelcontextprotocol/sdk/types.js';
import { StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import type { McpPrompt } from './mcpPrompt';
import type { McpRequest } from './mcpRequest';
import type { McpResources } from './mcpResources';

/** MCP allows no more. */
const MAX_VALUES = 100;

export interface CompletionDeps {
  readonly resources: McpResources;
  readonly prompts: readonly McpPrompt[];
  /** The kind whose objects are the organizations. */
  readonly organization: AnyKind;
}

/** What an argument of a prompt or a variable of a resource template may be, from what is there. */
export async function complete(deps: CompletionDeps, request: McpRequest, params: CompleteRequestParams): Promise<CompleteResult> {
  const { ref, argument } = params;
  const others = params.context?.arguments ?? {};
  if (ref.type === 'ref/prompt') {
    const prompt = deps.prompts.find(({ name }) => name === ref.name);
    if (prompt === undefined) throw new StatusError('BadRequest', `There is no prompt "${ref.name.slice(0, 100)}".`);
    const found = prompt.arguments.find(({ name }) => name === argument.name);
    return answer(await found?.complete?.(request, { value: argument.value, others }), argument.value);
  }
  const kind = deps.resources.kindOf(ref.uri);
  if (kind === undefined) throw new StatusError('BadRequest', `There is no resource template ${ref.uri.slice(0, 200)}.`);
  switch (argument.name) {
    case 'org':
      return answer(await completeOrg(deps.organization, request, argument.value), argument.value);
    case 'name':
      return answer(await completeName(kind, request, { value: argument.value, others }), argument.value);
    case 'format':
      return answer(['yaml', 'json'], argument.value);
    default:
      return answer([], argument.value);
  }
}

/** Organizations that the actor may see. */
export async function completeOrg(organization: AnyKind, { resources }: McpRequest, value: string): Promise<string[]> {
  return namesOf(await resources.list(organization, { org: '*', limit: MAX_VALUES, ...(value === '' ? {} : { q: value }) }));
}

/** Names of a kind's objects, in the organization that the other arguments name. */
export async function completeName(kind: AnyKind, request: McpRequest, { value, others }: { value: string; others: Readonly<Record<string, string>> }): Promise<string[]> {
  const org = await request.org(others.org === '' ? undefined : others.org);
  return namesOf(await request.resources.list(kind, { org, limit: MAX_VALUES, ...(value === '' ? {} : { q: value }) }));
}

function namesOf({ items }: { items: readonly { metadata: { name: string } }[] }): string[] {
  return items.map(({ metadata }) => metadata.name);
}

/** `q` finds text anywhere, a completion begins with what is typed. */
function answer(values: readonly string[] | undefined, typed: string): CompleteResult {
  const matching = (values ?? []).filter((value) => value.startsWith(typed.toLowerCase()));
  return { completion: { values: matching.slice(0, MAX_VALUES), total: matching.length, hasMore: (values ?? []).length >= MAX_VALUES } };
}
