import type { Command, Option } from 'commander';
import { createApiClient, route } from './apiClient';
import { LOCAL_CONTEXT, type CommandContext } from './commandContext';
import { readContexts } from './contexts';
import { isHidden } from './hiddenCommand';
import { loadKindCatalogue, type KindCatalogue } from './kindCatalogue';
import type { AnyObject } from './objectOutput';
import { OPEN_APPROVALS } from '#shared/kinds/agents/approvalSelectors';

/** A shell waits for this with the cursor still, so a slow server is not waited for. */
const TIMEOUT_MS = 1500;
const MAX_NAMES = 500;

/** What an argument or option value names, by its placeholder. `kind` is one of the server's kinds; the rest are objects of one. */
const OBJECTS: Readonly<Record<string, { kind: string; fieldSelector?: string }>> = {
  run: { kind: 'agentdispatchruns' },
  approval: { kind: 'agentapprovals', fieldSelector: OPEN_APPROVALS },
  stack: { kind: 'agentstacks' },
  agent: { kind: 'agentstacks' },
  repository: { kind: 'repositories' },
  pr: { kind: 'pullrequests' },
  team: { kind: 'teams' },
  'service-account': { kind: 'agentserviceaccounts' },
};

/**
 * Candidates for the last of `words` (what stands after `kradle`, the last one perhaps empty), from the command tree and, for kinds
 * and names of objects, from the server. Never throws: a shell has nowhere to show an error.
 */
export async function complete(program: Command, context: CommandContext, words: readonly string[]): Promise<string[]> {
  const current = words.at(-1) ?? '';
  const { command, positionals, pending } = walk(program, words.slice(0, -1));
  const candidates = await candidatesFor({ command, positionals, pending, current }, context);
  return [...new Set(candidates)].filter((candidate) => candidate.startsWith(current)).sort();
}

interface Position {
  readonly command: Command;
  readonly positionals: readonly string[];
  /** The option whose value comes next. */
  readonly pending: Option | undefined;
}

async function candidatesFor(at: Position & { current: string }, context: CommandContext): Promise<string[]> {
  const { command, positionals, pending, current } = at;
  if (pending !== undefined) return pending.argChoices ?? (await valuesOf(placeholder(pending.flags), [], context));
  if (current.startsWith('-')) return allOptions(command).flatMap((option) => [option.long, option.short].filter((flag) => flag !== undefined && flag !== null));
  const subcommands = command.commands.filter((each) => !isHidden(each)).map((each) => each.name());
  if (subcommands.length > 0 && positionals.length === 0) return subcommands;
  const argument = command.registeredArguments[Math.min(positionals.length, command.registeredArguments.length - 1)];
  if (argument === undefined || (positionals.length >= command.registeredArguments.length && !argument.variadic)) return [];
  return argument.argChoices ?? (await valuesOf(argument.name(), positionals, context));
}

async function valuesOf(what: string, positionals: readonly string[], context: CommandContext): Promise<string[]> {
  try {
    const api = createApiClient(context.connection, { timeoutMs: TIMEOUT_MS });
    const catalogue = (): Promise<KindCatalogue> => loadKindCatalogue(api);
    const names = async (of: { kind: string; fieldSelector?: string }): Promise<string[]> => {
      const { items } = await api.get<{ items: AnyObject[] }>(route`/api/orgs/${context.org()}/resources`, { ...of, limit: MAX_NAMES });
      return items.map((item) => item.metadata.name);
    };
    if (what === 'kind') return (await catalogue()).all.flatMap((kind) => [kind.plural, ...(kind.shortNames ?? [])]);
    if (what === 'area') return (await catalogue()).all.map((kind) => kind.context);
    if (what === 'name' && positionals[0] !== undefined) return await names({ kind: (await catalogue()).find(positionals[0]).plural });
    if (what === 'context') return [LOCAL_CONTEXT, ...Object.keys(readContexts(context.env).contexts)];
    if (what === 'organization') return (await api.get<{ items: AnyObject[] }>('/api/orgs')).items.map((item) => item.metadata.name);
    const objects = OBJECTS[what];
    return objects === undefined ? [] : await names(objects);
  } catch {
    // No server, no candidates.
    return [];
  }
}

/** Follows the words down the command tree, stepping over options and their values. */
function walk(program: Command, words: readonly string[]): Position {
  let command = program;
  let pending: Option | undefined;
  const positionals: string[] = [];
  for (const word of words) {
    if (pending !== undefined) {
      pending = undefined;
      continue;
    }
    if (word.startsWith('-') && word !== '-') {
      const option = allOptions(command).find((each) => each.long === word || each.short === word);
      pending = option !== undefined && (option.required || option.optional) ? option : undefined;
      continue;
    }
    const next = positionals.length === 0 ? command.commands.find((each) => each.name() === word || each.aliases().includes(word)) : undefined;
    if (next === undefined) positionals.push(word);
    else command = next;
  }
  return { command, positionals, pending };
}

/** A command's own options and those of every command above it. */
function allOptions(command: Command): Option[] {
  return [...command.options, ...(command.parent === null ? [] : allOptions(command.parent))].filter((option) => !option.hidden);
}

/** `--repo <repository>` -> `repository`. */
function placeholder(flags: string): string {
  return /[<[]([a-z-]+)/.exec(flags)?.[1] ?? '';
}
