import { cellText, tableColumns, type TableColumn } from '#shared/kind/table';
import type { CommandContext } from './commandContext';
import type { KindInfo } from './kindCatalogue';
import type { Style, Terminal } from './terminal';
import { safeLine } from './terminalText';
import { renderTextTable } from './textTable';

export const OUTPUT_FORMATS = ['table', 'wide', 'yaml', 'json', 'name'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** As much of an object as the CLI reads itself; the rest passes through. */
export interface AnyObject {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface ObjectList {
  readonly items: readonly AnyObject[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Prints a list in the format that was asked for; a table by default. */
export async function printObjects(context: CommandContext, kind: KindInfo, list: ObjectList): Promise<void> {
  const { terminal } = context;
  const format = context.format() ?? 'table';
  switch (format) {
    case 'json':
      return printJson(terminal, list);
    case 'yaml':
      return printYaml(terminal, list.items.length === 1 ? list.items[0] : list);
    case 'name':
      return printNames(terminal, kind, list.items);
    case 'table':
    case 'wide':
      if (list.items.length === 0) return terminal.err(`No ${kind.title.toLowerCase()} in organization ${context.org()}.\n`);
      return terminal.out(objectTable(kind, list.items, { wide: format === 'wide', terminal, now: Date.now() }));
  }
}

/** Prints one object; YAML by default, because a row would hide most of it. */
export async function printObject(context: CommandContext, kind: KindInfo, object: AnyObject): Promise<void> {
  const format = context.format() ?? 'yaml';
  if (format === 'json') return printJson(context.terminal, object);
  if (format === 'yaml') return printYaml(context.terminal, object);
  return printObjects(context, kind, { items: [object] });
}

/** `true` when the command line asked for JSON or YAML and `value` was printed so; else the caller shows it in words. */
export async function printValue(context: CommandContext, value: unknown): Promise<boolean> {
  const format = context.format();
  if (format === 'json') printJson(context.terminal, value);
  else if (format === 'yaml') await printYaml(context.terminal, value);
  else return false;
  return true;
}

export function objectTable(kind: Pick<KindInfo, 'columns'>, objects: readonly AnyObject[], opts: { wide: boolean; terminal: Terminal; now: number }): string {
  const columns = tableColumns(kind, { wide: opts.wide });
  return renderTextTable(
    columns.map((column) => ({ header: column.name, align: column.align, ...painter(column, opts.terminal.style) })),
    objects.map((object) => columns.map((column) => safeLine(cellText(column, object, opts.now)) || '-')),
    opts.wide ? Number.POSITIVE_INFINITY : opts.terminal.columns,
  );
}

/** Colour of a phase or state word, the same everywhere in the CLI. */
export function phaseColour(style: Style, phase: string): (text: string) => string {
  switch (phase) {
    case 'Ready':
    case 'Completed':
    case 'Approved':
    case 'Active':
    case 'Open':
      return style.green;
    case 'Failed':
    case 'Denied':
    case 'Blocked':
    case 'NotFound':
      return style.red;
    case 'Merged':
      return style.magenta;
    case 'Running':
    case 'Importing':
      return style.blue;
    case 'Pending':
    case 'AwaitingApproval':
    case 'Queued':
      return style.yellow;
    default:
      return (text) => text;
  }
}

function printJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}

async function printYaml(terminal: Terminal, value: unknown): Promise<void> {
  const { stringify } = await import('yaml');
  terminal.out(stringify(value, { lineWidth: 0 }));
}

function printNames(terminal: Terminal, kind: KindInfo, items: readonly AnyObject[]): void {
  terminal.out(items.map((item) => `${kind.singular}/${item.metadata.name}\n`).join(''));
}

function painter(column: TableColumn, style: Style): { paint: (padded: string, text: string) => string } {
  if (column.id === 'metadata.name') return { paint: (padded) => style.bold(padded) };
  if (column.type === 'phase') return { paint: (padded, text) => phaseColour(style, text)(padded) };
  return { paint: (padded, text) => (text === '-' ? style.dim(padded) : padded) };
}
