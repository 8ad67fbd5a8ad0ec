import type { Command } from 'commander';
import { clusterModeMessage, type ForeignKind } from '#shared/kind/foreignKind';
import { route } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { usageError } from '../exitCode';
import type { DescribedKind, KindCatalogue, KindInfo } from '../kindCatalogue';
import { printValue } from '../objectOutput';
import { renderTextTable, type TextColumn } from '../textTable';

interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly format?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
  readonly additionalProperties?: boolean | FieldSchema;
}

export function registerKinds(program: Command, context: CommandContext): void {
  program
    .command('kinds')
    .helpGroup('Objects:')
    .description('list the kinds of objects; with a kind, explain its fields')
    .argument('[kind]', 'kind, plural or short name')
    .option('--area <area>', 'only those of one area: forge, agents, external')
    .action(async (name: string | undefined, flags: { area?: string }) => {
      const catalogue = await context.kinds();
      if (name === undefined) return listKinds(context, ofArea(catalogue, flags.area));
      const foreign = catalogue.findForeign(name);
      return foreign.length > 0 ? explainForeign(context, foreign) : explainKind(context, await context.api().get<DescribedKind>(route`/api/kinds/${catalogue.find(name).plural}`));
    });
}

type Listed = Pick<KindCatalogue, 'all' | 'foreign'>;

function ofArea(catalogue: KindCatalogue, wanted: string | undefined): Listed {
  if (wanted === undefined) return catalogue;
  const isWanted = (kind: { context: string }): boolean => kind.context === wanted.toLowerCase();
  const found = { all: catalogue.all.filter(isWanted), foreign: catalogue.foreign.filter(isWanted) };
  if (found.all.length + found.foreign.length > 0) return found;
  const contexts = [...new Set([...catalogue.all, ...catalogue.foreign].map((kind) => kind.context))].sort();
  throw usageError(`There is no area "${wanted}"; the areas are ${contexts.join(', ')}.`);
}

async function listKinds(context: CommandContext, { all, foreign }: Listed): Promise<void> {
  if (await printValue(context, { items: all, foreign })) return;
  const { terminal } = context;
  const format = context.format();
  if (format === 'name') return terminal.out([...all.map((kind) => `${kind.plural}.${groupOf(kind)}`), ...foreign.map(clusterName)].map((each) => `${each}\n`).join(''));
  const width = format === 'wide' ? Number.POSITIVE_INFINITY : terminal.columns;
  const render = (columns: readonly KindColumn[], rows: readonly (readonly string[])[]): void => {
    const shown = columns.map((column) => format === 'wide' || column.wide !== true);
    const visible = (cells: readonly string[]): string[] => cells.filter((_, index) => shown[index]).map((cell) => cell || '-');
    if (rows.length > 0) terminal.out(renderTextTable(columns.filter((_, index) => shown[index]), rows.map(visible), width));
  };
  render(KIND_COLUMNS, all.map((kind) => [
    kind.kind, kind.plural, shortNamesOf(kind), kind.apiVersion, scopeOf(kind), kind.storage, kind.context, kind.aliases.join(','), kind.purpose,
  ]));
  if (foreign.length === 0) return;
  // For people; a script that reads the table takes the blank line as its end.
  terminal.out(`${all.length > 0 ? '\n' : ''}${terminal.style.dim('Of other makers; they belong to cluster mode:')}\n`);
  render(FOREIGN_COLUMNS, foreign.map((kind) => [kind.kind, clusterName(kind), kind.clusterKind ?? kind.kind, kind.scope.toLowerCase(), kind.namespace ?? '', kind.storage, kind.context, kind.purpose]));
}

type KindColumn = TextColumn & { readonly wide?: boolean };

const KIND_COLUMNS: readonly KindColumn[] = [
  { header: 'Kind' }, { header: 'Plural' }, { header: 'Short' }, { header: 'API version' }, { header: 'Scope' }, { header: 'Storage' }, { header: 'Context' },
  { header: 'Older names', wide: true }, { header: 'Purpose' },
];
const FOREIGN_COLUMNS: readonly KindColumn[] = [
  { header: 'Kind' }, { header: 'In the cluster' }, { header: 'Kind there', wide: true }, { header: 'Scope' }, { header: 'Namespace', wide: true }, { header: 'Storage' }, { header: 'Context' },
  { header: 'Purpose' },
];

async function explainKind(context: CommandContext, kind: DescribedKind): Promise<void> {
  if (await printValue(context, kind)) return;
  const { terminal } = context;
  const schema = kind.schema as FieldSchema;
  const fields = ['spec', 'status'].flatMap((part) => fieldRows(schema.properties?.[part] ?? {}, part));
  terminal.out(`${terminal.style.bold(kind.kind)}  ${kind.purpose}\n\n`);
  terminal.out(facts([
    ['Plural', kind.plural], ['Short names', shortNamesOf(kind)], ['API version', kind.apiVersion], ['Scope', scopeOf(kind)],
    ['Storage', kind.storage], ['Context', kind.context], ['Older names', kind.aliases.join(', ')],
  ]));
  terminal.out(`\n${renderTextTable([{ header: 'Field' }, { header: 'Type' }, { header: 'Required' }, { header: 'Description' }], fields, terminal.columns)}`);
}

async function explainForeign(context: CommandContext, kinds: readonly ForeignKind[]): Promise<void> {
  const [only] = kinds;
  if (await printValue(context, kinds.length === 1 ? only : { foreign: kinds })) return;
  const { terminal } = context;
  for (const kind of kinds) {
    terminal.out(`${terminal.style.bold(kind.kind)}  ${kind.purpose}\n\n`);
    terminal.out(`${facts([
      ['Kind there', kind.clusterKind ?? kind.kind], ['In the cluster', clusterName(kind)], ['Scope', kind.scope.toLowerCase()], ['Namespace', kind.namespace ?? ''],
      ['Storage', kind.storage], ['Context', kind.context],
    ])}\n`);
  }
  terminal.out(`${clusterModeMessage(kinds)}\n`);
}

function facts(rows: readonly (readonly [string, string])[]): string {
  return rows.filter(([, value]) => value !== '').map(([name, value]) => `${name.padEnd(15)} ${value}\n`).join('');
}

/** `applications.core.oam.dev`, as kubectl names a resource. */
function clusterName(kind: ForeignKind): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

function groupOf(kind: KindInfo): string {
  return kind.apiVersion.split('/')[0] ?? '';
}

/** Every kind lives in a namespace: the installation's one, or that of its organization. */
function scopeOf(kind: KindInfo): string {
  return kind.placement === 'platform' ? 'platform' : 'namespaced';
}

function shortNamesOf(kind: KindInfo): string {
  return (kind.shortNames ?? []).join(',');
}

function fieldRows(schema: FieldSchema, path: string): string[][] {
  if (schema.items !== undefined) return fieldRows(schema.items, `${path}[]`);
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => [
    [`${path}.${key}`, typeText(field), schema.required?.includes(key) === true ? 'yes' : '', descriptionText(field)],
    ...fieldRows(field, `${path}.${key}`),
  ]);
}

function typeText(schema: FieldSchema): string {
  if (schema.enum !== undefined) return schema.enum.join('|');
  if (schema.items !== undefined) return `[]${typeText(schema.items)}`;
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') return `map of ${typeText(schema.additionalProperties)}`;
  return schema.format === 'date-time' ? 'time' : [schema.type ?? 'any'].flat().join('|');
}

function descriptionText(schema: FieldSchema): string {
  const fallback = schema.default === undefined ? '' : `Default: ${JSON.stringify(schema.default)}.`;
  return [schema.description ?? '', fallback].filter(Boolean).join(' ');
}
