import type { Command } from 'commander';
import type { CommandContext } from '../commandContext';
import { printValue } from '../objectOutput';
import { renderTextTable } from '../textTable';

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
    .action(async (name: string | undefined) => {
      const catalogue = await context.kinds();
      const { terminal } = context;
      if (name === undefined) {
        if (await printValue(context, { items: catalogue.all })) return;
        const columns = [{ header: 'Kind' }, { header: 'Plural' }, { header: 'Short' }, { header: 'Context' }, { header: 'Purpose' }];
        const rows = catalogue.all.map((kind) => [kind.kind, kind.plural, (kind.shortNames ?? []).join(','), kind.context, kind.purpose]);
        return terminal.out(renderTextTable(columns, rows, terminal.columns));
      }
      const kind = catalogue.find(name);
      if (await printValue(context, kind)) return;
      const schema = kind.schema as FieldSchema;
      const fields = ['spec', 'status'].flatMap((part) => fieldRows(schema.properties?.[part] ?? {}, part));
      terminal.out(`${terminal.style.bold(kind.kind)}  ${kind.purpose}\n\n`);
      terminal.out(renderTextTable([{ header: 'Field' }, { header: 'Type' }, { header: 'Required' }, { header: 'Description' }], fields, terminal.columns));
    });
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
