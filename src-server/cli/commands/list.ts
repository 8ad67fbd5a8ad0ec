import { Option, type Command } from 'commander';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { usageError } from '../exitCode';
import { printObjects, type AnyObject } from '../objectOutput';

export interface ListFlags {
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly query?: string;
  readonly sort?: string;
  readonly limit?: string;
  readonly continue?: string;
}

interface ListPage {
  readonly apiVersion: string;
  readonly kind: string;
  readonly items: AnyObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
}

/** Objects that are asked for at a time when all are wanted. */
const PAGE = 500;

export function registerList(program: Command, context: CommandContext): void {
  addListOptions(program.command('list').alias('ls').helpGroup('Objects:').description('list objects of a kind').argument('<kind>', 'kind, plural or short name')).action(
    (kind: string, flags: ListFlags) => listObjects(context, kind, flags),
  );
}

export function addListOptions(command: Command): Command {
  return command
    .option('-l, --selector <labels>', 'label selector: app=web,tier!=cache')
    .option('--field-selector <fields>', 'field selector: status.phase=Running')
    .option('-q, --query <text>', 'text to look for in names and titles')
    .option('--sort <path>', 'field to sort by, "-" in front for descending: -metadata.creationTimestamp')
    .option('--limit <count>', 'stop after so many objects')
    .addOption(new Option('--continue <token>', 'go on where a limited list stopped'));
}

/** Lists and prints every page, or one when the command line limits it. */
export async function listObjects(context: CommandContext, kindName: string, flags: ListFlags): Promise<void> {
  const kind = (await context.kinds()).find(kindName);
  const limit = flags.limit === undefined ? undefined : parseLimit(flags.limit);
  let page: ListPage | undefined;
  const items: AnyObject[] = [];
  do {
    page = await context.api().get<ListPage>(route`/api/orgs/${context.org()}/resources`, {
      kind: kind.plural,
      labelSelector: flags.selector,
      fieldSelector: flags.fieldSelector || undefined,
      q: flags.query,
      sort: flags.sort,
      limit: limit === undefined ? PAGE : Math.min(1000, limit - items.length),
      continue: page?.metadata.continue ?? flags.continue,
    });
    items.push(...page.items);
  } while (page.metadata.continue !== undefined && (limit === undefined || items.length < limit));
  await printObjects(context, kind, { ...page, items });
  if (page.metadata.continue === undefined) return;
  const remaining = page.metadata.remainingItemCount;
  context.terminal.err(`${remaining === undefined ? 'There are more' : `${remaining} more`}: --continue ${page.metadata.continue}\n`);
}

/** Joins selectors, and requirements `field=value`; what is undefined says nothing. */
export function joinSelectors(selectors: readonly (string | undefined)[], fields: Readonly<Record<string, string | undefined>>): string {
  const added = Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [`${field}=${value}`]));
  return [...selectors, ...added].filter((part) => part !== undefined && part !== '').join(',');
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) throw usageError(`--limit must be a whole number from 1 up, not "${text}".`);
  return limit;
}
